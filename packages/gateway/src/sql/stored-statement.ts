import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { GatewayError, toGatewayError } from '../errors/gateway-error.ts';
import type { ResultTable } from '../unity/result-table.ts';
import { cutIntoChunks, type ResultChunk } from './result-chunks.ts';

/** States of the Statement Execution API. `CLOSED`: it succeeded, and its result is gone. */
export type StatementState = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'CANCELED' | 'CLOSED';

/** What a statement does; ends early when the signal is aborted. */
export type StatementWork = (signal: AbortSignal) => Promise<ResultTable>;

/** A result as long as it is kept. */
export interface StoredResult {
  readonly table: ResultTable;
  readonly chunks: readonly ResultChunk[];
  readonly bytes: number;
}

/** One statement, from its start until it is forgotten. */
export class StoredStatement {
  /** A UUID. */
  readonly id = randomUUID();
  /** User name of the caller it belongs to. */
  readonly owner: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** Resolves when the work has ended, whether or not it was cancelled before. Never rejects. */
  readonly ended: Promise<void>;
  readonly #abort = new AbortController();
  readonly #decided = Promise.withResolvers<void>();
  #state: StatementState = 'RUNNING';
  #result: StoredResult | undefined;
  #error: GatewayError | undefined;

  constructor(owner: string, work: StatementWork, startedAt: number) {
    this.owner = owner;
    this.startedAt = startedAt;
    this.ended = this.#run(work);
  }

  get state(): StatementState {
    return this.#state;
  }

  /** For SUCCEEDED. */
  get result(): StoredResult | undefined {
    return this.#result;
  }

  /** For FAILED and CANCELED. */
  get error(): GatewayError | undefined {
    return this.#error;
  }

  /** Waits until the state is no longer RUNNING, at most so many milliseconds. */
  async wait(milliseconds: number): Promise<void> {
    if (this.#state !== 'RUNNING') return;
    const giveUp = new AbortController();
    const timer = delay(milliseconds, undefined, { signal: giveUp.signal }).catch(() => undefined);
    await Promise.race([this.#decided.promise, timer]);
    giveUp.abort();
  }

  /** Ends it. Nothing happens to one that has ended. */
  cancel(reason = 'The statement was cancelled.'): void {
    if (this.#state !== 'RUNNING') return;
    this.#settle('CANCELED', new GatewayError('caller_sql_cancelled', reason));
    this.#abort.abort();
  }

  /** Lets go of the result. */
  dropResult(): void {
    this.#result = undefined;
    if (this.#state === 'SUCCEEDED') this.#state = 'CLOSED';
  }

  async #run(work: StatementWork): Promise<void> {
    try {
      const table = await work(this.#abort.signal);
      if (this.#state !== 'RUNNING') return;
      const chunks = cutIntoChunks(table);
      this.#result = { table, chunks, bytes: chunks.reduce((sum, chunk) => sum + chunk.bytes, 0) };
      this.#settle('SUCCEEDED');
    } catch (cause) {
      if (this.#state !== 'RUNNING') return;
      const error = toGatewayError(cause, this.id);
      this.#settle(error.code === 'caller_sql_cancelled' ? 'CANCELED' : 'FAILED', error);
    }
  }

  #settle(state: StatementState, error?: GatewayError): void {
    this.#state = state;
    this.#error = error;
    this.#decided.resolve();
  }
}
