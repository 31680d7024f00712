import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { GatewayError } from '../../errors/gateway-error.ts';
import { makeDirectory } from '../../lib/make-directory.ts';
import { Slots } from './slots.ts';

/** Statements that run at the same time: each takes a thread of libuv's pool, where file calls wait too. */
const CONNECTIONS = 2;

export interface ParquetEngineOptions {
  /** Bytes DuckDB may hold; beyond it, it spills to `temporaryDirectory` or fails. */
  readonly memoryLimitBytes: number;
  readonly threads: number;
  /** Made if missing. Holds spilled data and files that are being written. */
  readonly temporaryDirectory: string;
  /** DuckDB has found itself broken: nothing works in this process any more. */
  readonly onBroken?: (() => void) | undefined;
}

/**
 * DuckDB as reader and writer of Parquet and JSON files. Nothing is kept in it between calls. Session time
 * zone is UTC; extensions are never downloaded.
 */
export class ParquetEngine {
  readonly temporaryDirectory: string;
  readonly #instance: DuckDBInstance;
  readonly #connections: DuckDBConnection[];
  readonly #slots = new Slots(CONNECTIONS);
  readonly #onBroken: (() => void) | undefined;

  private constructor(instance: DuckDBInstance, connections: DuckDBConnection[], options: ParquetEngineOptions) {
    this.#instance = instance;
    this.#connections = connections;
    this.#onBroken = options.onBroken;
    this.temporaryDirectory = options.temporaryDirectory;
  }

  static async open(options: ParquetEngineOptions): Promise<ParquetEngine> {
    await makeDirectory(options.temporaryDirectory);
    const instance = await DuckDBInstance.create(':memory:', {
      memory_limit: `${Math.floor(options.memoryLimitBytes)}B`,
      threads: String(options.threads),
      temp_directory: options.temporaryDirectory,
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
    });
    const connections = await Promise.all(Array.from({ length: CONNECTIONS }, () => instance.connect()));
    for (const connection of connections) await connection.run("SET TimeZone = 'UTC'");
    return new ParquetEngine(instance, connections, options);
  }

  /** Runs a statement whose result does not matter. */
  async execute(sql: string): Promise<void> {
    await this.#withConnection((connection) => connection.run(sql));
  }

  /**
   * Runs a query and gives all its rows, by column name. Values are JavaScript's own: BIGINT and wider as
   * `bigint`, BLOB as `Uint8Array`, LIST as array, STRUCT as object, MAP as array of `{ key, value }`, timestamps
   * and dates as `Date` (to the millisecond; cast to text where more is wanted).
   */
  async rows(sql: string): Promise<Record<string, unknown>[]> {
    return this.#withConnection(async (connection) => {
      const reader = await connection.runAndReadAll(sql);
      return reader.getRowObjectsJS() as Record<string, unknown>[];
    });
  }

  close(): void {
    for (const connection of this.#connections) connection.closeSync();
    this.#instance.closeSync();
  }

  #withConnection<T>(use: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    return this.#slots.run(async () => {
      const connection = this.#connections.pop();
      if (!connection) throw new Error('no free connection');
      try {
        return await use(connection);
      } catch (error) {
        if (/^(?:Fatal|Internal) Error/i.test(error instanceof Error ? error.message : '')) this.#onBroken?.();
        throw engineError(error);
      } finally {
        this.#connections.push(connection);
      }
    });
  }
}

/** What lies with the machine becomes `gateway_lake_unavailable`; anything else is left as DuckDB said it. */
function engineError(error: unknown): unknown {
  const text = error instanceof Error ? error.message : String(error);
  if (/^Out of Memory Error/i.test(text)) {
    return new GatewayError(
      'gateway_lake_unavailable',
      'The tables need more memory for this than they may use. Raise `lake.memory_limit`.',
      { cause: error },
    );
  }
  if (/^(?:IO|Fatal|Internal|Interrupt|Connection) Error/i.test(text)) {
    return new GatewayError('gateway_lake_unavailable', 'A file of the tables could not be read or written.', {
      cause: error,
    });
  }
  return error;
}
