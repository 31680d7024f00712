import { unlink } from 'node:fs/promises';
import path from 'node:path';
import type { UnfitRowsError } from '../lake/parquet/unfit-rows.ts';
import type { TableRef } from '../lake/lake.ts';
import { loggableReason, messageOf } from './lake-failure.ts';
import { countRows, transactionVersion, type LoadRecord, type UnreadableRecord } from './load-batch.ts';
import type { LoaderLake, LoaderLog, LoaderProgress } from './loader-options.ts';
import {
  listParked,
  namesIn,
  parkedDirectoryOf,
  parkedName,
  readParked,
  writeInto,
  writeParked,
  type ParkedFile,
  type ParkedHead,
  type ParkedTransaction,
} from './parked-file.ts';
import { ParkedLanding } from './parked-landing.ts';
import { unfitReasons } from './unfit-lines.ts';

/** A file that rows were parked in grows up to this. */
const MAX_GROWN_BYTES = 1024 * 1024;

export interface ParkedRowsOptions {
  readonly lake: LoaderLake;
  readonly directory: string;
  readonly feed: { readonly name: string; readonly directory: string };
  readonly spoolId: string;
  readonly appId: string;
  readonly log: LoaderLog;
  readonly report: (progress: LoaderProgress) => void;
}

/** Records of one table, in order. */
interface ParkableRows {
  readonly table: TableRef;
  readonly records: readonly LoadRecord[];
}

/** A file of this process that later rows may be put into. */
interface GrowingFile {
  readonly file: string;
  readonly checked: boolean;
  readonly records: readonly LoadRecord[];
}

/**
 * Rows of one feed whose tables do not take them, in files `<table id>/<feed>-<spool id>-<segment>-<offset>.ndjson`.
 * Each file has a transaction id of its own, so that its rows land once, too, whatever the feed has loaded since.
 * A file that has landed leaves a mark as long as the spool still has its records: without it they would be taken
 * for new ones after a restart.
 *
 * Rows that alone do not fit, while the others of their batch go into the table, lie in files with `-u0`. They are
 * written first, and count once the table has the transaction of the others; a crash between the two leaves a file
 * that does not count, and `check` removes it before the batch is loaded again.
 */
export class ParkedRows {
  readonly #options: ParkedRowsOptions;
  readonly #landing: ParkedLanding;
  /** By table and part. Rows are put together, so that a table that takes none for days has few files. */
  readonly #growing = new Map<string, GrowingFile>();

  constructor(options: ParkedRowsOptions) {
    this.#options = options;
    this.#landing = new ParkedLanding(options, (file) => this.#forget(file));
  }

  /** Everything of this spool up to here is in the table, or parked for it; -1 where nothing ever was parked. */
  async floor(table: TableRef): Promise<number> {
    return (await this.#ofSpool(table))
      .filter(({ part }) => part === '')
      .reduce((highest, file) => Math.max(highest, transactionVersion(file)), -1);
  }

  /**
   * Parks records that stand behind all that is parked already.
   * @param checked whether it is known that none of them is in the table.
   */
  async park({ table, records }: ParkableRows, checked: boolean, error: unknown): Promise<void> {
    const { appId, feed, log, report } = this.#options;
    const head = { table, appId, checked, reason: messageOf(error) };
    const written = await this.#write('', head, records, records.at(-1)!.version);
    await this.#settle('', table, written);
    const rows = countRows(records);
    log.error(
      {
        feed: feed.name,
        table: table.location,
        rows,
        file: path.basename(written.file),
        reason: loggableReason(error),
      },
      'a table does not take its rows; they are parked',
    );
    report({ feed: feed.name, table: table.id, outcome: 'parked', rows });
  }

  /**
   * Parks rows whose fellows go into the table with `gate`.
   * @returns to be called once `gate` is in the table.
   */
  async parkUnfit(
    { table, records }: ParkableRows,
    gate: ParkedTransaction,
    error: UnfitRowsError,
  ): Promise<() => Promise<void>> {
    const { appId, feed, log, report } = this.#options;
    const head = { table, appId, checked: true, reason: unfitReasons(error), gate };
    const written = await this.#write('u0', head, records, gate.version);
    return async () => {
      await this.#settle('u0', table, written);
      const rows = countRows(records);
      log.error(
        { feed: feed.name, table: table.location, rows, file: path.basename(written.file), reason: error.message },
        'rows do not fit the columns of their table; they are parked',
      );
      report({ feed: feed.name, table: table.id, outcome: 'parked', rows });
    };
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
      { feed: feed.name, file: name, reason: loggableReason(error) },
      'a record of the spool cannot be read; it was put aside',
    );
    report({ feed: feed.name, table: undefined, outcome: 'unreadable', rows: 0 });
  }

  /** Tries to bring every parked file into its table, and removes marks that are no longer needed. */
  async retry(signal: AbortSignal): Promise<void> {
    await this.#landing.retry(signal, (file, version) => this.#check(file, version));
  }

  /** Writes a file of these records and those of the one that grows; that one stays until `#settle`. */
  async #write(
    part: string,
    head: Omit<ParkedHead, 'records' | 'replaces'>,
    records: readonly LoadRecord[],
    version: number,
  ): Promise<GrowingFile & { readonly replaces: string | undefined }> {
    const { directory, feed, spoolId } = this.#options;
    const file = path.join(parkedDirectoryOf(directory, head.table.id), parkedName(feed.name, spoolId, version, part));
    const older = this.#growing.get(keyOf(head.table, part));
    const grows =
      older !== undefined &&
      older.checked === head.checked &&
      bytesOf([...older.records, ...records]) <= MAX_GROWN_BYTES;
    const all = grows ? [...older.records, ...records] : records;
    const replaces = grows && older.file !== file ? older.file : undefined;
    await writeParked(file, { ...head, ...(replaces && { replaces: path.basename(replaces) }) }, all);
    return { file, checked: head.checked, records: all, replaces };
  }

  /** The file counts now: the one it grew out of goes. */
  async #settle(part: string, table: TableRef, written: GrowingFile & { replaces: string | undefined }): Promise<void> {
    const { file, checked, records, replaces } = written;
    this.#growing.set(keyOf(table, part), { file, checked, records });
    if (replaces !== undefined) await unlink(replaces);
  }

  #forget(file: string): void {
    for (const [key, growing] of this.#growing) if (growing.file === file) this.#growing.delete(key);
  }

  async #check(file: string, version: number): Promise<void> {
    const { head, records } = await readParked(file);
    if (head.gate?.appId === this.#options.appId && head.gate.version > version) {
      this.#forget(file);
      await unlink(file);
    } else if (!head.checked) {
      this.#forget(file);
      const missing = records.filter((record) => record.version > version);
      await writeParked(file, { ...head, checked: true }, missing);
    }
  }

  async #ofSpool(table: TableRef): Promise<ParkedFile[]> {
    const { directory, feed, spoolId } = this.#options;
    const files = await listParked(parkedDirectoryOf(directory, table.id), feed.name);
    return files.filter((file) => file.spoolId === spoolId);
  }
}

function bytesOf(records: readonly LoadRecord[]): number {
  return records.reduce((sum, { lines }) => sum + lines.length, 0);
}

function keyOf(table: TableRef, part: string): string {
  return `${table.id}/${part}`;
}
