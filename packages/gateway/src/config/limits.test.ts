import { describe, expect, test } from 'vitest';
import { loadConfig } from './load.ts';
import { explainConfig } from './explain.ts';
import { rateLimitsSchema, readRateLimits, writeRateLimits } from './rate-limit-schema.ts';
import { redisAddress } from './redis-url.ts';
import { testingFile } from './testing-file.ts';

const MINUTE = 'RATE_LIMIT_RENEWAL_PERIOD_MINUTE';

describe('the section limits', () => {
  test('has defaults', async () => {
    expect((await loadConfig({ env: {} })).limits).toEqual({
      redisUrl: undefined,
      whenUnavailable: 'closed',
      timeoutMs: 250,
      keyPrefix: 'ucode',
      outputEstimate: 1024,
      cacheReadWeight: 0.1,
    });
  });

  test('is read, the variable before the file, and never shows the password', async () => {
    const file = testingFile(
      'limits:\n  redis: { url: "rediss://gate:file%2Dcanary@cache:6380/2" }\n  timeout: 50ms\n',
    );
    const fromFile = await loadConfig({ file, env: {} });
    expect(fromFile.limits).toMatchObject({ redisUrl: 'rediss://gate:file%2Dcanary@cache:6380/2', timeoutMs: 50 });
    expect(explainConfig(fromFile)).toContain('rediss://cache:6380/2');
    expect(explainConfig(fromFile)).not.toContain('canary');
    const env = { UCODE_GATEWAY_REDIS_URL: 'redis://:env-canary@other' };
    const fromEnvironment = await loadConfig({ file, env });
    expect(fromEnvironment.limits.redisUrl).toBe(env.UCODE_GATEWAY_REDIS_URL);
    expect(fromEnvironment.sources).toContain('UCODE_GATEWAY_REDIS_URL');
    expect(explainConfig(fromEnvironment)).not.toContain('canary');
  });

  test.each([
    'http://canary@host',
    'redis://',
    'redis://u:can/ary@host',
    'redis://host/name',
    'host:6379',
    'redis://h?canary',
  ])('%s is no address', async (url) => {
    expect(redisAddress(url)).toBeUndefined();
    const failure = await loadConfig({ env: { UCODE_GATEWAY_REDIS_URL: url } }).catch((error: unknown) => error);
    expect(String(failure)).toMatch(/UCODE_GATEWAY_REDIS_URL.*not the URL/);
    expect(String(failure)).not.toMatch(/can\/?ary/);
  });
});

describe('rate limits of a service', () => {
  test('are read and written in the shape of the API', () => {
    const entries = [
      { key: 'RATE_LIMIT_KEY_SERVICE', renewal_period: MINUTE, requests: 5, tokens: 0 },
      { key: 'RATE_LIMIT_KEY_USER', renewal_period: MINUTE, principal: 'ada@example.com', requests: 5 },
      {
        key: 'RATE_LIMIT_KEY_REQUEST_TAG',
        renewal_period: MINUTE,
        request_tag_key: 'a',
        request_tag_value: 'b',
        tokens: 5,
      },
    ];
    expect(writeRateLimits(readRateLimits(rateLimitsSchema.parse(entries)))).toEqual(entries);
  });

  test.each<[string, Record<string, unknown>[], string]>([
    ['no key', [{ renewal_period: MINUTE, requests: 1 }], '0.key'],
    ['no period', [{ key: 'RATE_LIMIT_KEY_SERVICE', requests: 1 }], '0.renewal_period'],
    ['neither requests nor tokens', [{ key: 'RATE_LIMIT_KEY_SERVICE', renewal_period: MINUTE }], '0.requests'],
    ['a fraction', [{ key: 'RATE_LIMIT_KEY_SERVICE', renewal_period: MINUTE, requests: 1.5 }], '0.requests'],
    ['less than 0', [{ key: 'RATE_LIMIT_KEY_SERVICE', renewal_period: MINUTE, tokens: -1 }], '0.tokens'],
    ['too much', [{ key: 'RATE_LIMIT_KEY_SERVICE', renewal_period: MINUTE, requests: 1e10 }], '0.requests'],
    ['a user without a name', [{ key: 'RATE_LIMIT_KEY_USER', renewal_period: MINUTE, requests: 1 }], '0.principal'],
    [
      'a service with one',
      [{ key: 'RATE_LIMIT_KEY_SERVICE', renewal_period: MINUTE, requests: 1, principal: 'a' }],
      '0.principal',
    ],
    [
      'a tag without its key',
      [{ key: 'RATE_LIMIT_KEY_REQUEST_TAG', renewal_period: MINUTE, requests: 1 }],
      '0.request_tag_key',
    ],
    [
      'a user with a tag',
      [{ key: 'RATE_LIMIT_KEY_USER_DEFAULT', renewal_period: MINUTE, requests: 1, request_tag_value: 'a' }],
      '0.request_tag_value',
    ],
    [
      'the same scope twice',
      [
        { key: 'RATE_LIMIT_KEY_USER', renewal_period: MINUTE, principal: 'Ada', requests: 1 },
        { key: 'RATE_LIMIT_KEY_USER', renewal_period: MINUTE, principal: 'ada', requests: 2, tokens: 3 },
      ],
      '1.requests',
    ],
    ['an unknown key', [{ key: 'RATE_LIMIT_KEY_SERVICE', renewal_period: MINUTE, requests: 1, calls: 2 }], '0'],
  ])('%s is refused', (_, entries, place) => {
    const { error } = rateLimitsSchema.safeParse(entries);
    expect(error?.issues.map(({ path }) => path.join('.'))).toContain(place);
  });

  test('requests and tokens of a scope may stand apart', () => {
    const scope = { key: 'RATE_LIMIT_KEY_SERVICE', renewal_period: MINUTE };
    expect(
      rateLimitsSchema.safeParse([
        { ...scope, requests: 1 },
        { ...scope, tokens: 1 },
      ]).success,
    ).toBe(true);
  });
});
