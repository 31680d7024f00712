import { expect, test, vi } from 'vitest';
import { GatewayError } from '../errors/gateway-error.ts';
import type { AdmissionRequest, Rule } from './admission.ts';
import { CountersUnavailable, type Charge, type Counters, type Decision } from './counters/counters.ts';
import { Governor } from './governor.ts';

const request = { at: 1_000 } as AdmissionRequest;
const minute = { kind: 'rolling', ms: 60_000 } as const;

function charge(key: string, amount = 1): Charge {
  return { key, window: minute, limit: 10, amount };
}

function rule(kind: Rule['kind'], ...anyOf: Charge[]): Rule {
  return {
    kind,
    group: { anyOf },
    refusal: ({ key }, { used }, retryAfterMs) =>
      new GatewayError('policy_rate_limited', `${key} ${used} ${retryAfterMs}`),
    settled: (_, settlements) => settlements.length * 5,
  };
}

function governor(decision: Decision | Promise<Decision> | CountersUnavailable, rules: Rule[], open = false) {
  const counters = {
    reserve: vi.fn(() => {
      if (decision instanceof CountersUnavailable) throw decision;
      return decision;
    }),
    correct: vi.fn(),
  };
  const sources = rules.map((one) => ({ rulesFor: () => [one] }));
  const made = new Governor({
    counters: counters as unknown as Counters,
    sources,
    openWhenUnavailable: () => open,
  });
  return { governor: made, counters };
}

test('a request that no rule concerns asks nobody', () => {
  const { governor: made, counters } = governor({ admitted: true, readings: [] }, []);
  expect(made.admit(request)).toMatchObject({ readings: [] });
  expect(counters.reserve).not.toHaveBeenCalled();
});

test('all rules are decided at once, and settled once for what was used', async () => {
  const rules = [rule('rate-limit', charge('a'), charge('b', 7)), rule('budget', charge('c', 5))];
  const readings = [1, 2, 3].map((used) => ({ used, resetMs: 0 }));
  const { governor: made, counters } = governor({ admitted: true, readings }, rules);
  const admission = await made.admit(request);
  expect(counters.reserve).toHaveBeenCalledExactlyOnceWith(
    rules.map(({ group }) => group),
    1_000,
  );
  expect(admission.readings.map(({ charge: { key }, reading }) => [key, reading.used])).toEqual([
    ['a', 1],
    ['b', 2],
    ['c', 3],
  ]);
  admission.settle([{ usage: undefined, costUsd: null }]);
  admission.settle([]);
  expect(counters.correct).toHaveBeenCalledExactlyOnceWith([
    { key: 'a', window: minute, amount: 4, at: 1_000 },
    { key: 'b', window: minute, amount: -2, at: 1_000 },
  ]);
});

test('the rule without room refuses, in the words of the charge that has room the soonest', () => {
  const rules = [rule('rate-limit', charge('a')), rule('rate-limit', charge('b'), charge('c'))];
  const readings = [1, 8, 9].map((used, index) => ({ used, resetMs: 100 - index }));
  const decision = { admitted: false, refusedBy: 1, retryAfterMs: 30, readings } as const;
  expect(() => governor(decision, rules).governor.admit(request)).toThrow('c 9 30');
});

test.each([
  ['at once', () => new CountersUnavailable('down')],
  ['later', () => Promise.reject(new CountersUnavailable('down'))],
] as const)(
  'counters that fail %s close the gateway, or leave it open where that is configured',
  async (_, failure) => {
    const rules = [rule('budget', charge('a'))];
    await expect(async () => governor(failure(), rules).governor.admit(request)).rejects.toMatchObject({
      code: 'gateway_counters_unavailable',
      status: 503,
    });
    expect(await governor(failure(), rules, true).governor.admit(request)).toMatchObject({ readings: [] });
  },
);

test('a fault that is not of the counters is not taken for one', () => {
  const broken = {
    rulesFor: () => {
      throw new TypeError('a fault');
    },
  };
  const made = new Governor({ counters: {} as Counters, sources: [broken], openWhenUnavailable: () => true });
  expect(() => made.admit(request)).toThrow(TypeError);
});
