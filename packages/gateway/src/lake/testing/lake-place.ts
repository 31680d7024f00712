import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TableRef } from '../lake.ts';
import { LocalLake } from '../local-lake.ts';
import { LocalStore } from '../object-store/local-store.ts';
import { ParquetEngine } from '../parquet/engine.ts';
import type { StructType } from '../schema/delta-type.ts';

const MEMORY = 256 * 1024 * 1024;

/** A lake in a directory of its own, with an engine that reads it as another program would. */
export class LakePlace {
  readonly directory: string;
  readonly store: LocalStore;
  readonly lake: LocalLake;
  readonly reader: ParquetEngine;
  readonly #clock: { time: number | undefined };

  private constructor(
    parts: Pick<LakePlace, 'directory' | 'store' | 'lake' | 'reader'>,
    clock: { time: number | undefined },
  ) {
    this.directory = parts.directory;
    this.store = parts.store;
    this.lake = parts.lake;
    this.reader = parts.reader;
    this.#clock = clock;
  }

  static async make(): Promise<LakePlace> {
    const directory = await mkdtemp(path.join(tmpdir(), 'lake-'));
    const store = new LocalStore(path.join(directory, 'root'));
    const clock: { time: number | undefined } = { time: undefined };
    const lake = await LocalLake.open({
      store,
      temporaryDirectory: path.join(directory, 'tmp'),
      memoryLimitBytes: MEMORY,
      now: () => clock.time ?? Date.now(),
    });
    const reader = await ParquetEngine.open({
      memoryLimitBytes: MEMORY,
      threads: 2,
      temporaryDirectory: path.join(directory, 'reader'),
    });
    return new LakePlace({ directory, store, lake, reader }, clock);
  }

  /** What the lake takes for now, milliseconds since 1970; the real time while it was never set. */
  get time(): number {
    return this.#clock.time ?? Date.now();
  }

  set time(time: number) {
    this.#clock.time = time;
  }

  async remove(): Promise<void> {
    this.lake.close();
    this.reader.close();
    await rm(this.directory, { recursive: true, force: true });
  }

  async table(
    location: string,
    schema: StructType,
    properties: Readonly<Record<string, string>> = {},
  ): Promise<TableRef> {
    const id = crypto.randomUUID();
    await this.lake.createTable({ id, location, schema, properties });
    return { id, location };
  }

  /** Appends rows given as objects. */
  async append(table: TableRef, rows: readonly object[]): Promise<void> {
    await this.lake.append({ table, rows: [ndjson(rows)] });
  }

  /** Rows of a query over the newest version; `t` is the table. Values as DuckDB spells them in JSON. */
  async query(table: TableRef, sql = 'FROM t'): Promise<unknown[]> {
    const scan = await this.lake.scan(table.location);
    const rows = await this.reader.rows(`WITH t AS (${scan.sql}) SELECT to_json(q)::VARCHAR AS row FROM (${sql}) q`);
    return rows.map((row) => JSON.parse(String(row['row'])) as unknown);
  }

  /** Names of files left in the temporary directory. */
  async leftovers(): Promise<string[]> {
    return readdir(path.join(this.directory, 'tmp'));
  }
}

export function ndjson(rows: readonly object[]): Buffer {
  return Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
}
