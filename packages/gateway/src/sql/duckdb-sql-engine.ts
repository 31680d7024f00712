import { availableParallelism } from 'node:os';
import type { SqlConfig } from '../config/gateway-config.ts';
import { GatewayError } from '../errors/gateway-error.ts';
import type { Lake } from '../lake/lake.ts';
import type { Caller } from '../unity/caller.ts';
import { DEFAULT_NAMES, type Catalog, type NameDefaults } from '../unity/catalog.ts';
import type { ResultTable } from '../unity/result-table.ts';
import { FairQueue } from './process/fair-queue.ts';
import { withinLimits } from './process/limits.ts';
import { SqlChildPool } from './process/sql-child-pool.ts';
import type { SqlChild } from './process/sql-child.ts';
import { RelationResolver } from './resolve-relations.ts';
import type { SqlEngine, StatementRequest } from './statement.ts';

/** Part of a process's memory that DuckDB manages itself; the rest is for what it does not count. */
const DUCKDB_SHARE = 0.6;
/** Statements that run at the same time share the processors; each thread has buffers of its own. */
const MOST_THREADS = 8;
const LEAST_DUCKDB_BYTES = 64 * 1024 * 1024;

export interface DuckdbSqlEngineOptions<Statement> {
  readonly catalog: Catalog;
  readonly lake: Lake;
  /** Runs what `parseStatement` gives. */
  readonly executor: { execute(statement: Statement, caller: Caller, defaults: NameDefaults): Promise<ResultTable> };
  /** A statement of Unity Catalog; `undefined` for a query. */
  parseStatement(sql: string): Statement | undefined;
  /** Runs a statement, with what is to happen before and after it. Default: nothing. */
  readonly around?: (
    request: StatementRequest,
    statement: Statement | undefined,
    run: () => Promise<ResultTable>,
  ) => Promise<ResultTable>;
  /** The limits in force at this moment. */
  config(): SqlConfig;
  /** Program of the SQL processes: calls `serveSqlProcess`. */
  readonly processFile: string;
  /** Groups of a user who is not calling, for views that run with their owner's rights. Default: none. */
  groupsOf?(userName: string): readonly string[];
  log(message: string): void;
}

/** Databricks SQL over the lake: Unity Catalog's statements in the gateway, queries by DuckDB in processes of their own. */
export class DuckdbSqlEngine<Statement> implements SqlEngine {
  readonly #options: DuckdbSqlEngineOptions<Statement>;
  readonly #queue: FairQueue;
  readonly #pool: SqlChildPool;
  #closed = false;

  constructor(options: DuckdbSqlEngineOptions<Statement>) {
    const { config, processFile, log } = options;
    this.#options = options;
    this.#queue = new FairQueue({ concurrency: () => config().concurrency, most: () => config().queue });
    this.#pool = new SqlChildPool({ file: processFile, memoryLimitBytes: () => config().memoryLimitBytes, log });
  }

  async execute(request: StatementRequest, signal?: AbortSignal): Promise<ResultTable> {
    const { sql, caller, defaults = DEFAULT_NAMES } = request;
    if (this.#closed) throw stopping();
    const statement = this.#options.parseStatement(sql);
    const run = (): Promise<ResultTable> =>
      statement === undefined
        ? this.#queue.run(caller.userName, signal, () => this.#query(request, signal))
        : this.#options.executor.execute(statement, caller, defaults);
    const { around } = this.#options;
    return around === undefined ? run() : around(request, statement, run);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#queue.clear(stopping());
    await this.#pool.close();
  }

  async #query(request: StatementRequest, signal: AbortSignal | undefined): Promise<ResultTable> {
    if (this.#closed) throw stopping();
    const timeoutMs = least(this.#options.config().timeoutMs, request.timeoutMs);
    const child = this.#pool.take();
    let clean = false;
    try {
      await child.ready();
      const result = await withinLimits(child, { timeoutMs, signal }, () => this.#runIn(child, request));
      clean = true;
      return result;
    } catch (error) {
      // An answer of the statement's own, such as a division by zero, leaves the process as it was.
      clean =
        error instanceof GatewayError &&
        !['caller_sql_limit', 'caller_sql_cancelled', 'gateway_internal'].includes(error.code);
      if (this.#closed) throw stopping();
      throw error;
    } finally {
      await this.#pool.give(child, clean);
    }
  }

  async #runIn(child: SqlChild, request: StatementRequest): Promise<ResultTable> {
    const { catalog, lake, config, groupsOf = () => [] } = this.#options;
    const { caller, sql, defaults = DEFAULT_NAMES, parameters = [] } = request;
    const { maxRows, maxResultBytes, memoryLimitBytes } = config();
    const resolver = new RelationResolver(
      { catalog, lake, groupsOf, plan: (plan, number) => child.plan(plan, number) },
      caller,
    );
    const resolved = await resolver.resolve({ sql, userName: caller.userName, defaults, parameters });
    return child.run({
      ...resolved,
      maxRows: least(maxRows, request.rowLimit),
      maxBytes: least(maxResultBytes, request.byteLimit),
      memoryBytes: Math.max(LEAST_DUCKDB_BYTES, Math.floor(memoryLimitBytes * DUCKDB_SHARE)),
      threads: Math.min(MOST_THREADS, availableParallelism()),
    });
  }
}

function least(limit: number, wanted: number | undefined): number {
  return wanted === undefined ? limit : Math.min(limit, wanted);
}

function stopping(): GatewayError {
  return new GatewayError('gateway_shutting_down', 'The gateway is stopping. Try again; another instance answers.', {
    retryAfterSeconds: 1,
  });
}
