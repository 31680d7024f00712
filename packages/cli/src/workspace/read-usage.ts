import type { WorkspaceClient } from './client.ts';
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

/**
 * The caller's own usage since a moment, by day, agent and model. Every agent counts: the gateway notes which one it was
 * (`session_metadata.coding_agent`); where it could not tell, what the user agent begins with.
 * @param since `2026-11-22T00:00:00Z`.
 */
export async function readUsage(client: WorkspaceClient, since: string): Promise<UsageLine[]> {
  const rows = await runSql(client, STATEMENT, [{ name: 'since', value: since, type: 'TIMESTAMP' }]);
  return rows.map((row) => ({
    day: row['day'] ?? '',
    agent: row['agent'] ?? 'other',
    model: row['model'] ?? 'unknown',
    requests: Number(row['requests'] ?? 0),
    input: Number(row['input'] ?? 0),
    cached: Number(row['cached'] ?? 0),
    output: Number(row['output'] ?? 0),
    cost: row['cost'] ?? null,
  }));
}

const STATEMENT = `
SELECT DATE_FORMAT(event_time, 'yyyy-MM-dd') AS day,
       COALESCE(session_metadata.coding_agent, 'other') AS agent,
       COALESCE(destination_model, 'unknown') AS model,
       COUNT(DISTINCT request_id) AS requests,
       COALESCE(SUM(input_tokens), 0) AS input,
       COALESCE(SUM(token_details.cache_read_input_tokens), 0) AS cached,
       COALESCE(SUM(output_tokens), 0) AS output,
       SUM(cost_usd) AS cost
FROM system.ai_gateway.usage
WHERE requester = current_user() AND event_time >= :since AND destination_model IS NOT NULL
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3`;
