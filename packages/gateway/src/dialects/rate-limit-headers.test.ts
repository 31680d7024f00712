import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GatewayError } from '../errors/gateway-error.ts';
import { dialects } from './index.ts';
import type { RateLimitReading } from './rate-limit-state.ts';

const AT = Date.UTC(2026, 10, 22, 12);

function reading(limit: number, remaining: number, resetMs: number): RateLimitReading {
  return { limit, remaining, resetMs, resetAt: AT + resetMs };
}

const readings = fc.option(
  fc
    .record({ limit: fc.nat({ max: 1e9 }), remaining: fc.nat({ max: 1e9 }), resetMs: fc.nat({ max: 3_600_000 }) })
    .map(({ limit, remaining, resetMs }) => reading(limit, Math.min(limit, remaining), resetMs)),
  { nil: undefined },
);

describe.each(Object.values(dialects))('$id', (dialect) => {
  test('headers may be sent as they are, and say nothing of what is not limited', () => {
    expect(dialect.rateLimitHeaders({ requests: undefined, tokens: undefined })).toEqual({});
    fc.assert(
      fc.property(readings, readings, (requests, tokens) => {
        const headers = dialect.rateLimitHeaders({ requests, tokens });
        for (const [name, value] of Object.entries(headers)) {
          expect(name).toMatch(/^[a-z-]+$/);
          expect(value).toMatch(/^[\w:.-]+$/);
          expect(name).not.toContain(requests === undefined ? 'requests' : 'nothing');
          expect(name).not.toContain(tokens === undefined ? 'tokens' : 'nothing');
        }
        expect(Object.keys(headers)).not.toContain('retry-after');
      }),
    );
  });

  test('they are those of no other part of an answer', () => {
    const state = { requests: reading(5, 0, 1), tokens: reading(5, 0, 1) };
    const error = new GatewayError('policy_rate_limited', 'm', { retryAfterSeconds: 2 });
    const own = Object.keys(dialect.encodeError(error, 'r').headers);
    expect(Object.keys(dialect.rateLimitHeaders(state)).filter((name) => own.includes(name))).toEqual([]);
  });

  test('a short limit says when to come back', () => {
    const error = new GatewayError('policy_rate_limited', 'm', { retryAfterSeconds: 12 });
    const { status, headers, body } = dialect.encodeError(error, 'r');
    expect([status, headers['retry-after'], headers['x-should-retry']]).toEqual([429, '12', undefined]);
    expect(body).not.toMatch(/PerDay|insufficient_quota/);
  });

  test('a limit of 0 is a refusal for good, without a wait', () => {
    const { status, headers, body } = dialect.encodeError(new GatewayError('policy_rate_denied', 'm'), 'r');
    expect([status, headers['retry-after']]).toEqual([429, undefined]);
    expect(`${body} ${headers['x-should-retry'] ?? ''}`).toMatch(/PerDay|insufficient_quota|false$/);
  });
});

const state = { requests: reading(100, 99, 360_000), tokens: reading(2_000_000_000, 1_500, 500) };

test('Anthropic’s', () => {
  expect(dialects['anthropic-messages'].rateLimitHeaders(state)).toEqual({
    'anthropic-ratelimit-requests-limit': '100',
    'anthropic-ratelimit-requests-remaining': '99',
    'anthropic-ratelimit-requests-reset': '2026-11-22T12:06:00Z',
    'anthropic-ratelimit-tokens-limit': '2000000000',
    'anthropic-ratelimit-tokens-remaining': '1500',
    'anthropic-ratelimit-tokens-reset': '2026-11-22T12:00:01Z',
  });
});

test('OpenAI’s, in chat and Responses', () => {
  for (const id of ['openai-chat', 'openai-responses'] as const) {
    expect(dialects[id].rateLimitHeaders(state)).toEqual({
      'x-ratelimit-limit-requests': '100',
      'x-ratelimit-remaining-requests': '99',
      'x-ratelimit-reset-requests': '6m0s',
      'x-ratelimit-limit-tokens': '2000000000',
      'x-ratelimit-remaining-tokens': '1500',
      'x-ratelimit-reset-tokens': '500ms',
    });
  }
  const reset = (ms: number): string | undefined =>
    dialects['openai-chat'].rateLimitHeaders({ requests: reading(1, 1, ms), tokens: undefined })[
      'x-ratelimit-reset-requests'
    ];
  expect([0, 999, 1_000, 59_001, 3_600_000, 3_661_000].map(reset)).toEqual([
    '0s',
    '999ms',
    '1s',
    '1m0s',
    '1h0m0s',
    '1h1m1s',
  ]);
});
