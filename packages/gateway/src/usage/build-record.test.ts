import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buildUsageRecord, estimateTokens } from './build-record.ts';
import { usageInput } from './testing/usage-input.ts';

const price = { input: '5', output: '25', cacheRead: '0.5', cacheWrite5m: '6.25', cacheWrite1h: '10' };
const reported = usageInput().outcome.usage!;

test('the estimate is (length + 1) / 4, rounded down', () => {
  expect([0, 1, 2, 3, 4, 6, 7, 400].map(estimateTokens)).toEqual([0, 0, 0, 1, 1, 1, 2, 100]);
});

test('every column that can be known is there', () => {
  expect(buildUsageRecord(usageInput({ price }))).toEqual({
    account_id: '00000000-0000-0000-0000-000000000000',
    workspace_id: '42',
    request_id: 'req-1',
    invocation_id: 'inv-1',
    schema_version: 1,
    event_time: '2026-11-22T08:30:00.007Z',
    service_type: 'MODEL_SERVICE',
    service_name: 'system.ai.claude-opus-4-8',
    service_tags: { tier: 'gold' },
    endpoint_id: null,
    endpoint_name: 'system.ai.claude-opus-4-8',
    endpoint_tags: {},
    endpoint_metadata: {
      creator: null,
      creation_time: null,
      last_updated_time: null,
      destinations: ['main'],
      inference_table: 'main.logs.opus_payload',
      fallbacks: ['spare'],
    },
    destination_type: 'EXTERNAL_FOUNDATION_MODEL',
    destination_name: 'main.default.anthropic',
    destination_id: null,
    destination_model: 'claude-opus-4-8-20260101',
    requester: 'ada@example.com',
    requester_type: 'USER',
    auth_mode: 'PAT',
    ip_address: '127.0.0.1',
    url: '/ai-gateway/anthropic/v1/messages?beta=true',
    user_agent: 'claude-cli/2.1.330 (external, cli)',
    api_type: 'anthropic/v1/messages',
    request_tags: { team: 'search' },
    invocation_metadata: { source: 'EXTERNAL_CLIENT', service_tier: null },
    session_metadata: usageInput().facts.session,
    mcp_metadata: null,
    input_tokens: 1000,
    output_tokens: 50,
    total_tokens: 1050,
    token_details: {
      cache_read_input_tokens: 700,
      cache_creation_input_tokens: 120,
      cache_creation_5m_input_tokens: 100,
      cache_creation_1h_input_tokens: 20,
      output_reasoning_tokens: 10,
    },
    response_content_type: 'text/event-stream',
    status_code: 200,
    latency_ms: 1235,
    time_to_first_byte_ms: 321,
    routing_information: { attempts: usageInput().outcome.attempts },
    // 180 at 5, 700 at 0.5, 100 at 6.25, 20 at 10, 50 at 25, each per million
    cost_usd: '0.003325',
    tokens_estimated: false,
    error_code: null,
    finish_reason: 'stop',
    is_final: true,
  });
});

test('a provider service addressed directly, and nothing found at all', () => {
  const direct = usageInput({ facts: { service: undefined, destination: undefined, destinationModel: 'gpt-5.5' } });
  expect(buildUsageRecord(direct)).toMatchObject({
    service_type: 'MODEL_PROVIDER_SERVICE',
    service_name: 'main.default.anthropic',
    destination_model: 'gpt-5.5',
    endpoint_metadata: null,
  });
  const none = usageInput({
    facts: {
      service: undefined,
      destination: undefined,
      providerService: undefined,
      ipAddress: undefined,
      headers: {},
    },
  });
  expect(buildUsageRecord(none)).toMatchObject({
    service_type: null,
    service_name: null,
    destination_type: null,
    destination_model: null,
    ip_address: null,
    user_agent: null,
  });
});

test('without a report, tokens are estimated and flagged', () => {
  expect(buildUsageRecord(usageInput({ price, outcome: { usage: undefined } }))).toMatchObject({
    input_tokens: 1000,
    output_tokens: 50,
    total_tokens: 1050,
    tokens_estimated: true,
    cost_usd: '0.00625',
    token_details: { cache_read_input_tokens: null, cache_creation_input_tokens: null },
  });
});

test('a half report is completed by the estimate, as for a caller that left in the middle', () => {
  const outcome = { status: 499, errorCode: 'caller_disconnected', usage: { ...reported, output: undefined } };
  expect(buildUsageRecord(usageInput({ outcome }))).toMatchObject({
    status_code: 499,
    error_code: 'caller_disconnected',
    input_tokens: 1000,
    output_tokens: 50,
    tokens_estimated: true,
  });
});

test.each([
  ['refused by the provider', { status: 429, usage: undefined, textLengths: { input: 4000, output: 0 } }],
  ['a call without tokens', { status: 200, usage: undefined, textLengths: undefined }],
])('%s: tokens and cost stay unknown', (_, outcome) => {
  expect(buildUsageRecord(usageInput({ price, outcome }))).toMatchObject({
    input_tokens: null,
    output_tokens: null,
    total_tokens: null,
    cost_usd: null,
    tokens_estimated: false,
  });
});

test('left before any text: the input was sent and is billed, so it is estimated', () => {
  const outcome = { status: 499, usage: undefined, textLengths: { input: 4000, output: 0 } };
  expect(buildUsageRecord(usageInput({ outcome }))).toMatchObject({
    input_tokens: 1000,
    output_tokens: 0,
    tokens_estimated: true,
  });
});

test('an unknown price gives an unknown cost; a reported zero stays zero', () => {
  expect(buildUsageRecord(usageInput()).cost_usd).toBeNull();
  const outcome = { usage: { ...reported, cacheRead: 0, cacheWrite1h: undefined } };
  expect(buildUsageRecord(usageInput({ outcome })).token_details).toMatchObject({
    cache_read_input_tokens: 0,
    cache_creation_input_tokens: 100,
    cache_creation_1h_input_tokens: null,
  });
});

test('the record never holds the options of the provider, and survives JSON', () => {
  const record = buildUsageRecord(usageInput({ price }));
  expect(JSON.stringify(record)).not.toContain('secret');
  expect(JSON.parse(JSON.stringify(record))).toEqual(record);
});

test('total is the sum exactly where both are known', () => {
  const tokens = fc.option(fc.nat(), { nil: undefined });
  fc.assert(
    fc.property(tokens, tokens, (input, output) => {
      const usage = { ...reported, input, output };
      const record = buildUsageRecord(usageInput({ outcome: { usage, textLengths: undefined } }));
      expect(record.total_tokens).toBe(input === undefined || output === undefined ? null : input + output);
    }),
  );
});
