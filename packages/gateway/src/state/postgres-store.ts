import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'pg';
import { postgresAddress } from '../config/postgres-url.ts';
import { GatewayError } from '../errors/gateway-error.ts';
import { StateVersionError } from './migrations/index.ts';
import { PostgresConnection, valueTypes } from './postgres-connection.ts';
import { isToBeRunAgain, problemOf } from './postgres-errors.ts';
import { migratePostgres } from './postgres-migrate.ts';
import { stateUnavailable } from './state-errors.ts';
import type { Queryable, Row, SqlParameter, Store } from './store.ts';
import { TransactionScope } from './transaction-scope.ts';

/** Milliseconds a transaction is run again for when the database says it ran into another, and waits at most. */
const RUN_AGAIN_MS = 10_000;
const LONGEST_PAUSE_MS = 200;
/** Milliseconds until a connection must stand, and until a statement must be answered: by the server, by the network. */
const CONNECT_TIMEOUT_MS = 5_000;
const STATEMENT_TIMEOUT_MS = 15_000;
const ANSWER_TIMEOUT_MS = STATEMENT_TIMEOUT_MS + 2_000;
/** Milliseconds after which the server takes the locks of a gateway that stands still in a transaction. */
const IDLE_IN_TRANSACTION_MS = 30_000;

/** The store on PostgreSQL, shared by any number of gateways. */
export class PostgresStore implements Store {
  readonly name: string;
  readonly #pool: Pool;
  readonly #scope = new TransactionScope();
  readonly #running = new Set<Promise<unknown>>();
  #closed: Promise<void> | undefined;

  private constructor(url: string, name: string, maxConnections: number) {
    this.name = name;
    this.#pool = new Pool({
      connectionString: url,
      max: maxConnections,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      query_timeout: ANSWER_TIMEOUT_MS,
      statement_timeout: STATEMENT_TIMEOUT_MS,
      idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
      keepAlive: true,
      application_name: 'ucode-gateway',
      types: valueTypes,
    });
    // An idle connection that breaks is replaced by the pool; who needs one gets the error of its own statement.
    this.#pool.on('error', () => {});
  }

  /** @throws StateVersionError, or an Error that names the database and what is wrong with it. */
  static async open(url: string, maxConnections: number): Promise<PostgresStore> {
    const name = postgresAddress(url);
    if (name === undefined) {
      throw new Error(
        'The URL of the state database is not one of PostgreSQL: postgres://user:password@host:5432/database. ' +
          'Other characters than letters and digits in the password are written as %XX.',
      );
    }
    const store = new PostgresStore(url, name, maxConnections);
    try {
      await store.#use((connection) => migratePostgres(connection, name));
      return store;
    } catch (error) {
      await store.close();
      if (error instanceof StateVersionError) throw error;
      const problem = problemOf(error instanceof GatewayError ? error.cause : error);
      throw new Error(`The state database ${name} cannot be used: ${problem}.`, { cause: error });
    }
  }

  all(sql: string, ...parameters: SqlParameter[]): Promise<Row[]> {
    return this.#counted(() => this.#use((connection) => connection.all(sql, ...parameters)));
  }

  get(sql: string, ...parameters: SqlParameter[]): Promise<Row | undefined> {
    return this.#counted(() => this.#use((connection) => connection.get(sql, ...parameters)));
  }

  run(sql: string, ...parameters: SqlParameter[]): Promise<number> {
    return this.#counted(() => this.#use((connection) => connection.run(sql, ...parameters)));
  }

  transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T> {
    return this.#counted(async () => {
      const startedAt = performance.now();
      for (let tries = 1; ; tries++) {
        try {
          return await this.#transact('BEGIN ISOLATION LEVEL SERIALIZABLE', work);
        } catch (error) {
          if (!isToBeRunAgain(error)) throw error;
          if (performance.now() - startedAt > RUN_AGAIN_MS) throw stateUnavailable(error);
          await sleep(Math.random() * Math.min(LONGEST_PAUSE_MS, 5 * 2 ** tries));
        }
      }
    });
  }

  read<T>(work: (tx: Queryable) => Promise<T>): Promise<T> {
    return this.#counted(() => this.#transact('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY', work));
  }

  close(): Promise<void> {
    // The pool would leave those without an answer that still wait for a connection.
    return (this.#closed ??= Promise.allSettled(this.#running).then(() => this.#pool.end()));
  }

  /** Runs what `close` waits for. */
  async #counted<T>(work: () => Promise<T>): Promise<T> {
    this.#scope.requireOutside();
    if (this.#closed) throw new Error(`The state database ${this.name} is closed.`);
    const running = work();
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
    }
  }

  #use<T>(work: (connection: PostgresConnection) => Promise<T>): Promise<T> {
    return PostgresConnection.use(this.#pool, work);
  }

  #transact<T>(begin: string, work: (tx: Queryable) => Promise<T>): Promise<T> {
    return this.#use(async (connection) => {
      await connection.query(begin);
      const result = await this.#scope.run(connection, work);
      const { command } = await connection.query('COMMIT');
      // The server answers ROLLBACK where it had given the transaction up.
      if (command !== 'COMMIT') throw new Error(`The database answered ${command} to COMMIT.`);
      return result;
    });
  }
}
