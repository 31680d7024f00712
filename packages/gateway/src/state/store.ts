import { SqliteStore } from './sqlite-store.ts';

/** What a parameter may be. Booleans are stored as 0 and 1, times as milliseconds since 1970, JSON as text. */
export type SqlParameter = string | number | null | Uint8Array;
/** What a column gives: the same on both databases. */
export type SqlValue = string | number | null | Uint8Array;
export type Row = Readonly<Record<string, SqlValue>>;

/**
 * Runs statements in the SQL that SQLite and PostgreSQL share: `?` placeholders, `ON CONFLICT`, `RETURNING`,
 * no types or functions of one of them. Every value is a parameter, never part of the text. Text is sorted and
 * compared by its bytes, `LIKE` heeds case, comparisons give 0 and 1.
 *
 * Throws GatewayError `gateway_state_unavailable` (503) where the database cannot be asked, the database's own error
 * where a statement is wrong or breaks a rule. Who expects a taken name says `ON CONFLICT DO NOTHING`.
 */
export interface Queryable {
  all(sql: string, ...parameters: SqlParameter[]): Promise<Row[]>;
  get(sql: string, ...parameters: SqlParameter[]): Promise<Row | undefined>;
  /** @returns how many rows were changed. */
  run(sql: string, ...parameters: SqlParameter[]): Promise<number>;
}

/** The relational store. Repositories (`*-repository.ts`) are the only ones that write SQL. */
export interface Store extends Queryable {
  /** The file, or the database's address without its password: for messages. */
  readonly name: string;
  /**
   * Runs `work` in one transaction; rolled back if it throws or one of its statements fails, caught or not. Not
   * nestable; `work` uses `tx` only, and may be run again where the database asks for that (serialisation failure,
   * deadlock), so it has no other effects and waits for nothing but `tx`: it holds up all other changes.
   * Transactions see each other's results: what one has read, no other has changed before it commits. Where it
   * rejects with `gateway_state_unavailable`, the transaction may have been committed all the same.
   */
  transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T>;
  /** Runs `work`, which only reads: all it reads is of one moment. It uses `tx` only. */
  read<T>(work: (tx: Queryable) => Promise<T>): Promise<T>;
  /** Waits for what is under way and closes. Everything committed is durable already. Closing twice is harmless. */
  close(): Promise<void>;
}

/** Where the state is kept. */
export interface StoreLocation {
  /** Directory of the embedded store. */
  readonly dataDirectory: string;
  /** `postgres://…`; without it the embedded store is used. */
  readonly url?: string | undefined;
  /** Connections to PostgreSQL at most. Default 10. */
  readonly maxConnections?: number | undefined;
}

/**
 * Opens the store, creating it where it is new, and brings its schema up to date.
 * @throws StateVersionError when a newer gateway wrote it; an Error naming the database where it cannot be reached.
 */
export async function openStore({ dataDirectory, url, maxConnections = 10 }: StoreLocation): Promise<Store> {
  if (url === undefined) return SqliteStore.open(dataDirectory);
  // Loaded only where it is used: the embedded store starts without it.
  const { PostgresStore } = await import('./postgres-store.ts');
  return PostgresStore.open(url, maxConnections);
}
