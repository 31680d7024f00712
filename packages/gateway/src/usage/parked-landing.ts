import { readdir, rm, unlink } from 'node:fs/promises';
import path from 'node:path';
import { GatewayError } from '../errors/gateway-error.ts';
import { UnfitRowsError } from '../lake/parquet/unfit-rows.ts';
import type { TableRef } from '../lake/lake.ts';
import { lakeFailure, loggableReason } from './lake-failure.ts';
import { countRows, transactionVersion, type LoadRecord } from './load-batch.ts';
import {
  listParked,
  namesIn,
  nextPart,
  parkedName,
  readParked,
  removeLanded,
  writeParked,
  type ParkedFile,
  type ParkedHead,
  type ParkedTransaction,
} from './parked-file.ts';
import type { ParkedRowsOptions } from './parked-rows.ts';
import { segmentNumbers } from './spool-format.ts';
import { partRecords, unfitReasons } from './unfit-lines.ts';

/** Leaves out of a file what the table has already, given its version of the feed. */
type Check = (file: string, version: number) => Promise<void>;

/** The way of parked files into their tables. */
export class ParkedLanding {
  readonly #options: ParkedRowsOptions;
  /** Told of files that must not grow any more: some of their rows may be in the table. */
  readonly #forget: (file: string) => void;

  constructor(options: ParkedRowsOptions, forget: (file: string) => void) {
    this.#options = options;
    this.#forget = forget;
  }

  /** Tries to land every parked file, and removes marks that are no longer needed. */
  async retry(signal: AbortSignal, check: Check): Promise<void> {
    const { directory, feed, spoolId, log } = this.#options;
    const oldest = segmentNumbers(await readdir(feed.directory))[0] ?? Infinity;
    for (const name of await namesIn(directory)) {
      if (name === 'unreadable') continue;
      const place = path.join(directory, name);
      try {
        await this.#removeReplaced(place);
      } catch (error) {
        log.warn({ feed: feed.name, table: name, reason: loggableReason(error) }, 'parked rows cannot be loaded yet');
        continue;
      }
      for (const file of await listParked(place, feed.name)) {
        if (signal.aborted) return;
        if (!file.landed) await this.#tryLanding(file, check);
        else if (file.spoolId !== spoolId || file.segment < oldest) await unlink(file.file);
      }
    }
  }

  /** What a crash left of files that others have grown out of. */
  async #removeReplaced(directory: string): Promise<void> {
    for (const { file, landed } of await listParked(directory, this.#options.feed.name)) {
      if (landed) continue;
      const { head } = await readParked(file);
      if (head.replaces === undefined || !(await namesIn(directory)).includes(head.replaces)) continue;
      if (await this.#counts(head)) await unlink(path.join(directory, head.replaces));
    }
  }

  async #counts({ table, gate }: ParkedHead): Promise<boolean> {
    try {
      return gate === undefined || (await this.#has(table, gate));
    } catch (error) {
      // Both files are dropped.
      if (lakeFailure(error) === 'gone') return false;
      throw error;
    }
  }

  async #tryLanding(file: ParkedFile, check: Check): Promise<void> {
    try {
      await this.#land(file, check);
    } catch (error) {
      if (!(error instanceof GatewayError) || lakeFailure(error) !== 'lasting') this.#forget(file.file);
      if (lakeFailure(error) === 'gone') return this.#drop(file);
      const { feed, log } = this.#options;
      log.warn(
        { feed: feed.name, file: path.basename(file.file), reason: loggableReason(error) },
        'parked rows cannot be loaded yet',
      );
    }
  }

  async #land(file: ParkedFile, check: Check): Promise<void> {
    const { feed, log, report } = this.#options;
    const { head, records } = await this.#readChecked(file.file, check);
    const { table, gate } = head;
    if (gate !== undefined && !(await this.#has(table, gate))) return;
    const landed = await this.#append(file, head, records);
    this.#forget(file.file);
    await removeLanded(file);
    const rows = countRows(landed);
    log.info({ feed: feed.name, table: table.location, rows }, 'parked rows are in their table now');
    report({ feed: feed.name, table: table.id, outcome: 'landed', rows });
  }

  /**
   * Appends the rows that fit and keeps the others in a file of their own, which counts once the append is in the
   * table. @throws UnfitRowsError when none fits.
   */
  async #append(file: ParkedFile, head: ParkedHead, records: readonly LoadRecord[]): Promise<readonly LoadRecord[]> {
    const { lake } = this.#options;
    const { table, appId } = head;
    const version = transactionVersion(file);
    const transaction = { appId: `${appId}/parked/${version}${file.part && `/${file.part}`}`, version };
    if (records.length === 0 || (await this.#has(table, transaction))) return records;
    const rest = path.join(
      path.dirname(file.file),
      parkedName(this.#options.feed.name, file.spoolId, version, nextPart(file.part)),
    );
    // Of a try that did not come to its end.
    await rm(rest, { force: true });
    try {
      await lake.append({ table, rows: records.map(({ lines }) => lines), transaction });
      return records;
    } catch (error) {
      if (!(error instanceof UnfitRowsError)) throw error;
      const { fit, unfit } = partRecords(records, error);
      if (fit.length === 0) throw error;
      this.#forget(file.file);
      await writeParked(rest, { table, appId, checked: true, reason: unfitReasons(error), gate: transaction }, unfit);
      await lake.append({ table, rows: fit.map(({ lines }) => lines), transaction });
      return fit;
    }
  }

  async #drop(file: ParkedFile): Promise<void> {
    const { feed, log, report } = this.#options;
    const { head, records } = await readParked(file.file);
    await removeLanded(file);
    const rows = countRows(records);
    log.warn(
      { feed: feed.name, table: head.table.location, rows },
      'the table of parked rows is gone; they are dropped',
    );
    report({ feed: feed.name, table: head.table.id, outcome: 'dropped', rows });
  }

  async #readChecked(file: string, check: Check): Promise<{ head: ParkedHead; records: LoadRecord[] }> {
    const { head, records } = await readParked(file);
    if (head.checked) return { head, records };
    await check(file, (await this.#options.lake.lastTransaction(head.table, head.appId)) ?? -1);
    return readParked(file);
  }

  async #has(table: TableRef, { appId, version }: ParkedTransaction): Promise<boolean> {
    return ((await this.#options.lake.lastTransaction(table, appId)) ?? -1) >= version;
  }
}
