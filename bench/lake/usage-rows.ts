import type { UsageRecord } from '../../packages/gateway/src/usage/usage-record.ts';

/** Every tenth row is this user's, every hundredth that of each of the others. */
export const HEAVY_USER = 'ada@example.com';
export const OTHER_USER = 'user3@example.com';
const OTHERS = 100;
const agents = [
  ['claude-code', 'claude-cli/2.1.330 (external, cli)', 'claude-opus-4-8-20260101'],
  ['codex', 'codex_cli_rs/0.99.0 (Debian 12; x86_64)', 'gpt-5-5'],
  ['gemini-cli', 'GeminiCLI/0.30.0/gemini-3-pro (linux; x64)', 'gemini-3-pro'],
  ['opencode', 'opencode/1.4.0 ai-sdk/6.0', 'claude-sonnet-5'],
] as const;

/** One row of `system.ai_gateway.usage` as a gateway writes it. Agents change from row to row. */
export function usageRow(number: number, eventTime: number): UsageRecord {
  const [codingAgent, userAgent, model] = agents[(number * 7 + (number >> 3)) % agents.length]!;
  const requester = number % 10 === 0 ? HEAVY_USER : `user${number % OTHERS}@example.com`;
  const time = new Date(eventTime).toISOString();
  const id = (kind: string): string => `${kind}-${number.toString(16).padStart(8, '0')}-7c3a-4f7e-9d55-3b7c1f0a9e42`;
  const input = 2000 + ((number * 131) % 60_000);
  const output = 50 + ((number * 17) % 3000);
  return {
    account_id: 'ucode',
    workspace_id: '42',
    request_id: id('req'),
    invocation_id: id('inv'),
    schema_version: 1,
    event_time: time,
    service_type: 'MODEL_SERVICE',
    service_name: `system.ai.${model}`,
    service_tags: { tier: 'gold' },
    endpoint_id: `system.ai.${model}`,
    endpoint_name: `system.ai.${model}`,
    endpoint_tags: { tier: 'gold' },
    endpoint_metadata: {
      creator: null,
      creation_time: null,
      last_updated_time: null,
      destinations: [`main.default.anthropic/${model}`],
      inference_table: null,
      fallbacks: [],
    },
    destination_type: 'EXTERNAL_FOUNDATION_MODEL',
    destination_name: 'main.default.anthropic',
    destination_id: 'main.default.anthropic',
    destination_model: model,
    requester,
    requester_type: 'USER',
    auth_mode: 'PAT',
    ip_address: `10.0.${number % 250}.7`,
    url: '/ai-gateway/anthropic/v1/messages?beta=true',
    user_agent: userAgent,
    api_type: 'anthropic/v1/messages',
    request_tags: { team: 'search' },
    invocation_metadata: { source: 'GATEWAY', service_tier: null },
    session_metadata: {
      coding_agent: codingAgent,
      agent_version: '2.1.330',
      surface: 'cli',
      client_session_id: id(`session-${number % 997}`),
      client_subagent_id: null,
      reasoning_effort: null,
      smart_router_name: null,
    },
    mcp_metadata: null,
    input_tokens: input,
    output_tokens: output,
    total_tokens: input + output,
    token_details: {
      cache_read_input_tokens: input >> 1,
      cache_creation_input_tokens: 100,
      cache_creation_5m_input_tokens: 100,
      cache_creation_1h_input_tokens: 0,
      output_reasoning_tokens: null,
    },
    response_content_type: 'text/event-stream',
    status_code: 200,
    latency_ms: 900 + (number % 7000),
    time_to_first_byte_ms: 300 + (number % 500),
    routing_information: {
      attempts: [
        {
          priority: 0,
          action: 'INITIAL_ATTEMPT',
          destination: 'main',
          destination_id: 'main.default.anthropic',
          status_code: 200,
          error_code: null,
          latency_ms: 900,
        },
      ],
    },
    cost_usd: `0.0${(number % 9000) + 1000}`,
    tokens_estimated: false,
    error_code: null,
    finish_reason: 'end_turn',
    is_final: true,
  };
}
