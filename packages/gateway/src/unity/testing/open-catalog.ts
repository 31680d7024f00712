import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { EncryptionKeys } from '../../state/encryption-keys.ts';
import { ChangeWatcher } from '../../state/live-image.ts';
import { openStore, type Store, type StoreLocation } from '../../state/store.ts';
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

const TEST_KEY = Buffer.alloc(32, 7).toString('base64');

/** A catalog on a store of its own and a lake in memory, for tests. */
export class TestCatalog {
  readonly location: StoreLocation;
  readonly lake: MemoryLake;
  readonly store: Store;
  readonly watcher: ChangeWatcher;
  readonly messages: string[] = [];
  catalog!: UnityCatalog;
  /** Seals the secrets of services. */
  keys!: EncryptionKeys;
  /** What the catalog takes for the time. */
  time = 1_700_000_000_000;
  checkView: CheckView = async () => undefined;

  private constructor(location: StoreLocation, lake: MemoryLake, store: Store) {
    this.location = location;
    this.lake = lake;
    this.store = store;
    // Looks for changes only when a test says so.
    this.watcher = new ChangeWatcher(store, (error) => void this.messages.push(String(error)), 1_000_000);
  }

  /** URL of a new PostgreSQL database, for a run of the tests on that one. Embedded stores else. */
  static newDatabase: (() => Promise<string>) | undefined;

  /** @param on where the store is; one of its own when left out. */
  static async open(on?: StoreLocation): Promise<TestCatalog> {
    if (on) return TestCatalog.#open(on);
    const dataDirectory = mkdtempSync(path.join(tmpdir(), 'ucode-unity-'));
    return TestCatalog.#open({ dataDirectory, url: await TestCatalog.newDatabase?.(), maxConnections: 4 });
  }

  /** One that has the same store and lake, as a second process would. */
  async beside(): Promise<TestCatalog> {
    return TestCatalog.#open(this.location, this.lake);
  }

  static async #open(location: StoreLocation, lake = new MemoryLake()): Promise<TestCatalog> {
    const test = new TestCatalog(location, lake, await openStore(location));
    const config = { key: TEST_KEY, previousKeys: [] };
    test.keys = await EncryptionKeys.open({ store: test.store, config, dataDirectory: location.dataDirectory });
    test.catalog = await test.newCatalog();
    return test;
  }

  /** Another catalog on the same store and, when not told otherwise, the same lake. */
  newCatalog(lake: MemoryLake = this.lake): Promise<UnityCatalog> {
    const log = (message: string) => void this.messages.push(message);
    return UnityCatalog.open({ watcher: this.watcher, lake, keys: this.keys, log, now: () => this.time });
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

  /** Closes the store and leaves what is in it. */
  async stop(): Promise<void> {
    this.watcher.close();
    await this.store.close();
  }

  async close(): Promise<void> {
    await this.stop();
    rmSync(this.location.dataDirectory, { recursive: true, force: true });
  }
}
