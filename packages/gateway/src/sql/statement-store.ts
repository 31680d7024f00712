import { GatewayError } from '../errors/gateway-error.ts';
import { isAdmin, type Caller } from '../unity/caller.ts';
import type { SqlEngine, StatementRequest } from './statement.ts';
import { StoredStatement, type StatementWork } from './stored-statement.ts';

/** Bounds of what is kept for callers that come back. */
export interface StatementLimits {
  /** Statements of one caller that run at the same time, those that wait for a process included. */
  readonly runningPerCaller: number;
  /** Bytes of all results together; the oldest go first. The newest one always stays. */
  readonly resultBytes: number;
  /** Milliseconds a result is kept. */
  readonly resultAgeMs: number;
  /** Milliseconds the state of an ended statement is known. */
  readonly stateAgeMs: number;
  /** Ended statements that are known. */
  readonly ended: number;
}

const defaultLimits: StatementLimits = {
  runningPerCaller: 32,
  resultBytes: 64 * 1024 * 1024,
  resultAgeMs: 15 * 60_000,
  stateAgeMs: 60 * 60_000,
  ended: 10_000,
};

export interface StatementStoreOptions {
  readonly engine: SqlEngine;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  readonly limits?: Partial<StatementLimits>;
  /** Told of faults of the gateway, which callers only see the statement's id of. */
  readonly log?: (message: string) => void;
}

/**
 * Statements that callers submit, poll, page through and cancel. A statement belongs to its caller; to
 * others it does not exist. Results are kept in memory for a while and within a bound.
 */
export class StatementStore {
  readonly #engine: SqlEngine;
  readonly #now: () => number;
  readonly #limits: StatementLimits;
  readonly #log: (message: string) => void;
  readonly #statements = new Map<string, StoredStatement>();
  readonly #runningByOwner = new Map<string, number>();
  /** Ended statements in the order of their ends, with the time. */
  readonly #ended = new Map<StoredStatement, number>();
  /** Those of them whose results are kept, in the same order. */
  readonly #kept = new Set<StoredStatement>();
  #resultBytes = 0;

  constructor({ engine, now = Date.now, limits = {}, log = () => {} }: StatementStoreOptions) {
    this.#log = log;
    this.#engine = engine;
    this.#now = now;
    this.#limits = { ...defaultLimits, ...limits };
  }

  /** Bytes of all results that are kept. */
  get resultBytes(): number {
    return this.#resultBytes;
  }

  /**
   * Starts a statement of `request.caller`.
   * @throws GatewayError `gateway_sql_busy` when the caller has too many running ones.
   */
  submit(request: StatementRequest): StoredStatement {
    return this.start(request.caller, (signal) => this.#engine.execute(request, signal));
  }

  /** Like `submit`, for work that ends in a table but is not one statement. */
  start(caller: Caller, work: StatementWork): StoredStatement {
    this.#prune();
    const owner = caller.userName;
    const running = this.#runningByOwner.get(owner) ?? 0;
    if (running >= this.#limits.runningPerCaller) {
      throw new GatewayError(
        'gateway_sql_busy',
        `${running} statements of ${owner} are running already. Wait until one has ended, or cancel one.`,
        { retryAfterSeconds: 5 },
      );
    }
    this.#runningByOwner.set(owner, running + 1);
    const statement = new StoredStatement(owner, work, this.#now());
    this.#statements.set(statement.id, statement);
    void statement.ended.then(() => this.#onEnd(statement));
    return statement;
  }

  /** @throws GatewayError `caller_not_found` for an unknown statement and for one of somebody else. */
  find(id: string, caller: Caller): StoredStatement {
    const statement = this.#known(id);
    if (statement?.owner !== caller.userName) throw notFound(id);
    return statement;
  }

  /**
   * Ends a statement of the caller; admins may end any.
   * @throws GatewayError `caller_not_found`
   */
  cancel(id: string, caller: Caller): void {
    const statement = this.#known(id);
    if (!statement || (statement.owner !== caller.userName && !isAdmin(caller))) throw notFound(id);
    statement.cancel();
  }

  /** The caller needs it no longer: ends it if it runs, and lets go of its result. */
  release(statement: StoredStatement): void {
    statement.cancel('The statement was closed before it had ended.');
    this.#dropResult(statement);
  }

  #known(id: string): StoredStatement | undefined {
    this.#prune();
    return this.#statements.get(id);
  }

  #onEnd(statement: StoredStatement): void {
    const running = this.#runningByOwner.get(statement.owner) ?? 0;
    if (running > 1) this.#runningByOwner.set(statement.owner, running - 1);
    else this.#runningByOwner.delete(statement.owner);
    this.#ended.set(statement, this.#now());
    const { error } = statement;
    if (error?.code === 'gateway_internal') {
      const cause = error.cause instanceof Error ? error.cause.stack : String(error.cause);
      this.#log(`statement ${statement.id} failed: ${cause}`);
    }
    if (statement.result) {
      this.#kept.add(statement);
      this.#resultBytes += statement.result.bytes;
      setTimeout(() => this.#prune(), this.#limits.resultAgeMs).unref();
    }
    this.#prune();
  }

  #prune(): void {
    const { resultBytes, resultAgeMs, stateAgeMs, ended } = this.#limits;
    const now = this.#now();
    for (const statement of this.#kept) {
      const old = now - this.#ended.get(statement)! >= resultAgeMs;
      if (!old && (this.#resultBytes <= resultBytes || this.#kept.size === 1)) break;
      this.#dropResult(statement);
    }
    for (const [statement, endedAt] of this.#ended) {
      if (now - endedAt < stateAgeMs && this.#ended.size <= ended) break;
      this.#dropResult(statement);
      this.#ended.delete(statement);
      this.#statements.delete(statement.id);
    }
  }

  #dropResult(statement: StoredStatement): void {
    if (this.#kept.delete(statement)) this.#resultBytes -= statement.result?.bytes ?? 0;
    statement.dropResult();
  }
}

function notFound(id: string): GatewayError {
  return new GatewayError(
    'caller_not_found',
    `The statement '${id.slice(0, 60).replace(/\p{Cc}/gu, '?')}' does not exist. Statements are known to their caller, for an hour after their end.`,
  );
}
