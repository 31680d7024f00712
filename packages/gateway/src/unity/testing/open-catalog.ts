import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openStore, type Store } from '../../state/store.ts';
import type { Caller } from '../caller.ts';
import { DEFAULT_NAMES } from '../catalog.ts';
import { parseStatement } from '../ddl/parse-statement.ts';
import { StatementExecutor, type CheckView } from '../execute-statement.ts';
import type { ResultTable } from '../result-table.ts';
import { UnityCatalog } from '../unity-catalog.ts';
import { MemoryLake } from './memory-lake.ts';

export const admin: Caller = { userName: 'root@example.com', groups: ['admins'] };
export const ada: Caller = { userName: 'ada@example.com', groups: ['team'] };
export const bob: Caller = { userName: 'bob@example.com', groups: [] };

/** A catalog on a store of its own and a lake in memory, for tests. */
export class TestCatalog {
  readonly directory: string;
  readonly lake: MemoryLake;
  readonly store: Store;
  readonly catalog: UnityCatalog;
  readonly messages: string[] = [];
  /** What the catalog takes for the time. */
  time = 1_700_000_000_000;
  checkView: CheckView = async () => undefined;

  /** @param beside a catalog whose directory and lake this one shares, as a second process would. */
  constructor(beside?: TestCatalog) {
    this.directory = beside?.directory ?? mkdtempSync(path.join(tmpdir(), 'ucode-unity-'));
    this.lake = beside?.lake ?? new MemoryLake();
    this.store = openStore(this.directory);
    const log = (message: string) => void this.messages.push(message);
    this.catalog = new UnityCatalog({ store: this.store, lake: this.lake, log, now: () => this.time });
  }

  /** Runs one statement. */
  async run(sql: string, caller: Caller = admin, defaults = DEFAULT_NAMES): Promise<ResultTable> {
    const statement = parseStatement(sql);
    if (!statement) throw new Error(`A query: ${sql}`);
    const { catalog, lake, checkView } = this;
    return new StatementExecutor({ catalog, lake, checkView }).execute(statement, caller, defaults);
  }

  /** Rows of a statement. */
  async rows(sql: string, caller?: Caller): Promise<ResultTable['rows']> {
    return (await this.run(sql, caller)).rows;
  }

  close(): void {
    this.store.close();
    rmSync(this.directory, { recursive: true, force: true });
  }
}
