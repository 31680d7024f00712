import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGateway, type Gateway } from '../support/gateway-process.ts';
import type { UsageRecord } from '../../packages/gateway/src/usage/usage-record.ts';
import { eachDialect } from './support/dialect-cases.ts';
import { call, type CallResult } from './support/http-call.ts';
import { waitFor } from './support/wait-for.ts';

let gateway: Gateway;
let seen = 0;
beforeAll(async () => void (gateway = await startGateway()));
afterAll(() => gateway?.stop());

const modelOf: Readonly<Record<string, string>> = {
  'openai-chat': 'system.ai.gpt-5-5',
  'openai-responses': 'system.ai.gpt-5-5',
  'anthropic-messages': 'system.ai.claude-opus-4-8',
  gemini: 'system.ai.gemini-3-5-flash',
};

/** Sends one request and gives its answer and its record. */
async function metered(
  path: string,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ result: CallResult; record: UsageRecord }> {
  const result = await call(gateway.url + path, { token: gateway.token, body, headers });
  const records = await waitFor('the record', async () => {
    const all = await gateway.usage();
    return all.length > seen && all.slice(seen);
  });
  expect(records).toHaveLength(1);
  seen += 1;
  return { result, record: records[0]! };
}

describe.each(eachDialect)('%s', (name, dialect) => {
  it.each([false, true])('counts cached, written and reasoning tokens once (stream %s)', async (stream) => {
    const { path, body } = dialect.ask({ model: modelOf[name]!, text: 'hi', stream });
    const { record } = await metered(path, body);
    expect(record).toMatchObject({
      service_type: 'MODEL_SERVICE',
      service_name: modelOf[name],
      requester: 'admin',
      requester_type: 'USER',
      auth_mode: 'PAT',
      status_code: 200,
      input_tokens: 1200,
      output_tokens: 42,
      total_tokens: 1242,
      tokens_estimated: false,
      error_code: null,
      is_final: true,
      response_content_type: expect.stringContaining(stream ? 'text/event-stream' : 'application/json'),
      routing_information: { attempts: [{ action: 'INITIAL_ATTEMPT', status_code: 200, error_code: null }] },
    });
    expect(record.token_details.cache_read_input_tokens).toBe(1000);
    // Anthropic reports no reasoning tokens of their own.
    if (name !== 'anthropic-messages') expect(record.token_details.output_reasoning_tokens).toBe(7);
    expect(record.latency_ms).toBeGreaterThanOrEqual(record.time_to_first_byte_ms ?? 0);
    expect(record.url).not.toContain(gateway.token);
  });

  it.each([false, true])('estimates and says so when the provider reports nothing (stream %s)', async (stream) => {
    const { path, body } = dialect.ask({ model: modelOf[name]!, text: 'hi [demo: no-usage]', stream });
    const { record } = await metered(path, body);
    expect(record).toMatchObject({ status_code: 200, tokens_estimated: true });
    expect(record.input_tokens).toBeGreaterThan(0);
    expect(record.output_tokens).toBeGreaterThan(0);
    expect(record.total_tokens).toBe(record.input_tokens! + record.output_tokens!);
  });

  it('keeps tags and the agent’s name, version and session', async () => {
    const { path, body } = dialect.ask({ model: modelOf[name]!, text: 'hi', stream: true });
    const { record } = await metered(path, body, {
      'user-agent': 'claude-cli/2.1.330 (external, cli)',
      'x-claude-code-session-id': '0e0e0e0e-1111-4222-8333-444444444444',
      'databricks-ai-gateway-request-tags': '{"team":"payments","ticket":"A-1"}',
    });
    expect(record.request_tags).toEqual({ team: 'payments', ticket: 'A-1' });
    expect(record.user_agent).toBe('claude-cli/2.1.330 (external, cli)');
    expect(record.session_metadata).toMatchObject({
      coding_agent: 'claude-code',
      agent_version: '2.1.330',
      client_session_id: '0e0e0e0e-1111-4222-8333-444444444444',
    });
  });

  it('records a refused request once, without tokens', async () => {
    const { path, body } = dialect.ask({ model: 'no-such-model', text: 'hi', stream: true });
    const { record } = await metered(path, body);
    expect(record).toMatchObject({ status_code: 404, error_code: 'caller_model_not_found', is_final: true });
    expect(record.input_tokens ?? 0).toBe(0);
  });

  it('records a provider’s error with its status', async () => {
    const { path, body } = dialect.ask({ model: modelOf[name]!, text: 'hi [demo: error:400]', stream: true });
    const { record } = await metered(path, body);
    expect(record).toMatchObject({ status_code: 400, error_code: 'provider_error', is_final: true });
    expect(record.output_tokens ?? 0).toBe(0);
  });
});

it('tells one-hour cache writes from five-minute ones', async () => {
  const { record } = await metered(
    '/ai-gateway/anthropic/v1/messages',
    JSON.stringify({
      model: modelOf['anthropic-messages'],
      max_tokens: 64,
      messages: [{ role: 'user', content: 'hi' }],
    }),
  );
  expect(record.token_details).toMatchObject({ cache_creation_input_tokens: 80, cache_creation_1h_input_tokens: 80 });
  expect(record.token_details.cache_creation_5m_input_tokens ?? 0).toBe(0);
});

it('loses and doubles nothing under concurrency', async () => {
  const { path, body } = eachDialect[0]![1].ask({ model: modelOf['openai-chat']!, text: 'hi', stream: true });
  const before = seen;
  await Promise.all(Array.from({ length: 100 }, () => call(gateway.url + path, { token: gateway.token, body })));
  const records = await waitFor('all records', async () => {
    const all = await gateway.usage();
    return all.length >= before + 100 && all.slice(before);
  });
  expect(records).toHaveLength(100);
  expect(new Set(records.map((record) => record.request_id)).size).toBe(100);
  expect(records.every((record) => record.input_tokens === 1200)).toBe(true);
});
