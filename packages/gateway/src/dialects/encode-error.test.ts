import { describe, expect, test } from 'vitest';
import { catalogue, type ErrorCode } from '../errors/catalogue.ts';
import { GatewayError } from '../errors/gateway-error.ts';
import { SseParser } from '../framing/sse.ts';
import { dialects } from './index.ts';

const codes = Object.keys(catalogue) as ErrorCode[];
const { 'openai-chat': chat, 'openai-responses': responses, 'anthropic-messages': anthropic, gemini } = dialects;

describe.each(Object.values(dialects))('$id', (dialect) => {
  test.each(codes)('%s is an error to the dialect itself, before and inside a stream', (code) => {
    const error = new GatewayError(code, 'Something "happened".', { retryAfterSeconds: 2.2 });
    const answer = dialect.encodeError(error, 'req-1');
    expect(answer.status).toBe(error.status);
    expect(answer.headers).toMatchObject({
      'content-type': 'application/json',
      'retry-after': '3',
      [dialect.requestIdHeader]: 'req-1',
    });
    expect(answer.headers['www-authenticate']).toBe(error.status === 401 ? 'Bearer' : undefined);
    expect(dialect.decodeResponse(answer.body).at(-1)).toMatchObject({
      type: 'error',
      message: 'Something "happened".',
    });

    const parser = new SseParser();
    const frames = parser.push(Buffer.from(dialect.encodeStreamError(error, 'req-1')));
    expect(parser.atBoundary).toBe(true);
    expect(frames.map((frame) => dialect.isTerminal(frame))).toEqual([true]);
    const decoder = dialect.streamDecoder();
    const events = frames.flatMap((frame) => decoder.step(frame));
    expect(events.at(-1)?.type).toBe('error');
    expect(JSON.stringify(events)).toContain('happened');
  });

  test('the keepalive is no event to the decoder', () => {
    const decoder = dialect.streamDecoder();
    const frames = new SseParser().push(Buffer.from(dialect.keepalive ?? ''));
    expect(frames.flatMap((frame) => decoder.step(frame))).toEqual([]);
    expect(frames.some((frame) => dialect.isTerminal(frame))).toBe(false);
  });
});

const bodyOf = (answer: { body: string }): any => JSON.parse(answer.body);

test('OpenAI errors always have a code, the vendor’s where it has one', () => {
  for (const dialect of [chat, responses]) {
    for (const code of codes)
      expect(bodyOf(dialect.encodeError(new GatewayError(code, 'm'), 'r')).error.code).toEqual(expect.any(String));
    const codeOf = (error: GatewayError): string => bodyOf(dialect.encodeError(error, 'r')).error.code;
    expect(codeOf(new GatewayError('caller_model_not_found', 'm'))).toBe('model_not_found');
    expect(codeOf(new GatewayError('caller_unauthenticated', 'm'))).toBe('invalid_api_key');
    expect(codeOf(new GatewayError('policy_forbidden', 'm', { status: 429, retryAfterSeconds: 2 }))).toBe(
      'rate_limit_exceeded',
    );
    expect(codeOf(new GatewayError('policy_forbidden', 'm', { status: 429, retryAfterSeconds: 3600 }))).toBe(
      'insufficient_quota',
    );
    expect(codeOf(new GatewayError('policy_dialect_unsupported', 'm'))).toBe('policy_dialect_unsupported');
  }
});

test('Anthropic errors are typed by status, and a long wait says not to retry', () => {
  const answer = anthropic.encodeError(
    new GatewayError('policy_forbidden', 'm', { status: 429, retryAfterSeconds: 3600 }),
    'req_1',
  );
  expect(bodyOf(answer)).toEqual({
    type: 'error',
    error: { type: 'rate_limit_error', message: 'm' },
    request_id: 'req_1',
  });
  expect(answer.headers['x-should-retry']).toBe('false');
  expect(bodyOf(anthropic.encodeError(new GatewayError('caller_model_not_found', 'm'), 'r')).error.type).toBe(
    'not_found_error',
  );
});

test('Gemini errors carry status word, our code and the wait', () => {
  const { error } = bodyOf(
    gemini.encodeError(new GatewayError('policy_forbidden', 'm', { status: 429, retryAfterSeconds: 2 }), 'r'),
  );
  expect(error).toMatchObject({ code: 429, status: 'RESOURCE_EXHAUSTED', message: 'm' });
  expect(error.details).toContainEqual({ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '2s' });
  expect(JSON.stringify(error.details)).not.toContain('PerDay');
  expect(
    gemini.encodeError(new GatewayError('policy_forbidden', 'm', { status: 429, retryAfterSeconds: 3600 }), 'r').body,
  ).toContain('PerDay');
});

test('a cut upstream is told in the words that agents retry on, a refusal is not', () => {
  const cut = new GatewayError('provider_stream_cut', 'The provider closed the stream.');
  const refusal = new GatewayError('policy_forbidden', 'Not allowed.');
  expect(anthropic.encodeStreamError(cut, 'r')).toContain('"overloaded_error"');
  expect(anthropic.encodeStreamError(refusal, 'r')).toContain('"permission_error"');
  expect(responses.encodeStreamError(cut, 'r')).toContain('"code":"server_error"');
  expect(responses.encodeStreamError(refusal, 'r')).toContain('"code":"invalid_prompt"');
  expect(chat.encodeStreamError(cut, 'r')).toMatch(/Server error: /);
  expect(chat.encodeStreamError(cut, 'r')).not.toContain('[DONE]');
  expect(chat.encodeStreamError(refusal, 'r')).not.toMatch(/server.?error/i);
});
