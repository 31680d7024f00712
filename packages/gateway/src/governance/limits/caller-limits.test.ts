import { expect, test } from 'vitest';
import type { ModelProviderService, ModelService } from '../../config/gateway-config.ts';
import { CountersUnavailable, type Counters } from '../counters/counters.ts';
import { MemoryCounters } from '../counters/memory-counters.ts';
import { CallerLimits, type Limited } from './caller-limits.ts';
import { RateLimitRules } from './rate-limit-rules.ts';
import { LIMIT_REQUEST_AT, limitRequest, limitsOf } from './testing/limit-request.ts';

const ada: Limited = { id: '17', userName: 'ada@example.com', type: 'USER', groups: ['Red', 'blue'] };

/** Services by name with their limits; `hidden` is not the caller's to call. */
function world(services: Readonly<Record<string, readonly string[]>>, counters: Pick<Counters, 'read'>) {
  const rules = new RateLimitRules({ cacheReadWeight: () => 0.1 });
  const modelServices = Object.entries(services).map(
    ([name, lines]) => ({ name, rateLimits: limitsOf(...lines) }) as unknown as ModelService,
  );
  const direct = { name: 'main.team.direct', rateLimits: limitsOf('SERVICE requests=7') };
  const limits = new CallerLimits({
    rules,
    counters,
    config: () => ({ modelServices, providerServices: [direct as unknown as ModelProviderService] }),
    rights: () => ({ mayExecute: (kind, name) => kind === 'MODEL_SERVICE' && !name.includes('hidden') }),
    now: () => LIMIT_REQUEST_AT,
  });
  return { limits, rules };
}

test('what admission counts is what is told: each scope, what is used, left, and when it returns', async () => {
  const counters = new MemoryCounters({ clock: () => LIMIT_REQUEST_AT });
  const { limits, rules } = world(
    {
      'main.team.fast': [
        'SERVICE requests=10 tokens=1000',
        'USER_DEFAULT requests=5 HOUR',
        'USER_GROUP red tokens=500',
        'USER_GROUP blue tokens=200',
        'REQUEST_TAG job requests=4',
      ],
      'main.team.hidden': ['SERVICE requests=1'],
    },
    counters,
  );
  const tags = { job: 'nightly' };
  const request = limitRequest(
    limitsOf(
      'SERVICE requests=10 tokens=1000',
      'USER_DEFAULT requests=5 HOUR',
      'USER_GROUP red tokens=500',
      'USER_GROUP blue tokens=200',
      'REQUEST_TAG job requests=4',
    ),
    { principal: ada, tags },
  );
  await counters.reserve(
    rules.rulesFor(request).map(({ group }) => group),
    LIMIT_REQUEST_AT,
  );
  const minute = { name: 'main.team.fast', window: 'MINUTE', resets_at: '2023-11-14T22:14:00.000Z' };
  const hour = { ...minute, window: 'HOUR', resets_at: expect.stringMatching(/^2023-11-14T23:/) as string };
  expect(await limits.linesOf(ada, tags)).toEqual([
    { ...minute, scope: 'USER_GROUP', scope_name: 'blue', key: 'tokens', limit: 200, used: 150, remaining: 50 },
    { ...minute, scope: 'USER_GROUP', scope_name: 'Red', key: 'tokens', limit: 500, used: 150, remaining: 350 },
    { ...minute, scope: 'REQUEST_TAG', scope_name: 'job=nightly', key: 'requests', limit: 4, used: 1, remaining: 3 },
    { ...hour, scope: 'USER', scope_name: null, key: 'requests', limit: 5, used: 1, remaining: 4 },
    { ...minute, scope: 'SERVICE', scope_name: null, key: 'tokens', limit: 1000, used: 150, remaining: 850 },
    { ...minute, scope: 'SERVICE', scope_name: null, key: 'requests', limit: 10, used: 1, remaining: 9 },
  ]);
  // Another value of the tag has a count of its own, and without tags none applies.
  const others = await limits.linesOf(ada, { job: 'weekly' });
  expect(others.find(({ scope }) => scope === 'REQUEST_TAG')).toMatchObject({ used: 0, remaining: 4, resets_at: null });
  expect((await limits.linesOf(ada, {})).some(({ scope }) => scope === 'REQUEST_TAG')).toBe(false);
});

test('a denial comes first and has nothing left; asking counts nothing', async () => {
  const counters = new MemoryCounters({ clock: () => LIMIT_REQUEST_AT });
  const { limits } = world({ 'main.team.fast': ['SERVICE requests=10', 'USER ada@example.com requests=0'] }, counters);
  const [first, second] = await limits.linesOf(ada, {});
  expect(first).toMatchObject({ scope: 'USER', limit: 0, used: 0, remaining: 0, resets_at: null });
  expect(second).toMatchObject({ scope: 'SERVICE', used: 0, remaining: 10 });
  expect(counters.size).toBe(0);
});

test('while the counts cannot be reached, the limits are told without what is left', async () => {
  const away = { read: () => Promise.reject(new CountersUnavailable(new Error('away'))) };
  const { limits } = world({ 'main.team.fast': ['SERVICE requests=10'] }, away);
  expect(await limits.linesOf(ada, {})).toEqual([
    {
      name: 'main.team.fast',
      scope: 'SERVICE',
      scope_name: null,
      key: 'requests',
      window: 'MINUTE',
      limit: 10,
      used: null,
      remaining: null,
      resets_at: null,
    },
  ]);
});

test('nothing is limited: nothing is asked', async () => {
  const silent = { read: () => Promise.reject(new Error('asked')) };
  expect(await world({ 'main.team.fast': [] }, silent).limits.linesOf(ada, {})).toEqual([]);
});
