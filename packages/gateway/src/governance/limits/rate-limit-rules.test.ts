import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RateLimit } from '../../config/rate-limit-schema.ts';
import type { GatewayError } from '../../errors/gateway-error.ts';
import type { TokenUsage } from '../../ir/usage.ts';
import type { AdmissionRequest } from '../admission.ts';
import { MemoryCounters } from '../counters/memory-counters.ts';
import { Governor } from '../governor.ts';
import { RateLimitRules } from './rate-limit-rules.ts';
import { rateLimitState } from './rate-limit-state.ts';
import { refusedState } from './refused-state.ts';
import { LIMIT_REQUEST_AT, limitRequest, limitsOf } from './testing/limit-request.ts';
import { naiveConditions } from './testing/naive-rules.ts';

const rules = new RateLimitRules({ cacheReadWeight: () => 0.1 });

/** Each condition as `scope unit/minutes: count limit | …`, without the part of the key that is the same for all. */
function conditions(request: AdmissionRequest): string[] {
  return rules.rulesFor(request).map(({ scope, unit, group }) => {
    const [first] = group.anyOf;
    const minutes = first?.window.kind === 'rolling' ? first.window.ms / 60_000 : 0;
    const anyOf = group.anyOf.map(({ key, limit }) => `${key.replace(`rate|m|main.team.fast|${unit}|`, '')} ${limit}`);
    return `${scope} ${unit}/${minutes}: ${anyOf.join(' or ')}`;
  });
}

type Given = Parameters<typeof limitRequest>[1];
const robot: Given = { principal: { id: '9', userName: 'AAAA-robot', type: 'SERVICE_PRINCIPAL', groups: ['red'] } };
const loner: Given = { principal: { groups: [] } };

describe('which limits hold', () => {
  test.each<[name: string, limits: string[], given: Given, expected: string[]]>([
    ['no limits by default', [], {}, []],
    ['the service for everyone', ['SERVICE requests=5'], {}, ['endpoint requests/1: service 5']],
    [
      'the service beside what the user has',
      ['SERVICE requests=5', 'USER ada@example.com requests=9'],
      {},
      ['endpoint requests/1: service 5', 'user requests/1: principal|17 9'],
    ],
    ['the default for each user', ['USER_DEFAULT requests=5'], loner, ['user requests/1: principal|17 5']],
    [
      'the default for service principals',
      ['USER_DEFAULT requests=5'],
      robot,
      ['service principal requests/1: principal|9 5'],
    ],
    [
      'a custom user beats the default',
      ['USER_DEFAULT requests=5', 'USER ada@example.com requests=50'],
      loner,
      ['user requests/1: principal|17 50'],
    ],
    ['user names without regard to case', ['USER ADA@Example.Com requests=5'], {}, ['user requests/1: principal|17 5']],
    ['another user is not concerned', ['USER bob@example.com requests=5'], {}, []],
    ['a user is no service principal of that name', ['SERVICE_PRINCIPAL ada@example.com requests=5'], {}, []],
    [
      'a service principal by its application id',
      ['SERVICE_PRINCIPAL aaaa-ROBOT requests=5', 'USER AAAA-robot requests=1', 'USER_DEFAULT requests=2'],
      robot,
      ['service principal requests/1: principal|9 5'],
    ],
    [
      'a user beats its groups',
      ['USER_GROUP red requests=1', 'USER ada@example.com requests=50'],
      {},
      ['user requests/1: principal|17 50'],
    ],
    [
      'a group beats the default, shared by its members',
      ['USER_DEFAULT requests=5', 'USER_GROUP RED requests=70'],
      {},
      ['user group requests/1: group|red 70'],
    ],
    [
      'a group of others is not concerned',
      ['USER_GROUP green requests=1', 'USER_DEFAULT requests=5'],
      {},
      ['user requests/1: principal|17 5'],
    ],
    [
      'of several groups one with room is enough',
      ['USER_GROUP red requests=1', 'USER_GROUP blue requests=7', 'USER_GROUP green requests=9'],
      {},
      ['user group requests/1: group|red 1 or group|blue 7'],
    ],
    [
      'groups for each unit and period by itself',
      ['USER_GROUP red requests=1 tokens=10', 'USER_GROUP blue requests=7 HOUR', 'USER_GROUP blue tokens=20'],
      {},
      [
        'user group requests/1: group|red 1',
        'user group tokens/1: group|red 10 or group|blue 20',
        'user group requests/60: group|blue 7',
      ],
    ],
    [
      'requests and tokens resolved apart',
      ['USER_DEFAULT requests=5 tokens=500', 'USER ada@example.com requests=50'],
      loner,
      ['user requests/1: principal|17 50', 'user tokens/1: principal|17 500'],
    ],
    [
      'tokens of a group, requests of the default',
      ['USER_DEFAULT requests=5 tokens=500', 'USER_GROUP red tokens=900'],
      {},
      ['user requests/1: principal|17 5', 'user group tokens/1: group|red 900'],
    ],
    [
      'minute and hour together',
      ['SERVICE requests=5', 'SERVICE requests=100 HOUR'],
      {},
      ['endpoint requests/1: service 5', 'endpoint requests/60: service 100'],
    ],
    [
      'a custom rule replaces both periods of the default',
      ['USER_DEFAULT requests=5', 'USER_DEFAULT requests=100 HOUR', 'USER ada@example.com requests=50'],
      loner,
      ['user requests/1: principal|17 50'],
    ],
    [
      'a tag for every value',
      ['REQUEST_TAG team requests=5'],
      { tags: { team: 'x' } },
      ['request tag requests/1: tag|["team","x"] 5'],
    ],
    ['no tag, no limit', ['REQUEST_TAG team requests=5'], { tags: { Team: 'x' } }, []],
    [
      "a value's own limit beats the tag's",
      ['REQUEST_TAG team requests=5', 'REQUEST_TAG team=x requests=50'],
      { tags: { team: 'x' } },
      ['request tag requests/1: tag|["team","x"] 50'],
    ],
    [
      "another value's limit does not",
      ['REQUEST_TAG team requests=5', 'REQUEST_TAG team=x requests=50'],
      { tags: { team: 'X' } },
      ['request tag requests/1: tag|["team","X"] 5'],
    ],
    [
      'tags beside user and service',
      ['SERVICE requests=9', 'USER_DEFAULT requests=8', 'REQUEST_TAG a requests=7', 'REQUEST_TAG b requests=6'],
      { ...loner, tags: { b: '1', a: '2' } },
      [
        'endpoint requests/1: service 9',
        'user requests/1: principal|17 8',
        'request tag requests/1: tag|["a","2"] 7',
        'request tag requests/1: tag|["b","1"] 6',
      ],
    ],
    ['names of every object are no tags', ['REQUEST_TAG constructor requests=5'], { tags: {} }, []],
  ])('%s', (_, limits, given, expected) => {
    expect(conditions(limitRequest(limitsOf(...limits), given))).toEqual(expected);
  });

  test('of a provider service that is called directly, counted apart', () => {
    const { resolved, ...request } = limitRequest(limitsOf('SERVICE requests=5'));
    const direct = {
      ...request,
      resolved: { ...resolved, kind: 'provider-service', model: 'gpt' },
    } as AdmissionRequest;
    const [rule] = rules.rulesFor(direct);
    expect(rule?.group.anyOf[0]?.key).toBe('rate|p|main.team.fast|requests|service');
  });

  test('as a plain reading of the precedence says, for any list of limits', () => {
    const unit = fc.constantFrom('requests', 'tokens', 'both');
    const limit = fc
      .record({
        key: fc.constantFrom(
          'RATE_LIMIT_KEY_SERVICE',
          'RATE_LIMIT_KEY_USER_DEFAULT',
          'RATE_LIMIT_KEY_USER',
          'RATE_LIMIT_KEY_SERVICE_PRINCIPAL',
          'RATE_LIMIT_KEY_USER_GROUP',
          'RATE_LIMIT_KEY_REQUEST_TAG',
        ),
        period: fc.constantFrom('RATE_LIMIT_RENEWAL_PERIOD_MINUTE', 'RATE_LIMIT_RENEWAL_PERIOD_HOUR'),
        name: fc.constantFrom('ada', 'ADA', 'red', 'Blue', 'green'),
        tag: fc.constantFrom('team', 'cost'),
        value: fc.constantFrom(undefined, 'x', 'y'),
        unit,
        most: fc.nat({ max: 20 }),
      })
      .map((given): RateLimit => {
        const isTag = given.key === 'RATE_LIMIT_KEY_REQUEST_TAG';
        const hasName = !isTag && !['RATE_LIMIT_KEY_SERVICE', 'RATE_LIMIT_KEY_USER_DEFAULT'].includes(given.key);
        return {
          key: given.key as RateLimit['key'],
          period: given.period as RateLimit['period'],
          principal: hasName ? given.name : undefined,
          requestTagKey: isTag ? given.tag : undefined,
          requestTagValue: isTag ? given.value : undefined,
          requests: given.unit === 'tokens' ? undefined : given.most,
          tokens: given.unit === 'requests' ? undefined : given.most,
        };
      });
    const scopeOf = (one: RateLimit): string =>
      JSON.stringify([one.key, one.period, one.principal?.toLowerCase(), one.requestTagKey, one.requestTagValue]);
    const limits = fc.uniqueArray(limit, { maxLength: 25, selector: scopeOf });
    const caller = fc.record({
      userName: fc.constantFrom('ada', 'Ada', 'bob'),
      type: fc.constantFrom('USER' as const, 'SERVICE_PRINCIPAL' as const),
      groups: fc.subarray(['red', 'RED', 'blue', 'green', 'grey']),
    });
    const tags = fc.record({ team: fc.constantFrom('x', 'z'), cost: fc.constantFrom('y') }, { requiredKeys: [] });
    fc.assert(
      fc.property(limits, caller, tags, (list, principal, given) => {
        const request = limitRequest(list, { principal, tags: given as Record<string, string> });
        const found = rules.rulesFor(request).map(({ unit: of, group }) => ({
          unit: of,
          period: group.anyOf[0]?.window.kind === 'rolling' && group.anyOf[0].window.ms === 60_000 ? 'MINUTE' : 'HOUR',
          anyOf: group.anyOf
            .map(({ key, limit: most }) => `${key.replace(`rate|m|main.team.fast|${of}|`, '')} ${most}`)
            .map(whoOf)
            .toSorted(),
        }));
        const expected = naiveConditions(list, principal, given as Record<string, string>).map((one) => ({
          ...one,
          period: one.period.replace('RATE_LIMIT_RENEWAL_PERIOD_', ''),
        }));
        const sorted = (all: readonly unknown[]): string[] => all.map((one) => JSON.stringify(one)).toSorted();
        expect(sorted(found)).toEqual(sorted(expected));
      }),
      { numRuns: 500 },
    );
  });
});

/** A key's end in the words of the naive evaluator. */
function whoOf(text: string): string {
  return text
    .replace(/^principal\|17/, 'me')
    .replace(/^group\|/, '')
    .replace(/^tag\|\["(\w+)","(\w+)"\]/, '$1=$2');
}

function usage(given: Partial<TokenUsage>): TokenUsage {
  return {
    input: undefined,
    output: undefined,
    cacheRead: undefined,
    cacheWrite5m: undefined,
    cacheWrite1h: undefined,
    reasoning: undefined,
    raw: undefined,
    ...given,
  };
}

function setUp() {
  const counters = new MemoryCounters({ clock: () => LIMIT_REQUEST_AT });
  const governor = new Governor({ counters, sources: [rules], openWhenUnavailable: () => false });
  const refusal = (request: AdmissionRequest): GatewayError => {
    try {
      void governor.admit(request);
    } catch (error) {
      return error as GatewayError;
    }
    throw new Error('It was admitted.');
  };
  return { counters, governor, refusal };
}

describe('with a governor', () => {
  test.each([
    ['SERVICE requests=1', {}, 'Requests-per-minute (RPM) rate limit exceeded for endpoint', 60],
    ['USER_DEFAULT requests=1', loner, 'Requests-per-minute (RPM) rate limit exceeded for user', 60],
    ['USER_DEFAULT requests=1 HOUR', loner, 'Requests-per-hour (RPH) rate limit exceeded for user', 3600],
    [
      'SERVICE_PRINCIPAL aaaa-robot tokens=150',
      robot,
      'Tokens-per-minute (TPM) rate limit exceeded for service principal',
      60,
    ],
    ['USER_GROUP red tokens=200 HOUR', {}, 'Tokens-per-hour (TPH) rate limit exceeded for user group', 3600],
    [
      'REQUEST_TAG team requests=1',
      { tags: { team: 'x' } },
      'Requests-per-minute (RPM) rate limit exceeded for request tag',
      60,
    ],
  ] as const)('%s refuses in the words of the vendor', (line, given, words, seconds) => {
    const { governor, refusal } = setUp();
    const request = limitRequest(limitsOf(line), given);
    void governor.admit(request);
    expect(refusal(request)).toMatchObject({
      code: 'policy_rate_limited',
      status: 429,
      vendorCode: 'REQUEST_LIMIT_EXCEEDED',
      retryAfterSeconds: seconds,
      message: `User defined rate limit(s) exceeded for 'main.team.fast'. ${words}`,
    });
  });

  test('what is free counts nowhere, and is denied with everything else', () => {
    const { refusal } = setUp();
    const free = { isFree: true, estimate: { input: 500, output: 0 } };
    expect(rules.rulesFor(limitRequest(limitsOf('SERVICE requests=1 tokens=10'), free))).toEqual([]);
    const groups = limitsOf('USER_GROUP red requests=0', 'USER_GROUP blue requests=5');
    expect(rules.rulesFor(limitRequest(groups, free))).toEqual([]);
    for (const line of ['SERVICE requests=0', 'USER ada@example.com tokens=0', 'USER_GROUP red requests=0']) {
      expect(refusal(limitRequest(limitsOf(line), free)).code).toBe('policy_rate_denied');
    }
  });

  test('a limit of 0 denies, without a wait', () => {
    const { refusal, counters } = setUp();
    for (const line of ['USER ada@example.com requests=0', 'SERVICE tokens=0']) {
      const error = refusal(limitRequest(limitsOf(line), { estimate: { input: 0, output: 0 } }));
      expect(error).toMatchObject({ code: 'policy_rate_denied', status: 429, vendorCode: 'REQUEST_LIMIT_EXCEEDED' });
      expect(error.retryAfterSeconds).toBeUndefined();
    }
    expect(counters.size).toBe(0);
  });

  test('users do not share what is each user’s, and groups share theirs', () => {
    const { governor, refusal } = setUp();
    const list = limitsOf('USER_DEFAULT requests=1', 'USER_GROUP red requests=2');
    const of = (id: string, groups: string[]): AdmissionRequest => limitRequest(list, { principal: { id, groups } });
    for (const id of ['1', '2']) void governor.admit(of(id, []));
    for (const id of ['3', '4']) void governor.admit(of(id, ['red']));
    expect(refusal(of('5', ['red'])).message).toContain('user group');
    expect(refusal(of('1', [])).message).toContain('for user');
  });

  test('tokens are reserved by estimate, and settled to what was used, cache reads by weight', async () => {
    const { governor, counters } = setUp();
    const list = limitsOf('SERVICE requests=100 tokens=100000');
    const request = limitRequest(list, { estimate: { input: 5_000, output: 1_024 } });
    const used = async (): Promise<number[]> => {
      const window = { kind: 'rolling', ms: 60_000 } as const;
      const keys = ['requests', 'tokens'].map((unit) => ({ key: `rate|m|main.team.fast|${unit}|service`, window }));
      return (await counters.read(keys, request.at)).map((reading) => reading.used);
    };
    const admission = await governor.admit(request);
    expect(await used()).toEqual([1, 6_024]);
    admission.settle([
      { usage: undefined, costUsd: null },
      { usage: usage({ input: 5_100, cacheRead: 4_000, cacheWrite5m: 100, output: 33, reasoning: 9 }), costUsd: '1' },
    ]);
    expect(await used()).toEqual([1, 1_100 + 400 + 33]);
    const cut = await governor.admit(request);
    cut.settle([{ usage: usage({ output: 7 }), costUsd: null }]);
    expect(await used()).toEqual([2, 1_533 + 5_000 + 7]);
    const unsent = await governor.admit(request);
    unsent.settle([]);
    expect(await used()).toEqual([3, 6_540]);
  });

  test('an estimate above the limit needs the whole of it, and is not refused for ever', () => {
    const { governor, refusal } = setUp();
    const request = limitRequest(limitsOf('SERVICE tokens=120'));
    void governor.admit(request);
    expect(refusal(request)).toMatchObject({ code: 'policy_rate_limited', retryAfterSeconds: 60 });
  });

  test('a long value of a tag is counted by its hash', () => {
    const request = limitRequest(limitsOf('REQUEST_TAG team requests=5'), { tags: { team: 'x'.repeat(5_000) } });
    expect(rules.rulesFor(request)[0]?.group.anyOf[0]?.key.length).toBeLessThan(150);
  });

  test('an operation without tokens is not held against token limits', () => {
    const request = limitRequest(limitsOf('SERVICE requests=5 tokens=10'), { estimate: { input: 0, output: 0 } });
    expect(conditions(request)).toEqual(['endpoint requests/1: service 5']);
  });

  test('what is left is that of the tightest condition, in a condition that of its roomiest charge', async () => {
    const { governor, refusal } = setUp();
    const list = limitsOf(
      'SERVICE requests=90',
      'USER_GROUP red requests=2',
      'USER_GROUP blue requests=3',
      'SERVICE tokens=1000',
    );
    const request = limitRequest(list);
    const { readings } = await governor.admit(request);
    expect(rateLimitState(readings, request.at)).toEqual({
      requests: { limit: 3, remaining: 2, resetMs: 60_000, resetAt: request.at + 60_000 },
      tokens: { limit: 1000, remaining: 850, resetMs: 60_000, resetAt: request.at + 60_000 },
    });
    expect(rateLimitState([], request.at)).toBeUndefined();
    void governor.admit(request);
    void governor.admit(request);
    const error = refusal(request);
    expect(refusedState(error)).toMatchObject({ requests: { remaining: 0 }, tokens: undefined });
  });
});
