import type { StatementParameter } from '../sql/statement.ts';
import type { BillingMonth } from './billing-month.ts';

/** Lines of a breakdown, and tags of all keys together; what is less dear is added up in one line. */
export const MOST_LINES = 10_000;

export interface InvoiceRows {
  readonly month: BillingMonth;
  readonly workspaceId: string;
  /** Names of those whose rows count; `undefined` is everybody. */
  readonly requesters: readonly string[] | undefined;
}

const FIGURES = `count_if(is_final) AS requests,
    coalesce(sum(input_tokens), 0) AS input_tokens,
    coalesce(sum(output_tokens), 0) AS output_tokens,
    coalesce(sum(cost_usd), 0) AS cost`;

/**
 * One statement for the whole invoice, so that all its parts are of the same version of the table. Each row has a part
 * (`total`, `model`, `agent`, `user`, `tag`, `unpriced`), the tag's key, the name, and the figures; `unpriced` has
 * invocations instead of requests. Names and times are parameters, never text.
 */
export function invoiceStatement({ month, workspaceId, requesters }: InvoiceRows): {
  readonly sql: string;
  readonly parameters: readonly StatementParameter[];
} {
  const sql = `WITH used AS (
  SELECT coalesce(destination_model, service_name) AS model, session_metadata.coding_agent AS agent, requester,
    request_tags AS tags, is_final, input_tokens, output_tokens, cost_usd
  FROM system.ai_gateway.usage
  WHERE event_time >= :from AND event_time < :to AND workspace_id = :workspace${
    requesters === undefined
      ? ''
      : `
    AND lower(requester) IN (SELECT lower(explode(from_json(:requesters, 'array<string>'))))`
  }
)
SELECT 'total' AS part, NULL AS tag_key, NULL AS name, ${FIGURES} FROM used
UNION ALL ${breakdown('model')}
UNION ALL ${breakdown('agent')}
UNION ALL ${breakdown('requester')}
UNION ALL SELECT * FROM (
  SELECT 'tag' AS part, tag_key, element_at(tags, tag_key) AS name, ${FIGURES}
  FROM (SELECT explode(map_keys(tags)) AS tag_key, tags, is_final, input_tokens, output_tokens, cost_usd FROM used)
  GROUP BY tag_key, element_at(tags, tag_key) ORDER BY cost DESC, requests DESC LIMIT ${MOST_LINES})
UNION ALL SELECT * FROM (
  SELECT 'unpriced' AS part, NULL AS tag_key, model AS name, count(*) AS requests,
    coalesce(sum(input_tokens), 0) AS input_tokens, coalesce(sum(output_tokens), 0) AS output_tokens, 0 AS cost
  FROM used WHERE cost_usd IS NULL AND (input_tokens IS NOT NULL OR output_tokens IS NOT NULL)
  GROUP BY model ORDER BY requests DESC LIMIT ${MOST_LINES})`;
  const instant = (name: string, at: number) => ({ name, value: new Date(at).toISOString(), type: 'TIMESTAMP' });
  return {
    sql,
    parameters: [
      instant('from', month.from),
      instant('to', month.to),
      { name: 'workspace', value: workspaceId },
      ...(requesters === undefined ? [] : [{ name: 'requesters', value: JSON.stringify(requesters) }]),
    ],
  };
}

function breakdown(column: 'model' | 'agent' | 'requester'): string {
  const part = column === 'requester' ? 'user' : column;
  return `SELECT * FROM (
  SELECT '${part}' AS part, NULL AS tag_key, ${column} AS name, ${FIGURES}
  FROM used GROUP BY ${column} ORDER BY cost DESC, requests DESC LIMIT ${MOST_LINES})`;
}
