import { gatewayErrors } from '../errors/error-codec.ts';
import { serveParent } from '../lib/child/serve-parent.ts';
import { openInstance, type OpenInstance } from './duckdb/instance.ts';
import { everyMacro } from './duckdb/macros.ts';
import { toSqlError } from './duckdb/message.ts';
import { planQuery } from './plan/plan-query.ts';
import type { PlanRequest, QueryPlan } from './plan/query-plan.ts';
import type { RunRequest } from './process-calls.ts';
import { runStatement } from './run-statement.ts';

/** DuckDB needs little to plan. */
const PLANNING_MEMORY = 64 * 1024 * 1024;

/**
 * The main program of a SQL process: plans and runs one statement at a time for its parent, which ends the
 * process when a statement goes beyond its limits.
 */
export function serveSqlProcess(): void {
  let planning: Promise<OpenInstance> | undefined;
  serveParent(
    {
      ready: async () => {
        await (planning ??= planningInstance());
      },
      plan: async ({ request, number }: { request: PlanRequest; number: number }): Promise<QueryPlan> => {
        const { connection } = await (planning ??= planningInstance());
        return planQuery(connection, request, number).catch(rethrow);
      },
      run: (request: RunRequest) => runStatement(request).catch(rethrow),
    },
    { errors: gatewayErrors },
  );
}

async function planningInstance(): Promise<OpenInstance> {
  const instance = await openInstance({ memoryBytes: PLANNING_MEMORY, threads: 1, paths: [], sql: everyMacro });
  await instance.lock();
  return instance;
}

function rethrow(error: unknown): never {
  throw toSqlError(error);
}
