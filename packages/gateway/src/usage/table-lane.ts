import { GatewayError } from '../errors/gateway-error.ts';
import type { TableRef } from '../lake/lake.ts';
import { UnfitRowsError } from '../lake/parquet/unfit-rows.ts';
import { RepeatedFailure } from '../lib/repeated-failure.ts';
import { backOff } from './backoff.ts';
import { lakeFailure, messageOf } from './lake-failure.ts';
import { countRows, type LoadRecord, type TableBatch } from './load-batch.ts';
import type { LoaderLake, LoaderLog, LoaderProgress } from './loader-options.ts';
import type { ParkedTransaction } from './parked-file.ts';
import type { ParkedRows } from './parked-rows.ts';
import { partRecords } from './unfit-lines.ts';

export interface TableLaneOptions {
  readonly lake: LoaderLake;
  readonly parked: ParkedRows;
  /** Name of the feed. */
  readonly feed: string;
  readonly appId: string;
  readonly log: LoaderLog;
  readonly report: (progress: LoaderProgress) => void;
  /** Aborted at a stop. */
  readonly signal: AbortSignal;
}

/**
 * The way of one feed's rows into one table. One batch at a time; each record lands once: the table itself remembers
 * the last one it has, under the feed's transaction id.
 */
export class TableLane {
  readonly #options: TableLaneOptions;
  /** Version up to which records are in the table or parked. `undefined` while the table could not tell. */
  #done: number | undefined;
  readonly #failure = new RepeatedFailure();

  constructor(options: TableLaneOptions) {
    this.#options = options;
  }

  /**
   * Resolves once every record is in the table, parked, or dropped because the table is gone.
   * @throws Stopped when the stop comes first.
   */
  async load(batch: TableBatch): Promise<void> {
    const { feed, log, signal } = this.#options;
    const table = batch.table.location;
    for (let failures = 0; ;) {
      try {
        await this.#load(batch);
        if (this.#failure.ended()) log.info({ feed, table }, 'rows can be loaded again');
        return;
      } catch (error) {
        failures += 1;
        const reason = messageOf(error);
        if (this.#failure.isToBeSaid(reason)) {
          log.warn({ feed, table, failures, reason }, 'rows cannot be loaded yet; they are kept and tried again');
        }
        await backOff(failures, signal);
      }
    }
  }

  /** One try. Throws what may pass. */
  async #load(batch: TableBatch): Promise<void> {
    const { appId, feed, report } = this.#options;
    let fresh: LoadRecord[] = batch.records;
    try {
      this.#done ??= await this.#open(batch);
      fresh = after(this.#done, batch.records);
      const last = fresh.at(-1);
      if (last === undefined) return;
      const loaded = await this.#append(batch.table, fresh, { appId, version: last.version });
      this.#done = last.version;
      report({ feed, table: batch.table.id, outcome: 'loaded', rows: countRows(loaded) });
    } catch (error) {
      switch (lakeFailure(error)) {
        case 'passing':
          throw error;
        case 'gone':
          return this.#drop(batch, fresh);
        case 'lasting':
          return this.#park(batch, error);
      }
    }
  }

  /** Appends the rows that fit, and parks the others. @returns what was appended. */
  async #append(
    table: TableRef,
    records: readonly LoadRecord[],
    transaction: ParkedTransaction,
  ): Promise<readonly LoadRecord[]> {
    const { lake, parked } = this.#options;
    try {
      await lake.append({ table, rows: records.map(({ lines }) => lines), transaction });
      return records;
    } catch (error) {
      if (!(error instanceof UnfitRowsError)) throw error;
      const { fit, unfit } = partRecords(records, error);
      // Should this go wrong, the next try finds out what became of it before it appends anything.
      this.#done = undefined;
      const settle = await keeping(parked.parkUnfit({ table, records: unfit }, transaction, error));
      await lake.append({ table, rows: fit.map(({ lines }) => lines), transaction });
      await keeping(settle());
      return fit;
    }
  }

  /** Asks the table for the last record it has. */
  async #open({ table }: TableBatch): Promise<number> {
    const { lake, appId, parked } = this.#options;
    const inTable = (await lake.lastTransaction(table, appId)) ?? -1;
    await keeping(parked.check(table, inTable));
    return Math.max(inTable, await keeping(parked.floor(table)));
  }

  /**
   * The append may have been committed all the same, by a try whose answer got lost; so the table is asked once more.
   * When it cannot tell, the parked rows say so, and nothing is appended before they have been checked.
   */
  async #park(batch: TableBatch, cause: unknown): Promise<void> {
    const { lake, appId, parked } = this.#options;
    let inTable: number | undefined;
    try {
      inTable = (await lake.lastTransaction(batch.table, appId)) ?? -1;
    } catch (error) {
      const failure = lakeFailure(error);
      if (failure === 'passing') throw error;
      if (failure === 'gone') return this.#drop(batch, batch.records);
    }
    if (inTable !== undefined) await parked.check(batch.table, inTable);
    const done = Math.max(this.#done ?? -1, inTable ?? -1, await parked.floor(batch.table));
    const records = after(done, batch.records);
    if (records.length > 0) await parked.park({ table: batch.table, records }, inTable !== undefined, cause);
    this.#done = inTable === undefined ? undefined : (records.at(-1)?.version ?? done);
  }

  #drop({ table }: TableBatch, records: readonly LoadRecord[]): void {
    const { feed, log, report } = this.#options;
    const rows = countRows(records);
    log.warn({ feed, table: table.location, rows }, 'the table of these rows is gone; they are dropped');
    report({ feed, table: table.id, outcome: 'dropped', rows });
  }
}

function after(version: number, records: readonly LoadRecord[]): LoadRecord[] {
  return records.filter((record) => record.version > version);
}

/** Failures of our own disk pass; they are not the table's. */
async function keeping<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    throw new GatewayError('gateway_lake_unavailable', 'The files of parked rows cannot be read or written.', {
      cause,
    });
  }
}
