import { describe, expect, test } from 'vitest';
import type { ModelService } from '../../config/gateway-config.ts';
import type { Budget } from '../../config/budgets-settings.ts';
import { GatewayError } from '../../errors/gateway-error.ts';
import type { Principal } from '../../identity/principal.ts';
import { PriceBook } from '../../models/price-book.ts';
import type { Admission, AdmissionRequest } from '../admission.ts';
import { MemoryCounters } from '../counters/memory-counters.ts';
import { Governor } from '../governor.ts';
import { BudgetIndex } from './budget-index.ts';
import { BudgetRules } from './budget-rules.ts';
import { standingOfRefusal } from './budget-standing.ts';
import { standingOf } from './fullest-standing.ts';
import { blockAt, budget, perUser, principal } from './testing/budgets.ts';

const NOON = Date.parse('2026-11-22T12:00:00Z');
/** $1 per million tokens, so a token is 1,000 nano-dollars. */
const prices = new PriceBook({
  models: new Map([['m', { input: '1', output: '1' }]]),
  multipliers: new Map(),
  unknownModel: 'free',
});

function service(name = 'main.team.fast', tags: Record<string, string> = {}, model = 'm'): ModelService {
  const destination = { name: 'one', providerService: 'main.default.one', model, trafficPercentage: 100 };
  return { name, tags, destinations: [destination], fallbacks: [] } as unknown as ModelService;
}

function world(budgets: readonly Budget[], options: { status?: number; contact?: string; prices?: PriceBook } = {}) {
  let now = NOON;
  const index = new BudgetIndex(budgets);
  const rules = new BudgetRules({
    budgets: () => index,
    prices: () => options.prices ?? prices,
    workspaceId: () => '1',
    refusalStatus: () => options.status,
    contact: () => options.contact,
  });
  const counters = new MemoryCounters({ clock: () => now });
  const governor = new Governor({ counters, sources: [rules], openWhenUnavailable: () => false });
  /** Asks for a request that is expected to cost `cost` dollars. */
  const ask = (who: Principal, cost: number, of = service()): Admission => {
    const request: AdmissionRequest = {
      principal: who,
      resolved: { kind: 'model-service', service: of },
      tags: {},
      agent: undefined,
      estimate: { input: cost * 1_000_000, output: 0 },
      at: now,
    };
    const admitted = governor.admit(request);
    if (admitted instanceof Promise) throw new Error('In memory nothing waits.');
    return admitted;
  };
  const spend = (who: Principal, cost: number, of = service()): void =>
    ask(who, 0, of).settle([{ usage: undefined, costUsd: String(cost) }]);
  return { ask, spend, counters, rules, setNow: (at: number) => (now = at) };
}

function refusalOf(work: () => unknown): GatewayError {
  try {
    work();
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
  throw new Error('It was not refused.');
}

const ada = principal('ada@example.com', ['team-a']);
const bob = principal('bob@example.com', ['team-b']);

describe('the threshold', () => {
  test('refuses at exactly what it says, not a nano-dollar before', () => {
    const { ask, spend } = world([budget('b', { alert_configurations: [blockAt('1')] })]);
    spend(ada, 0.999999999);
    ask(ada, 0).settle([]);
    spend(ada, 0.000000001);
    expect(refusalOf(() => ask(ada, 0))).toMatchObject({ code: 'policy_budget_exhausted', status: 400 });
  });

  test('of nothing refuses everything', () => {
    const { ask } = world([budget('b', { alert_configurations: [blockAt(0)] })]);
    expect(refusalOf(() => ask(ada, 0)).message).toContain('allows no spending');
    expect(refusalOf(() => ask(ada, 5)).code).toBe('policy_budget_exhausted');
  });

  test('is passed by no more than the requests under way', () => {
    const { ask } = world([budget('b', { alert_configurations: [blockAt(10)] })]);
    const admitted: Admission[] = [];
    for (let n = 0; n < 100; n++) {
      try {
        admitted.push(ask(ada, 3));
      } catch {
        // Refused: what is under way has used it up.
      }
    }
    expect(admitted).toHaveLength(4);
  });

  test('a request that costs more than is left is served while anything is', () => {
    const { ask, spend } = world([budget('b', { alert_configurations: [blockAt(10)] })]);
    spend(ada, 9.99);
    ask(ada, 5).settle([{ usage: undefined, costUsd: '5' }]);
    expect(() => ask(ada, 0)).toThrow('used up: $14.99 of $10.00');
  });

  test('of several, the lowest blocks; those that only tell do not', () => {
    const tell = { quantity_threshold: 1, action_configurations: [{ action_type: 'WEBHOOK' }] };
    const { spend, ask } = world([budget('b', { alert_configurations: [tell, blockAt(5), blockAt(3)] })]);
    spend(ada, 2.5);
    ask(ada, 0).settle([]);
    spend(ada, 0.5);
    expect(() => ask(ada, 0)).toThrow('$3.00 of $3.00');
  });
});

describe('reservations', () => {
  test('are given back where nothing was used: cancelled, failed', async () => {
    const { ask, counters } = world([budget('b', { alert_configurations: [blockAt(10)] })]);
    for (let n = 0; n < 1000; n++) ask(ada, 3).settle([]);
    const [reading] = ask(ada, 3).readings;
    expect(reading?.reading.used).toBe(3e9);
    expect(counters.size).toBe(1);
  });

  test('become the exact cost of all attempts, once', () => {
    const { ask } = world([budget('b', { alert_configurations: [blockAt(10)] })]);
    const admission = ask(ada, 3);
    admission.settle([
      { usage: undefined, costUsd: '0.25' },
      { usage: undefined, costUsd: null },
      { usage: undefined, costUsd: '0.000000001' },
    ]);
    admission.settle([]);
    expect(ask(ada, 0).readings[0]?.reading.used).toBe(250_000_001 + 1);
  });

  test('are at least a nano-dollar where there is a price, and nothing where there is none', () => {
    const { ask } = world([budget('b', { alert_configurations: [blockAt(10)] })]);
    expect(ask(ada, 0).readings[0]?.charge.amount).toBe(1);
    expect(ask(ada, 5, service('main.team.free', {}, 'nobodys-model')).readings[0]?.charge.amount).toBe(0);
  });

  test('are of the period in which the request came', () => {
    const { ask, setNow } = world([budget('b', { alert_configurations: [blockAt(10, { time_period: 'DAY' })] })]);
    setNow(Date.parse('2026-11-22T23:59:59.999Z'));
    const late = ask(ada, 3);
    setNow(Date.parse('2026-11-23T00:00:00.000Z'));
    late.settle([{ usage: undefined, costUsd: '4' }]);
    expect(ask(ada, 0).readings[0]?.reading.used).toBe(1);
  });

  test('a clock that goes back within the period counts on', () => {
    const { ask, spend, setNow } = world([budget('b', { alert_configurations: [blockAt(1, { time_period: 'DAY' })] })]);
    spend(ada, 0.5);
    setNow(NOON - 3_600_000);
    spend(ada, 0.5);
    expect(() => ask(ada, 0)).toThrow('used up');
  });
});

describe('who shares', () => {
  test('a shared threshold is of everybody, one per user of each', () => {
    const { ask, spend } = world([budget('b', { alert_configurations: [blockAt(10), blockAt(4, perUser)] })]);
    spend(ada, 4);
    expect(() => ask(ada, 0)).toThrow('your own share of it');
    spend(bob, 3.9);
    ask(bob, 0).settle([]);
    const eve = principal('eve@example.com');
    spend(eve, 2.1);
    expect(() => ask(eve, 0)).toThrow('shared by everybody it covers');
  });

  test('names are the same in any case', () => {
    const { ask, spend } = world([budget('b', { alert_configurations: [blockAt(1, perUser)] })]);
    spend(ada, 1);
    expect(() => ask(principal('ADA@example.com'), 0)).toThrow('used up');
  });

  test.each([
    [['team-a'], '20'],
    [['team-a', 'team-b'], '30'],
    [['team-b', 'TEAM-A'], '30'],
    [[], '10'],
  ])('overrides of %o: the highest of several groups', (groups, limit) => {
    const overrides = [
      { principal_id: 'team-a', override_threshold: 20 },
      { principal_id: 'team-b', override_threshold: '30' },
    ];
    const b = budget('b', { alert_configurations: [blockAt(10, { ...perUser, principal_overrides: overrides })] });
    const { ask, spend } = world([b]);
    const who = principal('kim@example.com', groups);
    spend(who, Number(limit));
    expect(() => ask(who, 0)).toThrow(`of $${limit}.00`);
  });

  test("one's own override comes before those of groups, lower or higher", () => {
    const overrides = [
      { principal_id: 'team-a', override_threshold: 20 },
      { principal_id: 'id-ada@example.com', override_threshold: 2 },
    ];
    const b = budget('b', { alert_configurations: [blockAt(10, { ...perUser, principal_overrides: overrides })] });
    const { ask, spend } = world([b]);
    spend(ada, 2);
    expect(() => ask(ada, 0)).toThrow('of $2.00');
  });
});

describe('the scope', () => {
  const isIn = (...values: string[]) => ({ operator: 'IN', values });
  const ci = principal('ci-1', [], { type: 'SERVICE_PRINCIPAL' });
  test.each([
    ['users', { users: isIn('ADA@example.com') }, ada, service(), true],
    ['users, another', { users: isIn('bob@example.com') }, ada, service(), false],
    ['a service principal is no user of that name', { users: isIn('ci-1') }, ci, service(), false],
    ['service principals', { service_principals: isIn('ci-1') }, ci, service(), true],
    ['groups', { groups: isIn('team-a', 'team-c') }, ada, service(), true],
    ['groups, another', { groups: isIn('team-b') }, ada, service(), false],
    ['users or groups', { users: isIn('bob@example.com'), groups: isIn('team-a') }, ada, service(), true],
    ['services', { services: isIn('main.team.fast') }, ada, service(), true],
    ['services, another', { services: isIn('main.team.slow') }, ada, service(), false],
    ['users and services', { users: isIn('ada@example.com'), services: isIn('x.y.z') }, ada, service(), false],
    ['workspace', { workspace_id: isIn('1') }, ada, service(), true],
    ['workspace, another', { workspace_id: isIn('2') }, ada, service(), false],
    ['tags', { tags: [{ key: 'cost', value: isIn('r', 's') }] }, ada, service('a.b.c', { cost: 's' }), true],
    ['tags, another', { tags: [{ key: 'cost', value: isIn('r') }] }, ada, service('a.b.c', { cost: 's' }), false],
    ['tags of nobody', { tags: [{ key: 'constructor', value: isIn('r') }] }, ada, service(), false],
    [
      'all tags',
      { tags: ['a', 'b'].map((key) => ({ key, value: isIn('1') })) },
      ada,
      service('a.b.c', { a: '1' }),
      false,
    ],
  ])('%s', (_, filter, who, of, covered) => {
    const { ask } = world([budget('b', { filter, alert_configurations: [blockAt(0)] })]);
    if (covered) expect(() => ask(who, 0, of)).toThrow('allows no spending');
    else expect(ask(who, 0, of).readings).toEqual([]);
  });
});

describe('the refusal', () => {
  const small = [budget('Team A', { alert_configurations: [blockAt(1, { time_period: 'WEEK' })] })];

  test('names budget, amounts, period, reset and whom to ask', () => {
    const { ask, spend } = world(small, { contact: 'platform@example.com' });
    spend(ada, 1.5);
    expect(refusalOf(() => ask(ada, 0)).message).toBe(
      "The budget 'Team A' is used up: $1.50 of $1.00 this week (shared by everybody it covers). " +
        'It begins anew on 2026-11-23 00:00 UTC. Ask platform@example.com to raise it.',
    );
  });

  test('has the status and wait of the agent that shows them', () => {
    const { ask, spend } = world(small, { status: 429 });
    spend(ada, 1);
    const error = refusalOf(() => ask(ada, 0));
    expect(error).toMatchObject({ status: 429, retryAfterSeconds: 12 * 3600 });
    expect(standingOfRefusal(error)).toMatchObject({ exhausted: true, shared: true, period: 'WEEK' });
  });

  test('has no wait where the status asks for none: it would be waited out', () => {
    const { ask, spend } = world(small);
    spend(ada, 1);
    expect(refusalOf(() => ask(ada, 0)).retryAfterSeconds).toBeUndefined();
  });
});

test('an admitted request is told of the fullest budget, without its own reservation', () => {
  const two = [
    budget('a', { alert_configurations: [blockAt(100)] }),
    budget('b', { alert_configurations: [blockAt(10, perUser)] }),
    budget('c', { alert_configurations: [{ quantity_threshold: 1 }] }),
  ];
  const { ask, spend } = world(two);
  spend(ada, 8);
  expect(standingOf(ask(ada, 1).readings)).toMatchObject({ utilization: 0.8, exhausted: false, shared: false });
  expect(standingOf([])).toBeUndefined();
});

test('models without a price are refused where the configuration says so, budget or not', () => {
  const strict = new PriceBook({ models: new Map(), multipliers: new Map(), unknownModel: 'refuse' });
  const { ask } = world([], { prices: strict });
  expect(refusalOf(() => ask(ada, 0)).code).toBe('policy_price_unknown');
});

test('a thousand budgets of others cost a request nothing', () => {
  const others = Array.from({ length: 1000 }, (_, index) =>
    budget(`b${index}`, {
      filter: { users: { values: [`user-${index}@example.com`] } },
      alert_configurations: [blockAt(1)],
    }),
  );
  expect(world(others).ask(ada, 0).readings).toEqual([]);
  expect(() => world([...others, budget('x', { alert_configurations: [blockAt(0)] })]).ask(ada, 0)).toThrow("'x'");
});
