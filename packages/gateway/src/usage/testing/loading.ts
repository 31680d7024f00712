import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Loader } from '../loader.ts';
import type { LoaderOptions, LoaderProgress } from '../loader-options.ts';
import type { SpoolFeed } from '../spool-feed.ts';
import { Spool, type SpoolPosition } from '../spool.ts';
import { decodeTableRows, encodeTableRows } from '../table-rows.ts';
import { FakeLake } from './fake-lake.ts';

/** A spool, tables in memory, and loaders that may be started and crashed at will. For tests. */
export class Loading {
  readonly root = mkdtempSync(path.join(tmpdir(), 'ucode-loader-'));
  readonly directory = path.join(this.root, 'spool');
  readonly parked = path.join(this.root, 'parked');
  readonly lake = new FakeLake();
  readonly progress: LoaderProgress[] = [];
  readonly messages: string[] = [];
  readonly loaded: SpoolPosition[] = [];
  spool!: Spool;
  loader!: Loader;

  async open(segmentBytes = 4096): Promise<void> {
    this.spool = await Spool.open({ directory: this.directory, maxBytes: 64 * 1024 * 1024, segmentBytes });
  }

  get feed(): SpoolFeed {
    return { name: 'test', directory: this.directory, toRows: decodeTableRows };
  }

  /** A new loader, told what is committed. The last one is left as it is. */
  start(options: Partial<LoaderOptions> = {}): void {
    const log = (_: object, message: string): void => void this.messages.push(message);
    this.loader = new Loader({
      lake: this.lake,
      feeds: [this.feed],
      parkedDirectory: this.parked,
      commitIntervalMs: 1,
      log: { info: log, warn: log, error: log },
      onLoaded: (_, position) => this.#onLoaded(position),
      onProgress: (progress) => this.progress.push(progress),
      ...options,
    });
    this.loader.committed('test', this.spool.committed);
    this.loader.start();
  }

  #onLoaded(position: SpoolPosition): void {
    this.loaded.push(position);
    void this.spool.acknowledge(position);
  }

  /** Appends one record with a row for each number, and tells the loader. */
  async append(table: string, ...numbers: number[]): Promise<void> {
    const lines = Buffer.from(numbers.map((n) => `{"n":${n}}\n`).join(''));
    const ref = { id: table, location: `main/default/${table}` };
    await this.spool.appendBytes(encodeTableRows({ table: ref, lines, count: numbers.length }));
    this.loader?.committed('test', this.spool.committed);
  }

  numbers(table: string): number[] {
    return this.lake.rows(table).map((row) => (row as { n: number }).n);
  }

  async close(): Promise<void> {
    await this.loader?.stop();
    await this.spool.close();
    rmSync(this.root, { recursive: true, force: true });
  }
}
