import { WorkspaceError, type WorkspaceClient } from './client.ts';
import { readPrices, priceOf } from './read-prices.ts';
import { runSql } from './run-sql.ts';

/** How usage can be put together. */
export const groupings = ['agent', 'model', 'day'] as const;
export type Grouping = (typeof groupings)[number];

/** What one agent used of one model on one day. */
export interface UsageLine {
  readonly day: string;
  readonly agent: string;
  readonly model: string;
  readonly requests: number;
  readonly input: number;
  /** Part of `input` that came from the provider's cache. */
  readonly cached: number;
  readonly output: number;
  /** US dollars as exact decimal text; `null`: no price is known. */
  readonly cost: string | null;
}

export interface Usage {
  readonly lines: readonly UsageLine[];
  /** Whether costs are what the gateway counted, or tokens times the prices that the workspace lists. */
  readonly costs: 'counted' | 'estimated';
}

/**
 * The caller's own usage since a moment, by day, agent and model. Every agent counts: the gateway notes which one it was
 * and what each request cost; a workspace whose table has neither is read by user agents and list prices.
 * @param since `2026-11-22T00:00:00Z`.
 * @param agentOf the agent that a user agent or the gateway's name for one tells, or `undefined`.
 */
export async function readUsage(
  client: WorkspaceClient,
  since: string,
  agentOf: (text: string) => string | undefined,
): Promise<Usage> {
  const read = async ({ agent, cost }: Columns): Promise<UsageLine[]> =>
    (await runSql(client, statement({ agent, cost }), [{ name: 'since', value: since, type: 'TIMESTAMP' }])).map(
      (row) => ({
        day: row['day'] ?? '',
        agent: agentOf(row['agent'] ?? '') ?? 'other',
        model: row['model'] ?? 'unknown',
        requests: Number(row['requests'] ?? 0),
        input: Number(row['input'] ?? 0),
        cached: Number(row['cached'] ?? 0),
        output: Number(row['output'] ?? 0),
        cost: row['cost'] ?? null,
      }),
    );
  try {
    return { lines: await read(OURS), costs: 'counted' };
  } catch (error) {
    if (!isMissingColumn(error)) throw error;
    const [lines, prices] = await Promise.all([read(THEIRS), readPrices(client)]);
    return { lines: lines.map((line) => ({ ...line, cost: priceOf(line, prices) })), costs: 'estimated' };
  }
}

/** Expressions of columns that only our usage table has, or that stand for them. */
interface Columns {
  readonly agent: string;
  readonly cost: string;
}
const OURS: Columns = { agent: 'COALESCE(session_metadata.coding_agent, user_agent)', cost: 'SUM(cost_usd)' };
const THEIRS: Columns = { agent: 'user_agent', cost: 'NULL' };

function statement({ agent, cost }: Columns): string {
  return `
SELECT DATE_FORMAT(event_time, 'yyyy-MM-dd') AS day,
       ${agent} AS agent,
       COALESCE(destination_model, 'unknown') AS model,
       COUNT(DISTINCT request_id) AS requests,
       COALESCE(SUM(input_tokens), 0) AS input,
       COALESCE(SUM(token_details.cache_read_input_tokens), 0) AS cached,
       COALESCE(SUM(output_tokens), 0) AS output,
       ${cost} AS cost
FROM system.ai_gateway.usage
WHERE requester = current_user() AND event_time >= :since AND destination_model IS NOT NULL
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3`;
}

/** What Databricks SQL calls a column, or a field of one, that is not there. */
function isMissingColumn(error: unknown): boolean {
  return error instanceof WorkspaceError && /UNRESOLVED_COLUMN|FIELD_NOT_FOUND|INVALID_EXTRACT/.test(error.message);
}
