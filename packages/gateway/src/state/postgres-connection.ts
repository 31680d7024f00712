import { types, type Pool, type PoolClient, type QueryResult } from 'pg';
import { numberedPlaceholders } from './portable-sql.ts';
import { isAnswer, postgresError } from './postgres-errors.ts';
import type { Queryable, Row } from './store.ts';

const MAX_STATEMENTS = 1_000;
const { INT8, NUMERIC, BOOL, BYTEA } = types.builtins;

/** One connection that was taken from the pool, until it is given back. */
export class PostgresConnection implements Queryable {
  readonly #client: PoolClient;
  /** It gave no answer to a statement, or broke between two. */
  #broken = false;
  readonly #onError = (): void => {
    this.#broken = true;
  };

  private constructor(client: PoolClient) {
    this.#client = client;
    // Without a listener, a connection that breaks between two statements would end the process.
    client.on('error', this.#onError);
  }

  /**
   * Lends `work` a connection. Where it throws, its transaction is rolled back, or the connection thrown away.
   * @throws what `work` does; GatewayError `gateway_state_unavailable` where there is none to lend.
   */
  static async use<T>(pool: Pool, work: (connection: PostgresConnection) => Promise<T>): Promise<T> {
    const connection = new PostgresConnection(await connected(pool));
    try {
      return await work(connection);
    } catch (error) {
      await connection.#rollBack();
      throw error;
    } finally {
      connection.#giveBack();
    }
  }

  async all(sql: string, ...parameters: unknown[]): Promise<Row[]> {
    return (await this.query(numbered(sql), parameters)).rows as Row[];
  }

  async get(sql: string, ...parameters: unknown[]): Promise<Row | undefined> {
    return (await this.query(numbered(sql), parameters)).rows[0] as Row | undefined;
  }

  async run(sql: string, ...parameters: unknown[]): Promise<number> {
    return (await this.query(numbered(sql), parameters)).rowCount ?? 0;
  }

  /** @param text in PostgreSQL's own words. @param timeoutMs for an answer, when not the pool's. */
  async query(text: string, values?: unknown[], timeoutMs?: number): Promise<QueryResult> {
    try {
      // `query_timeout` per statement is read by pg 8 but is not in its types.
      return await this.#client.query({ text, values, ...(timeoutMs && { query_timeout: timeoutMs }) } as {
        text: string;
      });
    } catch (error) {
      if (!isAnswer(error)) this.#broken = true;
      throw postgresError(error);
    }
  }

  /** One that gave no answer is not asked for another: the server rolls back when it is closed. */
  async #rollBack(): Promise<void> {
    if (!this.#broken) await this.query('ROLLBACK').catch(this.#onError);
  }

  #giveBack(): void {
    this.#client.off('error', this.#onError);
    this.#client.release(this.#broken);
  }
}

async function connected(pool: Pool): Promise<PoolClient> {
  try {
    return await pool.connect();
  } catch (error) {
    throw postgresError(error);
  }
}

/** Values as SQLite gives them: `BIGINT`, `COUNT` and `SUM` as numbers, comparisons as 0 and 1, bytes as `Uint8Array`. */
export const valueTypes = {
  getTypeParser(oid: number, format?: 'text' | 'binary'): unknown {
    if (oid === INT8 || oid === NUMERIC) return toNumber;
    if (oid === BOOL) return (text: string) => (text === 't' ? 1 : 0);
    const parser = types.getTypeParser(oid, format as 'text') as (text: string) => unknown;
    return oid === BYTEA ? (text: string) => new Uint8Array(parser(text) as Buffer) : parser;
  },
} as typeof types;

/** @throws RangeError for what a number cannot hold, as SQLite's driver does. */
function toNumber(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && !Number.isSafeInteger(number)) throw new RangeError(`${text} is too large a number.`);
  return number;
}

const statements = new Map<string, string>();

function numbered(sql: string): string {
  let text = statements.get(sql);
  if (text === undefined) {
    if (statements.size >= MAX_STATEMENTS) statements.clear();
    statements.set(sql, (text = numberedPlaceholders(sql)));
  }
  return text;
}
