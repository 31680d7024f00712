import { once } from 'node:events';
import { GatewayError } from '../../errors/gateway-error.ts';
import type { Caller } from '../../unity/caller.ts';
import type { ResultTable } from '../../unity/result-table.ts';
import type { SqlEngine, StatementRequest } from '../statement.ts';

export const ada: Caller = { userName: 'ada@example.com', groups: [] };
export const bob: Caller = { userName: 'bob@example.com', groups: [] };
export const admin: Caller = { userName: 'root@example.com', groups: ['admins'] };

/** An engine that answers as the test says: with a table, an error, or not before it is cancelled. */
export class ScriptedEngine implements SqlEngine {
  readonly requests: StatementRequest[] = [];
  readonly #answer: (request: StatementRequest) => ResultTable | Error | 'endless';

  constructor(answer: (request: StatementRequest) => ResultTable | Error | 'endless') {
    this.#answer = answer;
  }

  async execute(request: StatementRequest, signal?: AbortSignal): Promise<ResultTable> {
    this.requests.push(request);
    const answer = this.#answer(request);
    if (answer instanceof Error) throw answer;
    if (answer !== 'endless') return answer;
    if (!signal?.aborted) await once(signal!, 'abort');
    throw new GatewayError('caller_sql_cancelled', 'The statement was cancelled.');
  }

  async close(): Promise<void> {}
}

/** One column `n`, with the numbers below `count`. */
export function numbers(count: number): ResultTable {
  return {
    columns: [{ name: 'n', type: 'long' }],
    rows: Array.from({ length: count }, (_, at) => [String(at)]),
    truncated: false,
  };
}
