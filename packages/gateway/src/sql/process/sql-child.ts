import { gatewayErrors } from '../../errors/error-codec.ts';
import { GatewayError } from '../../errors/gateway-error.ts';
import { ChildExitError, ChildProcess } from '../../lib/child/child-process.ts';
import type { ResultTable } from '../../unity/result-table.ts';
import type { PlanRequest, QueryPlan } from '../plan/query-plan.ts';
import type { RunRequest } from '../process-calls.ts';
import { residentBytes } from './resident-memory.ts';

/** Left to a statement even where the limit is below what the process takes by itself. */
const LEAST_ROOM = 64 * 1024 * 1024;
const MIB = 1024 * 1024;

export interface SqlChildOptions {
  /** The child's program: calls `serveSqlProcess`. */
  readonly file: string;
  readonly memoryLimitBytes: number;
  log(message: string): void;
}

/** One SQL process, seen from the gateway. Runs one statement at a time. */
export class SqlChild {
  readonly memoryLimitBytes: number;
  /** Statements it has run. */
  statements = 0;
  readonly #child: ChildProcess;
  #idleBytes = 0;

  constructor({ file, memoryLimitBytes, log }: SqlChildOptions) {
    this.memoryLimitBytes = memoryLimitBytes;
    const heapMib = Math.max(128, Math.floor((memoryLimitBytes * 0.3) / MIB));
    this.#child = new ChildProcess({
      file,
      // The translator is a large WebAssembly module. Optimizing it takes hundreds of megabytes, for nothing.
      execArgv: [`--max-old-space-size=${heapMib}`, '--liftoff-only'],
      // Nothing of the gateway's environment: there is nothing in it that a statement needs.
      env: { NODE_NO_WARNINGS: '1' },
      errors: gatewayErrors,
      onLine: (line) => log(`SQL process: ${line.slice(0, 500)}`),
    });
  }

  get alive(): boolean {
    return this.#child.alive;
  }

  /** Bytes above which a statement is ended. */
  get limitBytes(): number {
    return Math.max(this.memoryLimitBytes, this.#idleBytes + LEAST_ROOM);
  }

  /** Bytes below which the process is used again after a statement. */
  get keepBytes(): number {
    return Math.max(this.memoryLimitBytes / 2, this.#idleBytes + LEAST_ROOM);
  }

  /** Resolves when statements can be planned. */
  async ready(): Promise<void> {
    await this.#call('ready', undefined);
    this.#idleBytes = (await this.residentBytes()) ?? 0;
  }

  async plan(request: PlanRequest, number: number): Promise<QueryPlan> {
    return (await this.#call('plan', { request, number })) as QueryPlan;
  }

  async run(request: RunRequest): Promise<ResultTable> {
    return (await this.#call('run', request)) as ResultTable;
  }

  residentBytes(): Promise<number | undefined> {
    return residentBytes(this.#child.pid);
  }

  kill(): Promise<void> {
    return this.#child.kill();
  }

  async #call(method: string, params: unknown): Promise<unknown> {
    try {
      return await this.#child.call(method, params);
    } catch (error) {
      if (!(error instanceof ChildExitError)) throw error;
      throw new GatewayError(
        'caller_sql_limit',
        'The process of the statement ended, most likely because the statement needs more memory than sql.memory_limit allows.',
        { cause: error },
      );
    }
  }
}
