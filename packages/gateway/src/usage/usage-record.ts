/**
 * One invocation, as it becomes a row of `system.ai_gateway.usage` (unity-ai-gateway 3.1). Names are
 * the column names. `null` is unknown. Columns below the line are ours.
 */
export interface UsageRecord {
  account_id: string;
  workspace_id: string;
  /** Shared by all invocations of one request. */
  request_id: string;
  invocation_id: string;
  schema_version: number;
  /** When the request was received: ISO 8601, UTC, milliseconds. */
  event_time: string;
  service_type: 'MODEL_SERVICE' | 'MODEL_PROVIDER_SERVICE' | null;
  service_name: string | null;
  service_tags: Record<string, string>;
  endpoint_id: string | null;
  endpoint_name: string | null;
  endpoint_tags: Record<string, string>;
  endpoint_metadata: EndpointMetadata | null;
  destination_type: string | null;
  destination_name: string | null;
  destination_id: string | null;
  destination_model: string | null;
  requester: string;
  requester_type: 'USER' | 'SERVICE_PRINCIPAL';
  auth_mode: 'PAT' | 'OAUTH';
  ip_address: string | null;
  url: string;
  user_agent: string | null;
  api_type: string;
  request_tags: Record<string, string>;
  invocation_metadata: { source: string; service_tier: string | null };
  session_metadata: SessionMetadata;
  mcp_metadata: null;
  /** Includes cache reads and writes. */
  input_tokens: number | null;
  output_tokens: number | null;
  total_tokens: number | null;
  token_details: TokenDetails;
  response_content_type: string | null;
  /** Final HTTP status; 499 when the caller left before the end. */
  status_code: number;
  latency_ms: number;
  time_to_first_byte_ms: number | null;
  routing_information: { attempts: Attempt[] };
  // ---- ours
  /** US dollars as an exact decimal string, or `null` where no price is known. */
  cost_usd: string | null;
  /** True where tokens were estimated (`(text_length + 1) / 4`), not reported. */
  tokens_estimated: boolean;
  /** Code of the error catalogue, where the invocation failed or was aborted. */
  error_code: string | null;
  finish_reason: string | null;
  /** True for the invocation whose answer the caller got. */
  is_final: boolean;
}

export interface EndpointMetadata {
  creator: string | null;
  creation_time: string | null;
  last_updated_time: string | null;
  destinations: string[];
  /** Full name of the table of the service's payloads. */
  inference_table: string | null;
  fallbacks: string[];
}

export interface SessionMetadata {
  /** `claude-code`, `codex`, `gemini-cli`, `opencode`, `copilot-cli`, `pi`, `cursor`. */
  coding_agent: string | null;
  agent_version: string | null;
  surface: string | null;
  client_session_id: string | null;
  client_subagent_id: string | null;
  reasoning_effort: string | null;
  smart_router_name: string | null;
}

export interface TokenDetails {
  cache_read_input_tokens: number | null;
  cache_creation_input_tokens: number | null;
  cache_creation_5m_input_tokens: number | null;
  cache_creation_1h_input_tokens: number | null;
  output_reasoning_tokens: number | null;
}

/** One attempt at one destination (unity-ai-gateway 3.1, `routing_information`). */
export interface Attempt {
  priority: number;
  action: 'INITIAL_ATTEMPT' | 'RETRY' | 'FALLBACK';
  destination: string;
  destination_id: string | null;
  status_code: number | null;
  error_code: string | null;
  latency_ms: number;
}
