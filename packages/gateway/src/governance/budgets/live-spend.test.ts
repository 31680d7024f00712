import { onTestFinished, expect, test } from 'vitest';
import type { Budget } from '../../config/budgets-settings.ts';
import type { Store } from '../../state/store.ts';
import { CountersUnavailable, type Counters } from '../counters/counters.ts';
import { MemoryCounters } from '../counters/memory-counters.ts';
import { countOf } from './budget-count.ts';
import { CallerSpends } from './caller-spend.ts';
import { LiveSpend } from './live-spend.ts';
import { windowOf } from './period.ts';
import { blockAt, budget, gatewayOn, perUser, principal, record, testingStore } from './testing/budgets.ts';

const NOON = Date.parse('2026-11-22T12:00:00Z');
const DAY = '2026-11-22T12:00:00.000Z';
const ada = principal('ada@example.com', ['team-a']);
const place = (offset: number) => ({ segment: 1, offset });
const b = budget('b', { alert_configurations: [blockAt(10), blockAt(4, { ...perUser, time_period: 'DAY' })] });

async function gateway(store: Store, budgets: readonly Budget[] = [b]) {
  const made = await gatewayOn(store, { budgets });
  const live = new LiveSpend({
    store,
    ledger: made.ledger,
    whenCaughtUp: (work) => work(),
    now: () => NOON,
    intervalMs: 1e6,
  });
  const counters = new MemoryCounters({ seed: live.seed, clock: () => NOON });
  await live.follow(counters);
  onTestFinished(() => live.close());
  const spends = new CallerSpends({
    budgets: made.book,
    ledger: made.ledger,
    counters,
    workspaceId: () => '1',
    now: () => NOON,
  });
  const shared = countOf(b.id, '', windowOf('MONTH', NOON));
  let at = 0;
  /** As one request is: reserved, settled, recorded. */
  const spend = async (spoolId: string, cost: string, isRecorded = true) => {
    const nano = Math.round(Number(cost) * 1e9);
    await counters.reserve([{ anyOf: [{ ...shared, limit: 1e15, amount: nano }] }], NOON);
    if (!isRecorded) return;
    const from = at === 0 ? undefined : place(at);
    const records = [record(ada.userName, DAY, cost)];
    await made.ledger.add({ spoolId, from, to: place(++at), records });
  };
  const used = async () => (await counters.read([shared], NOON))[0]?.used;
  return { ...made, live, counters, spends, spend, used };
}

test('counts begin with what the ledger has, after a restart too', async () => {
  const store = await testingStore();
  const before = await gateway(store);
  await before.spend('s', '1.5');
  await before.spend('s', '0.000000001');
  expect(await before.used()).toBe(1_500_000_001);
  const after = await gateway(store);
  expect(await after.used()).toBe(1_500_000_001);
});

test('what a killed gateway had reserved is gone with it', async () => {
  const store = await testingStore();
  const before = await gateway(store);
  await before.spend('s', '1');
  await before.spend('s', '5', false);
  expect(await before.used()).toBe(6e9);
  expect(await (await gateway(store)).used()).toBe(1e9);
});

test('what other gateways spend is added, what this one spends is not added again', async () => {
  const store = await testingStore();
  const one = await gateway(store);
  const two = await gateway(store);
  await one.spend('one', '1');
  await two.spend('two', '2');
  await one.live.look();
  await two.live.look();
  expect([await one.used(), await two.used()]).toEqual([3e9, 3e9]);
  await one.spend('one', '0.5');
  await one.spend('one', '0.25', false);
  await one.live.look();
  await one.live.look();
  await two.live.look();
  expect([await one.used(), await two.used()]).toEqual([3.75e9, 3.5e9]);
  await two.spend('two', '1');
  await one.live.look();
  expect(await one.used()).toBe(4.75e9);
});

test('a budget made a moment ago counts the whole period at its first request', async () => {
  const store = await testingStore();
  const { book, ledger, spends } = await gateway(store, []);
  const records = [record(ada.userName, DAY, '3')];
  await ledger.add({ spoolId: 's', from: undefined, to: place(1), records });
  const { budgetSchema } = await import('../../config/budgets-schema.ts');
  await book.create(budgetSchema.parse({ display_name: 'new', alert_configurations: [blockAt(10)] }), NOON);
  expect(await spends.linesOf(ada)).toMatchObject([{ display_name: 'new', spent: '3', remaining: '7' }]);
});

test('keys of others than budgets begin at nothing', async () => {
  const { live } = await gateway(await testingStore());
  const window = { kind: 'calendar', id: 'x', endsAt: NOON + 1 } as const;
  expect(await live.seed([{ key: 'limit/x', window }])).toEqual([0]);
});

test('everybody is told what they have spent and what is left, the fullest first', async () => {
  const { spend, spends } = await gateway(await testingStore());
  await spend('s', '3');
  expect(await spends.linesOf(ada)).toEqual([
    {
      budget_configuration_id: b.id,
      display_name: 'b',
      scope_type: 'PER_USER',
      time_period: 'DAY',
      quantity_threshold: '4',
      spent: '3',
      remaining: '1',
      blocks_usage: true,
      resets_at: '2026-11-23T00:00:00.000Z',
    },
    expect.objectContaining({ scope_type: 'SHARED', time_period: 'MONTH', spent: '3', remaining: '7' }),
  ]);
  expect(await spends.spendOf(ada)).toEqual({ currentSpend: '3', effectiveThreshold: '4' });
  const eve = principal('eve@example.com');
  expect(await spends.spendOf(eve)).toEqual({ currentSpend: '3', effectiveThreshold: '10' });
});

test('without a budget, the spend is of the month', async () => {
  const { ledger, spends } = await gateway(await testingStore(), []);
  const records = [record(ada.userName, DAY, '2'), record(ada.userName, '2026-10-31T23:59:59Z', '7')];
  await ledger.add({ spoolId: 's', from: undefined, to: place(1), records });
  expect(await spends.spendOf(ada)).toEqual({ currentSpend: '2', effectiveThreshold: undefined });
});

test('where the live counts are away, the ledger answers', async () => {
  const { spend, book, ledger } = await gateway(await testingStore());
  await spend('s', '1');
  const counters = { read: () => Promise.reject(new CountersUnavailable('down')) } as unknown as Counters;
  const spends = new CallerSpends({ budgets: book, ledger, counters, workspaceId: () => '1', now: () => NOON });
  expect((await spends.linesOf(ada)).map(({ spent }) => spent)).toEqual(['1', '1']);
});
