import { chmodSync, closeSync, openSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeDirectory } from '../lib/make-directory.ts';
import { StateVersionError } from './migrations/index.ts';
import { answered, isBusy, SqliteConnection, sqliteError } from './sqlite-connection.ts';
import { openMigrated } from './sqlite-migrate.ts';
import type { Queryable, Row, SqlParameter, Store } from './store.ts';
import { TransactionScope } from './transaction-scope.ts';

/** Milliseconds a change waits for those of other processes, in all and between two tries. */
const WRITE_WAIT_MS = 10_000;
const WRITE_RETRY_MS = 5;

/**
 * The embedded store: one SQLite file. What changes something takes turns on a connection of its own; what is read
 * outside transactions is read on another, which sees what is committed; `read` has a third.
 */
export class SqliteStore implements Store {
  readonly name: string;
  readonly #reader: SqliteConnection;
  readonly #snapshots: SqliteConnection;
  readonly #writer: SqliteConnection;
  readonly #scope = new TransactionScope();
  /** Ends when the change before has. */
  #writing: Promise<unknown> = Promise.resolve();
  /** Ends when the `read` before has. */
  #reading: Promise<unknown> = Promise.resolve();
  #closed: Promise<void> | undefined;

  private constructor(file: string, writer: SqliteConnection) {
    this.name = file;
    this.#writer = writer;
    // The event loop goes on while a change waits for another process: it is tried again.
    writer.database.exec('PRAGMA busy_timeout = 0');
    this.#reader = new SqliteConnection(file);
    this.#snapshots = new SqliteConnection(file);
    for (const { database } of [this.#reader, this.#snapshots]) database.exec('PRAGMA query_only = ON');
  }

  /** Opens `state.db` in `directory`, creating both privately (0700, 0600). @throws StateVersionError */
  static async open(directory: string): Promise<SqliteStore> {
    makeDirectory(directory);
    const file = path.join(directory, 'state.db');
    try {
      // Made by us before SQLite does, since the journal files inherit the mode of the database.
      closeSync(openSync(file, 'a', 0o600));
      chmodSync(file, 0o600);
      // While another process makes the file, it may be locked against being opened.
      return new SqliteStore(file, await patiently(() => openMigrated(file)));
    } catch (error) {
      if (error instanceof StateVersionError) throw error;
      const problem = error instanceof Error ? error.message : String(error);
      throw new Error(`The state file ${file} cannot be used: ${problem}.`, { cause: error });
    }
  }

  async all(sql: string, ...parameters: SqlParameter[]): Promise<Row[]> {
    return this.#on(sql, (db) => db.all(sql, ...parameters));
  }

  async get(sql: string, ...parameters: SqlParameter[]): Promise<Row | undefined> {
    return this.#on(sql, (db) => db.get(sql, ...parameters));
  }

  async run(sql: string, ...parameters: SqlParameter[]): Promise<number> {
    return this.transaction((tx) => tx.run(sql, ...parameters));
  }

  async transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T> {
    this.#scope.requireOutside();
    const result = this.#writing.then(() => this.#change(work));
    this.#writing = result.catch(() => {});
    return result;
  }

  async read<T>(work: (tx: Queryable) => Promise<T>): Promise<T> {
    this.#scope.requireOutside();
    const result = this.#reading.then(async () => {
      const { database } = this.#snapshots;
      answered(() => database.exec('BEGIN'));
      try {
        return await this.#scope.run(this.#snapshots, work);
      } finally {
        if (database.isOpen && database.isTransaction) database.exec('ROLLBACK');
      }
    });
    this.#reading = result.catch(() => {});
    return result;
  }

  close(): Promise<void> {
    this.#closed ??= Promise.all([this.#writing, this.#reading]).then(() => {
      for (const connection of [this.#reader, this.#snapshots, this.#writer]) connection.close();
    });
    return this.#closed;
  }

  /** `INSERT … RETURNING` writes, though it is asked for rows. */
  async #on<T>(sql: string, work: (db: Queryable) => Promise<T>): Promise<T> {
    this.#scope.requireOutside();
    return onlyReads(sql) ? work(this.#reader) : this.transaction(work);
  }

  async #change<T>(work: (tx: Queryable) => Promise<T>): Promise<T> {
    const { database } = this.#writer;
    await patiently(() => database.exec('BEGIN IMMEDIATE')).catch((error: unknown) => {
      throw sqliteError(error);
    });
    try {
      const result = await this.#scope.run(this.#writer, work);
      answered(() => database.exec('COMMIT'));
      return result;
    } catch (error) {
      if (database.isOpen && database.isTransaction) database.exec('ROLLBACK');
      throw error;
    }
  }
}

function onlyReads(sql: string): boolean {
  return /^\s*(?:SELECT|PRAGMA|WITH(?![^]*\b(?:INSERT|UPDATE|DELETE)\b))\b/i.test(sql);
}

/** Tries until no other process has the lock that `work` needs. */
async function patiently<T>(work: () => T): Promise<T> {
  const startedAt = performance.now();
  for (;;) {
    try {
      return work();
    } catch (error) {
      if (!isBusy(error) || performance.now() - startedAt > WRITE_WAIT_MS) throw error;
    }
    await sleep(WRITE_RETRY_MS);
  }
}
