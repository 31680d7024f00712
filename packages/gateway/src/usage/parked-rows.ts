import { readdir, unlink } from 'node:fs/promises';
import path from 'node:path';
import type { TableRef } from '../lake/lake.ts';
import { lakeFailure, messageOf } from './lake-failure.ts';
import { transactionVersion, type LoadRecord, type TableBatch, type UnreadableRecord } from './load-batch.ts';
import type { LoaderLake, LoaderLog, LoaderProgress } from './loader-options.ts';
import {
  listParked,
  markLanded,
  namesIn,
  parkedDirectoryOf,
  readParked,
  writeInto,
  writeParked,
  type ParkedFile,
  type ParkedHead,
} from './parked-file.ts';
import { segmentNumbers } from './spool-format.ts';

export interface ParkedRowsOptions {
  readonly lake: LoaderLake;
  readonly directory: string;
  readonly feed: { readonly name: string; readonly directory: string };
  readonly spoolId: string;
  readonly appId: string;
  readonly log: LoaderLog;
  readonly report: (progress: LoaderProgress) => void;
}

/**
 * Rows of one feed whose tables do not take them, in files `<table id>/<feed>-<spool id>-<segment>-<offset>.ndjson`.
 * Each file has a transaction id of its own, so that its rows land once, too, whatever the feed has loaded since.
 * A file that has landed leaves a mark as long as the spool still has its records: without it they would be taken
 * for new ones after a restart.
 */
export class ParkedRows {
  readonly #options: ParkedRowsOptions;

  constructor(options: ParkedRowsOptions) {
    this.#options = options;
  }

  /** Everything of this spool up to here is in the table, or parked for it; -1 where nothing ever was parked. */
  async floor(table: TableRef): Promise<number> {
    return (await this.#ofSpool(table)).reduce((highest, file) => Math.max(highest, transactionVersion(file)), -1);
  }

  /**
   * Parks records that stand behind all that is parked already.
   * @param checked whether it is known that none of them is in the table.
   */
  async park({ table, records }: TableBatch, checked: boolean, error: unknown): Promise<void> {
    const { feed, spoolId, appId, log, report } = this.#options;
    const last = records.at(-1)!.version;
    const name = `${feed.name}-${spoolId}-${Math.floor(last / 2 ** 32)}-${last % 2 ** 32}.ndjson`;
    const file = path.join(parkedDirectoryOf(this.#options.directory, table.id), name);
    const rows = countRows(records);
    const reason = messageOf(error);
    await writeParked(file, { table, appId, checked, reason }, records);
    log.error(
      { feed: feed.name, table: table.location, rows, reason },
      'a table does not take its rows; they are parked',
    );
    report({ feed: feed.name, table: table.id, outcome: 'parked', rows });
  }

  /** Once the table's `version` of this feed is known, and before more is appended: leaves out what it has already. */
  async check(table: TableRef, version: number): Promise<void> {
    for (const { file, landed } of await this.#ofSpool(table)) {
      if (!landed) await this.#check(file, version);
    }
  }

  /** Keeps a record that could not be understood. */
  async keepUnreadable({ position, payload, error }: UnreadableRecord): Promise<void> {
    const { feed, spoolId, log, report } = this.#options;
    const directory = path.join(this.#options.directory, 'unreadable');
    const name = `${feed.name}-${spoolId}-${position.segment}-${position.offset}.bin`;
    if ((await namesIn(directory)).includes(name)) return;
    await writeInto(directory, name, [payload]);
    log.error(
      { feed: feed.name, file: name, reason: messageOf(error) },
      'a record of the spool cannot be read; it was put aside',
    );
    report({ feed: feed.name, table: undefined, outcome: 'unreadable', rows: 0 });
  }

  /** Tries to bring every parked file into its table, and removes marks that are no longer needed. */
  async retry(signal: AbortSignal): Promise<void> {
    const { directory, feed, spoolId } = this.#options;
    const oldest = segmentNumbers(await readdir(feed.directory))[0] ?? Infinity;
    for (const name of await namesIn(directory)) {
      if (name === 'unreadable') continue;
      for (const file of await listParked(path.join(directory, name), feed.name)) {
        if (signal.aborted) return;
        if (!file.landed) await this.#tryLanding(file);
        else if (file.spoolId !== spoolId || file.segment < oldest) await unlink(file.file);
      }
    }
  }

  async #tryLanding({ file }: ParkedFile): Promise<void> {
    try {
      await this.#land(file);
    } catch (error) {
      if (lakeFailure(error) === 'gone') return this.#drop(file);
      const { feed, log } = this.#options;
      log.warn(
        { feed: feed.name, file: path.basename(file), reason: messageOf(error) },
        'parked rows cannot be loaded yet',
      );
    }
  }

  async #land(file: string): Promise<void> {
    const { lake, feed, log, report } = this.#options;
    const { head, records } = await this.#readChecked(file);
    const { table, appId } = head;
    const last = records.at(-1);
    if (last !== undefined) {
      const transaction = { appId: `${appId}/parked/${last.version}`, version: last.version };
      await lake.append({ table, rows: records.map(({ lines }) => lines), transaction });
    }
    await markLanded(file);
    const rows = countRows(records);
    log.info({ feed: feed.name, table: table.location, rows }, 'parked rows are in their table now');
    report({ feed: feed.name, table: table.id, outcome: 'landed', rows });
  }

  async #drop(file: string): Promise<void> {
    const { feed, log, report } = this.#options;
    const { head, records } = await readParked(file);
    await markLanded(file);
    const rows = countRows(records);
    log.warn(
      { feed: feed.name, table: head.table.location, rows },
      'the table of parked rows is gone; they are dropped',
    );
    report({ feed: feed.name, table: head.table.id, outcome: 'dropped', rows });
  }

  async #readChecked(file: string): Promise<{ head: ParkedHead; records: LoadRecord[] }> {
    const { head, records } = await readParked(file);
    if (head.checked) return { head, records };
    await this.#check(file, (await this.#options.lake.lastTransaction(head.table, head.appId)) ?? -1);
    return readParked(file);
  }

  async #check(file: string, version: number): Promise<void> {
    const { head, records } = await readParked(file);
    if (head.checked) return;
    const missing = records.filter((record) => record.version > version);
    await writeParked(file, { ...head, checked: true }, missing);
  }

  async #ofSpool(table: TableRef): Promise<ParkedFile[]> {
    const { directory, feed, spoolId } = this.#options;
    const files = await listParked(parkedDirectoryOf(directory, table.id), feed.name);
    return files.filter((file) => file.spoolId === spoolId);
  }
}

export function countRows(records: readonly LoadRecord[]): number {
  return records.reduce((sum, { count }) => sum + count, 0);
}
