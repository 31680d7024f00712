import { rm } from 'node:fs/promises';
import type {
  Append,
  AppendResult,
  CommitSummary,
  Lake,
  MaintenanceResult,
  NewTable,
  OptimizeResult,
  Scan,
  ScanRequest,
  TableChange,
  TableDescription,
  TableRef,
  TableVersion,
  VacuumRequest,
  VacuumResult,
} from './lake.ts';
import { DeltaLog } from './log/delta-log.ts';
import { deleteBefore } from './maintenance/delete-before.ts';
import { optimizeTable } from './maintenance/optimize.ts';
import { Upkeep } from './maintenance/upkeep.ts';
import { vacuumTable } from './maintenance/vacuum.ts';
import type { ObjectStore } from './object-store/object-store.ts';
import { ParquetEngine } from './parquet/engine.ts';
import { alterTable } from './table/alter.ts';
import { appendRows, checkTable } from './table/append.ts';
import { createTable } from './table/create.ts';
import { describeTable } from './table/describe.ts';
import type { LakeTable } from './table/lake-table.ts';
import { scanTable } from './table/scan.ts';
import { TableQueue } from './table/table-queue.ts';

export interface LocalLakeOptions {
  readonly store: ObjectStore;
  /** For this process alone: what a crashed one left in it is deleted. */
  readonly temporaryDirectory: string;
  /** What DuckDB may hold. */
  readonly memoryLimitBytes: number;
  /** Default 2. */
  readonly threads?: number;
  /** Milliseconds since 1970. Default `Date.now`. */
  readonly now?: () => number;
  /** Program and version that commits name. */
  readonly engineInfo?: string;
  /** DuckDB has found itself broken: this process should end, its successor will work. */
  readonly onBroken?: () => void;
}

/** Logs that are kept open, with what they have read; the longest unused goes first. */
const MOST_LOGS = 500;

/**
 * The lake in this process. Appends to one table, and maintenance of one table, run one after the other here; between
 * the two, and between processes, the log decides.
 */
export class LocalLake implements Lake {
  readonly #store: ObjectStore;
  readonly #engine: ParquetEngine;
  readonly #now: () => number;
  readonly #engineInfo: string | undefined;
  readonly #logs = new Map<string, DeltaLog>();
  readonly #appends = new TableQueue();
  readonly #maintenance = new TableQueue();
  readonly #upkeep = new Upkeep();

  private constructor(store: ObjectStore, engine: ParquetEngine, now: () => number, engineInfo: string | undefined) {
    this.#store = store;
    this.#engine = engine;
    this.#now = now;
    this.#engineInfo = engineInfo;
  }

  static async open(options: LocalLakeOptions): Promise<LocalLake> {
    const { store, temporaryDirectory, memoryLimitBytes, threads = 2, now = Date.now, onBroken } = options;
    await rm(temporaryDirectory, { recursive: true, force: true });
    const engine = await ParquetEngine.open({ memoryLimitBytes, threads, temporaryDirectory, onBroken });
    return new LocalLake(store, engine, now, options.engineInfo);
  }

  /** Nothing may be under way any more. */
  close(): void {
    this.#engine.close();
  }

  async createTable(table: NewTable, userName?: string): Promise<{ readonly version: number }> {
    this.#logs.delete(table.location);
    return createTable(this.#table(table.location), table, userName);
  }

  async describe(location: string, at?: TableVersion): Promise<TableDescription> {
    return describeTable(this.#store, location, await this.#table(location).log.snapshot(at));
  }

  async scan(location: string, request: ScanRequest = {}): Promise<Scan> {
    const table = this.#table(location);
    return scanTable(table, await table.log.snapshot(request.at), request.filters);
  }

  async append(append: Append): Promise<AppendResult> {
    const { location } = append.table;
    return this.#appends.run(location, () => appendRows(this.#table(location), append));
  }

  async lastTransaction(table: TableRef, appId: string): Promise<number | undefined> {
    const snapshot = await this.#table(table.location).log.snapshot();
    checkTable(snapshot, table);
    return snapshot.transactions.get(appId)?.version;
  }

  async alter(location: string, change: TableChange, userName?: string): Promise<{ readonly version: number }> {
    return alterTable(this.#table(location), change, userName);
  }

  async history(location: string, limit?: number): Promise<CommitSummary[]> {
    return this.#table(location).log.history(limit);
  }

  async optimize(location: string, userName?: string): Promise<OptimizeResult> {
    return this.#maintenance.run(location, () => optimizeTable(this.#table(location), { effort: 'all', userName }));
  }

  async vacuum(location: string, request?: VacuumRequest, userName?: string): Promise<VacuumResult> {
    return this.#maintenance.run(location, () => vacuumTable(this.#table(location), request, userName));
  }

  async deleteBefore(location: string, column: readonly string[], before: number): Promise<{ readonly rows: number }> {
    return this.#maintenance.run(location, () => deleteBefore(this.#table(location), column, before));
  }

  async maintain(location: string): Promise<MaintenanceResult> {
    return this.#maintenance.run(location, () => this.#upkeep.maintain(this.#table(location)));
  }

  async remove(location: string): Promise<void> {
    await this.#appends.run(location, () => this.#maintenance.run(location, () => this.#removeAll(location)));
  }

  /** The log goes first, so that no reader finds a table whose files are gone. */
  async #removeAll(location: string): Promise<void> {
    this.#logs.delete(location);
    this.#upkeep.forget(location);
    for (const prefix of [`${location}/_delta_log/`, `${location}/`]) {
      const keys: string[] = [];
      for await (const { key } of this.#store.list(prefix)) keys.push(key);
      await this.#store.delete(keys);
    }
  }

  #table(location: string): LakeTable {
    return { store: this.#store, engine: this.#engine, location, log: this.#log(location), now: this.#now };
  }

  #log(location: string): DeltaLog {
    const log =
      this.#logs.get(location) ??
      new DeltaLog({
        store: this.#store,
        location,
        engine: this.#engine,
        now: this.#now,
        ...(this.#engineInfo === undefined ? {} : { engineInfo: this.#engineInfo }),
      });
    this.#logs.delete(location);
    this.#logs.set(location, log);
    const [oldest] = this.#logs.keys();
    if (this.#logs.size > MOST_LOGS && oldest !== undefined) this.#logs.delete(oldest);
    return log;
  }
}
