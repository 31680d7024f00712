import { expect, test } from 'vitest';
import { CountersUnavailable, type ChargeGroup, type Decision, type Window } from './counters.ts';
import { MemoryCounters } from './memory-counters.ts';
import { describeCounters } from './testing/counters-suite.ts';

describeCounters('in memory', async (options) => new MemoryCounters(options), { runs: 300 });

const minute: Window = { kind: 'rolling', ms: 60_000 };
const START = 1_700_000_000_000;

function one(key: string, limit: number, window: Window = minute): ChargeGroup {
  return { anyOf: [{ key, window, limit, amount: 1 }] };
}

test('decides without waiting', () => {
  const decision = new MemoryCounters().reserve([one('a', 1)], START) as Decision;
  expect(decision.admitted).toBe(true);
});

test('a hundred thousand keys, which leave when their window is empty', () => {
  const counters = new MemoryCounters();
  for (let index = 0; index < 100_000; index++) void counters.reserve([one(`user ${index}`, 5)], START);
  expect(counters.size).toBe(100_000);
  expect(counters.reserve([one('user 7', 1)], START)).toMatchObject({ admitted: false });
  for (let index = 0; index < 60_000; index++) void counters.reserve([one(`later ${index}`, 5)], START + 61_000);
  expect(counters.size).toBeLessThan(120_000);
  counters.sweep(START + 61_000);
  expect(counters.size).toBe(60_000);
  counters.sweep(START + 122_000);
  expect(counters.size).toBe(0);
});

test('refusals leave nothing behind', () => {
  const counters = new MemoryCounters();
  for (let index = 0; index < 100; index++) {
    void counters.reserve([one(`a ${index}`, 5), one('closed', 0)], START);
  }
  expect(counters.size).toBe(0);
});

test('without a place for another key, only requests that need one are refused', () => {
  const counters = new MemoryCounters({ mostKeys: 2 });
  void counters.reserve([one('a', 5)], START);
  void counters.reserve([one('b', 5)], START);
  expect(() => counters.reserve([one('c', 5), one('a', 5)], START)).toThrow(CountersUnavailable);
  expect(counters.reserve([one('a', 2)], START)).toMatchObject({ admitted: true, readings: [{ used: 2 }] });
  expect(counters.reserve([one('c', 5)], START + 60_000)).toMatchObject({ admitted: true });
});

test('a day leaves an hour after its end', () => {
  const counters = new MemoryCounters();
  void counters.reserve([one('a', 5, { kind: 'calendar', id: 'day', endsAt: START + 1_000 })], START);
  counters.sweep(START + 3_600_999);
  expect(counters.size).toBe(1);
  counters.sweep(START + 3_601_000);
  expect(counters.size).toBe(0);
});
