import type { Lake } from '../lake/lake.ts';
import type { Catalog, TableInfo } from '../unity/catalog.ts';
import { auditTable } from './audit-table.ts';
import { retentionOf } from './retention.ts';
import { usageTable } from './usage-table.ts';

const USAGE = usageTable.name.join('.');
const AUDIT = auditTable.name.join('.');
/** Milliseconds between two deletions of old rows. */
const RETENTION_INTERVAL_MS = 3_600_000;

export interface UpkeepOptions {
  readonly catalog: Pick<Catalog, 'managedTables'> & { removeDropped(): Promise<void> };
  readonly lake: Pick<Lake, 'maintain' | 'deleteBefore' | 'describe'>;
  readonly intervalMs: number;
  /** Days rows of `system.ai_gateway.usage` are kept. */
  readonly usageRetentionDays: () => number;
  /** Days rows of `system.access.audit` are kept. */
  readonly auditRetentionDays: () => number;
  readonly log: (level: 'info' | 'warn', fields: Readonly<Record<string, unknown>>, message: string) => void;
  readonly now?: () => number;
}

/** Keeps every managed table in shape, one after the other: compaction, checkpoints, clean-up, retention. */
export class Upkeep {
  readonly #options: UpkeepOptions;
  readonly #retainedAt = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> | undefined;
  #stopped = false;

  constructor(options: UpkeepOptions) {
    this.#options = options;
  }

  start(): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      this.#round = this.runOnce().finally(() => this.start());
    }, this.#options.intervalMs);
  }

  /** One round over all tables. Never rejects: what fails is logged and tried again in the next round. */
  async runOnce(): Promise<void> {
    const { catalog } = this.#options;
    for (const info of catalog.managedTables()) {
      if (this.#stopped) return;
      await this.#keep(info);
    }
    try {
      await catalog.removeDropped();
    } catch (error) {
      this.#failed('files of dropped tables', error);
    }
  }

  /** Resolves when the table at hand is done. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#round;
  }

  async #keep(info: TableInfo): Promise<void> {
    const { lake, log } = this.#options;
    if (!info.table) return;
    const name = [info.catalog, info.schema, info.name].join('.');
    try {
      await this.#retain(info, name);
      const done = await lake.maintain(info.table.location);
      if (done.optimized || done.checkpointed || done.vacuumedFiles > 0 || done.cleanedLogFiles > 0) {
        log('info', { table: name, ...done }, 'table upkeep');
      }
    } catch (error) {
      this.#failed(name, error);
    }
  }

  #failed(table: string, error: unknown): void {
    if (this.#stopped) return;
    const problem = error instanceof Error ? error.message : String(error);
    this.#options.log('warn', { table, problem }, 'table upkeep failed; it is tried again');
  }

  /** Deletes rows that are past their retention, hourly. */
  async #retain(info: TableInfo, name: string): Promise<void> {
    const { lake, log, usageRetentionDays, auditRetentionDays, now = Date.now } = this.#options;
    const { location } = info.table!;
    const last = this.#retainedAt.get(location);
    if (last !== undefined && Math.abs(now() - last) < RETENTION_INTERVAL_MS) return;
    const { properties } = await lake.describe(location);
    const own = { [USAGE]: usageRetentionDays, [AUDIT]: auditRetentionDays }[name];
    const retention = own ? { days: own(), columns: [['event_time']] } : retentionOf(properties);
    if (retention) {
      const before = now() - retention.days * 86_400_000;
      for (const column of retention.columns) {
        const { rows } = await lake.deleteBefore(location, column, before);
        if (rows > 0)
          log('info', { table: name, rows, column: column.join('.') }, 'rows past their retention were deleted');
      }
    }
    this.#retainedAt.set(location, now());
  }
}
