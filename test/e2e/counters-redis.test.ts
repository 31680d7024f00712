import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  CountersUnavailable,
  type ChargeGroup,
  type Window,
} from '../../packages/gateway/src/governance/counters/counters.ts';
import {
  RedisCounters,
  type RedisCountersOptions,
} from '../../packages/gateway/src/governance/counters/redis-counters.ts';
import { describeCounters } from '../../packages/gateway/src/governance/counters/testing/counters-suite.ts';
import { startRedis, type RedisServer } from '../support/redis.ts';

/** Longer than any test. */
const hour: Window = { kind: 'rolling', ms: 3_600_000 };
const day = (): Window => ({ kind: 'calendar', id: 'a day', endsAt: Date.now() + 86_400_000 });

let server: RedisServer;
beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server.stop());

function one(key: string, limit: number, amount = 1, window: Window = hour): ChargeGroup {
  return { anyOf: [{ key, window, limit, amount }] };
}

const opened: RedisCounters[] = [];
const errors: string[] = [];
async function open(options: Partial<RedisCountersOptions> = {}): Promise<RedisCounters> {
  const counters = await RedisCounters.open({
    url: server.url,
    prefix: randomUUID(),
    timeoutMs: 20_000,
    onError: ({ message }) => errors.push(message),
    ...options,
  });
  opened.push(counters);
  return counters;
}
afterEach(async () => {
  await Promise.all(opened.splice(0).map((counters) => counters.close()));
  errors.length = 0;
});

async function used(counters: RedisCounters, key: string, window: Window = hour): Promise<number | undefined> {
  return (await counters.read([{ key, window }], Date.now()))[0]?.used;
}

describeCounters(
  'in Redis',
  ({ clock, seed }) => RedisCounters.open({ url: server.url, prefix: randomUUID(), timeoutMs: 20_000, clock, seed }),
  { runs: 25 },
);

describe('gateways that share a Redis', () => {
  test('let through exactly the limit between them, however their requests meet', async () => {
    const prefix = randomUUID();
    const gateways = [await open({ prefix }), await open({ prefix })];
    const groups = [one('service', 1_000), one('user', 77), one('tokens', 100_000, 10)];
    const decisions = await Promise.all(
      Array.from({ length: 200 }, (_, index) => gateways[index % 2]!.reserve(groups, Date.now())),
    );
    expect(decisions.filter(({ admitted }) => admitted)).toHaveLength(77);
    expect(decisions.filter((one) => !one.admitted && one.refusedBy === 1)).toHaveLength(123);
    expect(await used(gateways[0]!, 'service')).toBe(77);
    expect(await used(gateways[1]!, 'tokens')).toBe(770);
  });

  test('count by Redis’s clock, whatever their own say', async () => {
    const prefix = randomUUID();
    const gateways = [await open({ prefix }), await open({ prefix })];
    const first = await gateways[0]!.reserve([one('a', 2)], Date.now() - 3_600_000);
    const second = await gateways[1]!.reserve([one('a', 2)], Date.now() + 3_600_000);
    expect([first.admitted, second.admitted]).toEqual([true, true]);
    expect(await gateways[0]!.reserve([one('a', 2)], Date.now() + 86_400_000)).toMatchObject({ admitted: false });
    const at = (second.admitted && second.at) || 0;
    expect(Math.abs(at - Date.now())).toBeLessThan(60_000);
    gateways[1]!.correct([{ key: 'a', window: hour, amount: -1, at }]);
    await expect.poll(() => used(gateways[0]!, 'a')).toBe(1);
  });

  test('installations with different prefixes do not meet', async () => {
    const [left, right] = [await open(), await open()];
    await left.reserve([one('a', 1)], Date.now());
    expect(await right.reserve([one('a', 1)], Date.now())).toMatchObject({ admitted: true });
  });
});

test('keys are under one hash tag and leave by themselves', async () => {
  const prefix = `tag-${randomUUID()}`;
  const counters = await open({ prefix });
  await counters.reserve([one('a', 5), one('b', 5, 1, day())], Date.now());
  counters.correct([{ key: 'a', window: hour, amount: 3, at: Date.now() }]);
  await expect.poll(() => used(counters, 'a')).toBe(4);
  const keys = (await server.cli('KEYS', `*${prefix}*`)).split('\n');
  expect(keys).toHaveLength(3);
  for (const key of keys) {
    expect(key.startsWith(`{${prefix}}:`)).toBe(true);
    expect(Number(await server.cli('PTTL', key))).toBeGreaterThan(0);
  }
});

test('one round trip for a request, one for all its corrections', async () => {
  const counters = await open();
  await counters.reserve([one('warm', 5)], Date.now());
  const calls = async (): Promise<number> =>
    Number(/cmdstat_evalsha:calls=(\d+)/.exec(await server.cli('INFO', 'commandstats'))?.[1] ?? 0);
  const before = await calls();
  await counters.reserve([one('a', 5), one('b', 5), one('c', 5), one('d', 5, 1, day())], Date.now());
  expect((await calls()) - before).toBe(1);
  for (let round = 0; round < 50; round++) {
    counters.correct([
      { key: 'a', window: hour, amount: 1, at: Date.now() },
      { key: 'b', window: hour, amount: 1, at: Date.now() },
    ]);
  }
  let asked = 0;
  await expect.poll(() => (asked++, used(counters, 'b'))).toBe(51);
  // Beside the reservation and what the test asked: the script once to find that Redis does not have it, and once.
  expect((await calls()) - before - asked).toBeLessThanOrEqual(3);
});

test('any number of counts is read, in their order', async () => {
  const counters = await open();
  await counters.reserve([one('k777', 5_000, 7), one('k2999', 5_000, 29, day())], Date.now());
  const keys = Array.from({ length: 3_000 }, (_, index) => ({
    key: `k${index}`,
    window: index === 2_999 ? day() : hour,
  }));
  const readings = await counters.read(keys, Date.now());
  expect(readings).toHaveLength(3_000);
  const counted = readings.flatMap(({ used: count }, index) => (count > 0 ? [[index, count]] : []));
  expect(counted).toEqual([
    [777, 7],
    [2_999, 29],
  ]);
});

test('a script that Redis has forgotten is sent again', async () => {
  const counters = await open();
  await counters.reserve([one('a', 2)], Date.now());
  await server.cli('SCRIPT', 'FLUSH');
  expect(await counters.reserve([one('a', 2)], Date.now())).toMatchObject({ admitted: true, readings: [{ used: 2 }] });
});

test('database number, user and password of the address are used', async () => {
  await server.cli('ACL', 'SETUSER', 'gateway', 'on', '>se cret', '~*', '+@all');
  const address = `redis://gateway:${encodeURIComponent('se cret')}@127.0.0.1:${server.port}/3`;
  const prefix = randomUUID();
  const counters = await open({ url: address, prefix });
  await counters.reserve([one('a', 2)], Date.now());
  expect(await server.cli('-n', '3', 'KEYS', `*${prefix}*`)).toContain(prefix);
  expect(await server.cli('-n', '0', 'KEYS', `*${prefix}*`)).toBe('');
});

describe('when Redis is not there', () => {
  test('a wrong password is told at the start, without the password', async () => {
    const guarded = await startRedis({ password: 'right-one' });
    try {
      const url = `redis://:wrong-canary@127.0.0.1:${guarded.port}`;
      const failure = await open({ url }).catch((error: unknown) => error as Error);
      expect(failure).toBeInstanceOf(Error);
      expect((failure as Error).message).toMatch(/WRONGPASS|invalid/);
      expect(`${(failure as Error).message} ${errors.join(' ')}`).not.toContain('wrong-canary');
      const none = await open({ url: `redis://127.0.0.1:${guarded.port}` }).catch((error: unknown) => error as Error);
      expect((none as Error).message).toContain('NOAUTH');
      expect(await open({ url: guarded.url })).toMatchObject({ isReady: true });
    } finally {
      await guarded.stop();
    }
  });

  test('an address that is none is told without what stands in it', async () => {
    for (const url of ['nonsense canary', 'http://canary@127.0.0.1:1', 'redis://u:canary@127.0.0.1:99999']) {
      const failure = (await open({ url }).catch((error: unknown) => error)) as Error;
      expect(failure).toBeInstanceOf(Error);
      expect(failure.message).not.toContain('canary');
    }
  });

  test('stopped: requests fail at once; corrections wait, and are sent when it is back', async () => {
    const own = await startRedis();
    try {
      const counters = await open({ url: own.url });
      await counters.reserve([one('a', 5)], Date.now());
      await own.stop();
      await expect(counters.reserve([one('a', 5)], Date.now())).rejects.toThrow(CountersUnavailable);
      counters.correct([{ key: 'a', window: hour, amount: 4, at: Date.now() }]);
      await own.restart();
      await expect.poll(() => counters.isReady).toBe(true);
      // Its data is lost, the correction is not.
      await expect.poll(() => used(counters, 'a')).toBe(4);
      expect(await counters.reserve([one('a', 5)], Date.now())).toMatchObject({ admitted: true });
      expect(errors.length).toBeGreaterThan(0);
    } finally {
      await own.stop();
    }
  });

  test('restarted with its data lost: budgets are asked of the ledger again', async () => {
    const own = await startRedis();
    try {
      let spent = 10;
      const counters = await open({ url: own.url, seed: async (keys) => keys.map(() => spent) });
      const window = day();
      expect(await counters.reserve([one('a', 100, 5, window)], Date.now())).toMatchObject({
        readings: [{ used: 15 }],
      });
      await own.restart();
      spent = 96;
      await expect.poll(() => counters.isReady).toBe(true);
      expect(await counters.reserve([one('a', 100, 5, window)], Date.now())).toMatchObject({ admitted: false });
      expect(await counters.reserve([one('a', 100, 4, window)], Date.now())).toMatchObject({ admitted: true });
    } finally {
      await own.stop();
    }
  });

  test('not there at the start: the gateway starts, and counts when Redis does', async () => {
    const own = await startRedis();
    try {
      await own.stop();
      const counters = await open({ url: own.url });
      await expect(counters.reserve([one('a', 5)], Date.now())).rejects.toThrow(CountersUnavailable);
      await own.restart();
      await expect.poll(() => counters.isReady).toBe(true);
      expect(await counters.reserve([one('a', 5)], Date.now())).toMatchObject({ admitted: true });
    } finally {
      await own.stop();
    }
  });

  test('hanging: requests fail after the timeout, then at once; what is counted late is given back', async () => {
    const own = await startRedis();
    try {
      const counters = await open({ url: own.url, timeoutMs: 2_000 });
      await counters.reserve([one('a', 50)], Date.now());
      own.pause();
      const failures = await Promise.allSettled(
        Array.from({ length: 20 }, () => counters.reserve([one('a', 50)], Date.now())),
      );
      expect(failures.filter(({ status }) => status === 'rejected')).toHaveLength(20);
      await expect(counters.reserve([one('a', 50)], Date.now())).rejects.toMatchObject({
        cause: { message: expect.stringContaining('does not answer') },
      });
      own.resume();
      await expect.poll(() => used(counters, 'a').catch(() => -1)).toBe(1);
      expect(await counters.reserve([one('a', 50)], Date.now())).toMatchObject({ readings: [{ used: 2 }] });
    } finally {
      own.resume();
      await own.stop();
    }
  });
});
