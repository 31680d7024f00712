import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { stateUnavailable } from './state-errors.ts';
import type { Queryable, Row, SqlParameter } from './store.ts';

/** Milliseconds a statement waits for another process while it blocks the event loop, so it is short. */
const BUSY_TIMEOUT_MS = 2_000;
const MAX_STATEMENTS = 1_000;
/** `BUSY`, `LOCKED`, `NOMEM`, `IOERR`, `FULL`, `CANTOPEN` (sqlite.org/rescode.html). */
const UNAVAILABLE: ReadonlySet<number> = new Set([5, 6, 7, 10, 13, 14]);

/** One connection to a SQLite file, with its statements prepared once per text. */
export class SqliteConnection implements Queryable {
  readonly database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(file: string) {
    this.database = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS });
    // LIKE heeds case, as PostgreSQL's does.
    try {
      this.database.exec(
        'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA case_sensitive_like = ON',
      );
    } catch (error) {
      this.database.close();
      throw error;
    }
  }

  async all(sql: string, ...parameters: SqlParameter[]): Promise<Row[]> {
    return answered(() => this.#prepare(sql).all(...parameters) as Row[]);
  }

  async get(sql: string, ...parameters: SqlParameter[]): Promise<Row | undefined> {
    return answered(() => this.#prepare(sql).get(...parameters) as Row | undefined);
  }

  async run(sql: string, ...parameters: SqlParameter[]): Promise<number> {
    return answered(() => Number(this.#prepare(sql).run(...parameters).changes));
  }

  close(): void {
    if (this.database.isOpen) this.database.close();
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      if (this.#statements.size >= MAX_STATEMENTS) this.#statements.clear();
      statement = this.database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}

/** Whether another connection holds the lock that was asked for. */
export function isBusy(error: unknown): boolean {
  return resultCode(error) === 5;
}

/** Runs `work`; a file that cannot be used is said in the same words as a database that is away. */
export function answered<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw sqliteError(error);
  }
}

export function sqliteError(error: unknown): unknown {
  return UNAVAILABLE.has(resultCode(error) ?? 0) ? stateUnavailable(error) : error;
}

/** SQLite's primary result code. */
function resultCode(error: unknown): number | undefined {
  const code = (error as { readonly errcode?: unknown } | undefined)?.errcode;
  return typeof code === 'number' ? code & 0xff : undefined;
}
