import { chmodSync, closeSync, openSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { makeDirectory } from '../lib/make-directory.ts';
import { migrate } from './migrations.ts';

/** Milliseconds a statement waits for another process's write. Blocks the event loop, so it is short. */
const BUSY_TIMEOUT_MS = 2_000;

/** The relational store. Repositories (`*-repository.ts`) are the only ones that write SQL. */
export interface Store {
  /** The file, for messages. */
  readonly file: string;
  /** A prepared statement, prepared once per text. */
  prepare(sql: string): StatementSync;
  /** Runs `work` in one write transaction; rolled back if it throws. Not nestable. */
  transaction<T>(work: () => T): T;
  /**
   * A mark that differs from an earlier one whenever any process, this one included, has committed
   * something that readers must see since. Costs one pragma (some microseconds), no disk access.
   */
  changeMark(): string;
  /** Says that this process has changed what readers may have cached (see `changeMark`). */
  noteChange(): void;
  /** Closes the file. Everything committed is durable already. Closing twice is harmless. */
  close(): void;
}

/**
 * Opens `state.db` in `directory`, creating both privately (0700, 0600), and brings its schema up to date.
 * @throws StateVersionError when a newer gateway wrote the file.
 */
export function openStore(directory: string): Store {
  makeDirectory(directory);
  const file = path.join(directory, 'state.db');
  // Made by us before SQLite does, since the journal files inherit the mode of the database.
  closeSync(openSync(file, 'a', 0o600));
  chmodSync(file, 0o600);
  const database = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS });
  try {
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON');
    migrate(database, file);
  } catch (error) {
    database.close();
    throw error;
  }
  return new EmbeddedStore(file, database);
}

class EmbeddedStore implements Store {
  readonly file: string;
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  #ownChanges = 0;

  constructor(file: string, database: DatabaseSync) {
    this.file = file;
    this.#database = database;
  }

  prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  transaction<T>(work: () => T): T {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.#database.exec('COMMIT');
      return result;
    } catch (error) {
      this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  changeMark(): string {
    // `data_version` moves when another connection commits, never for our own commits.
    const others = this.prepare('PRAGMA data_version').get()?.['data_version'];
    return `${String(others)}.${this.#ownChanges}`;
  }

  noteChange(): void {
    this.#ownChanges += 1;
  }

  close(): void {
    this.#statements.clear();
    if (this.#database.isOpen) this.#database.close();
  }
}
