import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { selectCounters } from '../../state/counter-repository.ts';
import { openStore, type Store } from '../../state/store.ts';
import type { ChargeGroup, Seed, Window } from './counters.ts';
import { DurableCounters } from './durable-counters.ts';

const START = Date.UTC(2026, 10, 22, 12);
const minute: Window = { kind: 'rolling', ms: 60_000 };
const day: Window = { kind: 'calendar', id: '2026-11-22', endsAt: Date.UTC(2026, 10, 23) };
let directory: string;
let store: Store;
let now: number;

beforeEach(async () => {
  now = START;
  directory = await mkdtemp(path.join(tmpdir(), 'ucode-counters-'));
  store = await openStore({ dataDirectory: directory });
});

afterEach(async () => {
  await store.close();
  await rm(directory, { recursive: true });
});

function open(seed?: Seed, given: Store = store): Promise<DurableCounters> {
  return DurableCounters.open({ store: given, clock: () => now, seed, intervalMs: 60_000 });
}

function one(key: string, limit: number, amount = 1, window: Window = minute): ChargeGroup {
  return { anyOf: [{ key, window, limit, amount }] };
}

test('what was counted is counted after a restart, slot by slot', async () => {
  const first = await open();
  void first.reserve([one('a', 9, 2), one('b', 9, 5, day)], now);
  now += 20_300;
  void first.reserve([one('a', 9, 3)], now);
  await first.close();
  now += 10_000;
  const second = await open();
  expect(
    await second.read(
      [
        { key: 'a', window: minute },
        { key: 'b', window: day },
      ],
      now,
    ),
  ).toEqual([
    { used: 5, resetMs: 29_700 },
    { used: 5, resetMs: day.endsAt - now },
  ]);
  second.correct([{ key: 'a', window: minute, amount: -3, at: START + 20_300 }]);
  await second.close();
  const third = await open();
  expect(third.reserve([one('a', 2)], now)).toMatchObject({ admitted: false });
  expect(third.reserve([one('a', 3)], now)).toMatchObject({ admitted: true });
  await third.close();
});

test('only what has something in its window is kept', async () => {
  const first = await open();
  void first.reserve([one('old', 9)], now);
  await first.write();
  now += 30_000;
  void first.reserve([one('new', 9)], now);
  await first.close();
  expect((await selectCounters(store, now)).map(({ key }) => key).toSorted()).toEqual(['new', 'old']);
  now += 30_000;
  const second = await open();
  expect(second.size).toBe(1);
  await second.write();
  await second.close();
  expect((await selectCounters(store, 0)).map(({ key }) => key)).toEqual(['new']);
});

test('many keys', async () => {
  const first = await open();
  for (let index = 0; index < 1_234; index++) void first.reserve([one(`key ${index}`, 9, 1 + (index % 3))], now);
  await first.close();
  const second = await open();
  expect(second.size).toBe(1_234);
  expect((await second.read([{ key: 'key 1', window: minute }], now))[0]?.used).toBe(2);
  await second.close();
});

test('with a seed, calendar windows are left to it', async () => {
  const first = await open(async (keys) => keys.map(() => 3));
  expect(await first.reserve([one('a', 9, 1, day), one('a', 9)], now)).toMatchObject({
    readings: [{ used: 4 }, { used: 1 }],
  });
  await first.close();
  expect((await selectCounters(store, now)).map(({ period }) => period)).toEqual(['rolling:60000']);
});

test('a store that cannot be written is told of, and written later', async () => {
  const onError = vi.fn();
  let broken = true;
  const flaky = new Proxy(store, {
    get(target, name) {
      if (name === 'transaction' && broken) return () => Promise.reject(new Error('disk full'));
      const member: unknown = Reflect.get(target, name, target);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
  const counters = await DurableCounters.open({ store: flaky, clock: () => now, onError, intervalMs: 60_000 });
  void counters.reserve([one('a', 9)], now);
  await counters.write();
  expect(onError).toHaveBeenCalledOnce();
  expect(counters.reserve([one('a', 9)], now)).toMatchObject({ admitted: true });
  broken = false;
  await counters.write();
  expect(await selectCounters(store, now)).toHaveLength(1);
  await counters.close();
});

test('a clock that went back while the gateway was down does not block for longer than a window', async () => {
  const first = await open();
  void first.reserve([one('a', 1)], now);
  await first.close();
  now -= 3_600_000;
  const second = await open();
  expect(second.reserve([one('a', 1)], now)).toMatchObject({ admitted: false, retryAfterMs: 60_000 });
  await second.close();
});
