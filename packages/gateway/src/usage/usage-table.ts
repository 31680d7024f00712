import type { TableRef } from '../lake/lake.ts';
import { array, field, map, struct, type StructType } from '../lake/schema/delta-type.ts';
import type { BuiltInTable } from '../unity/catalog.ts';
import type { SpoolFeed } from './spool-feed.ts';

const tags = map('string', 'string');

const endpointMetadata = struct(
  field('creator', 'string'),
  field('creation_time', 'timestamp'),
  field('last_updated_time', 'timestamp'),
  field('destinations', array('string')),
  field('inference_table', 'string', 'table of the payloads'),
  field('fallbacks', array('string')),
);

const sessionMetadata = struct(
  field('coding_agent', 'string', 'claude-code, codex, gemini-cli, opencode, copilot-cli, pi, cursor'),
  field('agent_version', 'string'),
  field('surface', 'string'),
  field('client_session_id', 'string'),
  field('client_subagent_id', 'string'),
  field('reasoning_effort', 'string'),
  field('smart_router_name', 'string'),
);

const tokenDetails = struct(
  field('cache_read_input_tokens', 'long'),
  field('cache_creation_input_tokens', 'long'),
  field('cache_creation_5m_input_tokens', 'long'),
  field('cache_creation_1h_input_tokens', 'long'),
  field('output_reasoning_tokens', 'long'),
);

const attempt = struct(
  field('priority', 'integer', 'place in the order of attempts, from 0'),
  field('action', 'string', 'INITIAL_ATTEMPT, RETRY or FALLBACK'),
  field('destination', 'string'),
  field('destination_id', 'string'),
  field('status_code', 'integer'),
  field('error_code', 'string'),
  field('latency_ms', 'long'),
);

/** Columns of `UsageRecord` with the types of unity-ai-gateway 3.1, in that order; ours follow. */
const schema: StructType = struct(
  field('account_id', 'string', 'Account. One self-hosted installation is one account.'),
  field('workspace_id', 'string', 'Workspace that received the call.'),
  field('request_id', 'string', 'Shared by all invocations of one request. Joins the payload tables.'),
  field('invocation_id', 'string', 'One attempt at one destination. Unique.'),
  field('schema_version', 'integer', 'Version of the meaning of these columns.'),
  field('event_time', 'timestamp', 'When the request was received.'),
  field('service_type', 'string', 'MODEL_SERVICE, or MODEL_PROVIDER_SERVICE where a provider was addressed directly.'),
  field('service_name', 'string', 'Three-level name of the service.'),
  field('service_tags', tags, 'Tags of the service.'),
  field('endpoint_id', 'string', 'The service seen as an endpoint: its id.'),
  field('endpoint_name', 'string', 'The service seen as an endpoint: its name.'),
  field('endpoint_tags', tags, 'The service seen as an endpoint: its tags.'),
  field('endpoint_metadata', endpointMetadata, 'The service seen as an endpoint: how it is set up.'),
  field('destination_type', 'string', 'Kind of the destination: EXTERNAL_FOUNDATION_MODEL.'),
  field('destination_name', 'string', 'Provider service that served the call.'),
  field('destination_id', 'string', 'Id of the destination.'),
  field('destination_model', 'string', 'Model that served the call, as the provider names it.'),
  field('requester', 'string', 'User name, or application id of a service principal.'),
  field('requester_type', 'string', 'USER or SERVICE_PRINCIPAL.'),
  field('auth_mode', 'string', 'How the caller authenticated: PAT or OAUTH.'),
  field('ip_address', 'string', 'Address of the caller, as the gateway sees it.'),
  field('url', 'string', 'Path and query of the request, without credentials.'),
  field('user_agent', 'string', 'User-Agent of the caller, verbatim.'),
  field('api_type', 'string', 'API that was called, such as anthropic/v1/messages.'),
  field('request_tags', tags, 'Tags the caller sent with the request.'),
  field(
    'invocation_metadata',
    struct(field('source', 'string'), field('service_tier', 'string')),
    'Where the call came from, and the tier it was served in.',
  ),
  field('session_metadata', sessionMetadata, 'Which coding agent called, and in which session.'),
  field(
    'mcp_metadata',
    struct(field('json_rpc_method', 'string'), field('tool_name', 'string'), field('server_type', 'string')),
    'Of MCP calls: method, tool and kind of server.',
  ),
  field('input_tokens', 'long', 'Input tokens, those read from and written to a cache included.'),
  field('output_tokens', 'long', 'Output tokens, reasoning included.'),
  field('total_tokens', 'long', 'Input and output tokens.'),
  field('token_details', tokenDetails, 'Parts of the input and output tokens.'),
  field('response_content_type', 'string', 'Content type of the answer.'),
  field('status_code', 'integer', 'Final HTTP status; 499 when the caller left before the end.'),
  field('latency_ms', 'long', 'Milliseconds from the request to the end of the answer.'),
  field('time_to_first_byte_ms', 'long', 'Milliseconds from the request to the first byte of the answer.'),
  field('routing_information', struct(field('attempts', array(attempt))), 'All attempts of the request so far.'),
  field('cost_usd', 'decimal(38,12)', 'Cost in US dollars; NULL where no price is known.'),
  field('tokens_estimated', 'boolean', 'Whether tokens were estimated because the provider reported none.'),
  field('error_code', 'string', 'Error of the gateway, where the invocation failed or was aborted.'),
  field('finish_reason', 'string', 'Why the model stopped.'),
  field('is_final', 'boolean', 'Whether the caller got the answer of this invocation.'),
);

/** `system.ai_gateway.usage`: one row per invocation. */
export const usageTable: BuiltInTable = {
  name: ['system', 'ai_gateway', 'usage'],
  comment: 'One row per invocation of a model service. Everyone sees their own rows.',
  schema,
  ownRowsColumn: 'requester',
};

/** What a row costs, flat. Shows the rows of `usageTable` that the caller may see. */
export const usageCostView: BuiltInTable = {
  name: ['system', 'ai_gateway', 'usage_cost'],
  comment: 'Tokens and cost in US dollars of each invocation. Everyone sees their own rows.',
  viewText: `SELECT
  request_id,
  invocation_id,
  event_time,
  requester,
  service_name,
  destination_name,
  destination_model,
  session_metadata.coding_agent AS coding_agent,
  input_tokens,
  output_tokens,
  total_tokens,
  token_details.cache_read_input_tokens AS cache_read_input_tokens,
  token_details.cache_creation_input_tokens AS cache_creation_input_tokens,
  token_details.output_reasoning_tokens AS output_reasoning_tokens,
  tokens_estimated,
  cost_usd
FROM system.ai_gateway.usage`,
  ownRowsColumn: 'requester',
};

/** Spend per hour, model and provider (unity-ai-gateway 3.6), and per requester. Invocations without a price are left out. */
export const externalModelSpendView: BuiltInTable = {
  name: ['system', 'ai_gateway', 'external_model_spend'],
  comment: 'Estimated spend at external providers by hour, model and provider. Everyone sees their own.',
  viewText: `SELECT
  CAST(date_trunc('HOUR', event_time) AS DATE) AS usage_date,
  date_trunc('HOUR', event_time) AS usage_start_time,
  SUM(cost_usd) AS usage_quantity,
  'USD' AS usage_unit,
  named_struct('model', destination_model, 'provider', destination_name) AS usage_metadata,
  requester
FROM system.ai_gateway.usage
WHERE cost_usd IS NOT NULL
GROUP BY date_trunc('HOUR', event_time), destination_model, destination_name, requester`,
  ownRowsColumn: 'requester',
};

/** The built-in tables and views of usage, in the order they must be made. */
export const usageTables: readonly BuiltInTable[] = [usageTable, usageCostView, externalModelSpendView];

/** Name of the feed of usage. */
export const USAGE_FEED = 'usage';

/** The spool of `UsageRecord`s on its way to `usageTable`. */
export function usageFeed({ directory, table }: { directory: string; table: TableRef }): SpoolFeed {
  return {
    name: USAGE_FEED,
    directory,
    toRows: (payload) => {
      // What the spool holds is the row already; reading it proves that it is one.
      JSON.parse(payload.toString('utf8'));
      return { table, lines: payload, count: 1 };
    },
  };
}
