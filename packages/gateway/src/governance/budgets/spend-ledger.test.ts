import { Big } from 'big.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { budgetSchema } from '../../config/budgets-schema.ts';
import type { Store } from '../../state/store.ts';
import { sumMoney } from '../../models/money.ts';
import type { SpendRecord } from './spend-batch.ts';
import { SpendLedger } from './spend-ledger.ts';
import { blockAt, budget, directoryOf, dyingAt, gatewayOn, perUser, record, testingStore } from './testing/budgets.ts';

const DAY = '2026-11-22T12:00:00.000Z';
const ada = 'ada@example.com';
const bob = 'bob@example.com';
const place = (offset: number) => ({ segment: 1, offset });
const shared = { quantity_threshold: 100 };
const everybody = budget('everybody', {
  alert_configurations: [shared, blockAt(50, { ...perUser, time_period: 'DAY' })],
});

function sum(budgetId: string, period: string, subject = '') {
  return { budgetId, period, subject };
}

test('sums are by budget, period and subject', async () => {
  const { ledger } = await gatewayOn(await testingStore(), { budgets: [everybody] });
  const records = [
    record(ada, DAY, '0.1'),
    record(ada, DAY, '0.2'),
    record(bob, '2026-11-30T23:59:59.999Z', '0.4'),
    record(bob, '2026-12-01T00:00:00.000Z', '0.8'),
    record(bob, DAY, null),
  ];
  expect(await ledger.add({ spoolId: 's', from: undefined, to: place(5), records })).toBe(true);
  const { id } = everybody;
  expect(
    await ledger.sums([
      sum(id, 'MONTH 2026-11'),
      sum(id, 'MONTH 2026-12'),
      sum(id, 'MONTH 2026-11', ada),
      sum(id, 'DAY 2026-11-22'),
      sum(id, 'DAY 2026-11-30', bob),
      sum(id, 'DAY 2026-11-22', bob),
    ]),
  ).toEqual(['0.7', '0.8', '0.3', '0.3', '0.4', '0']);
  expect(await ledger.spentBy(ada, '2026-11-01', '2026-11-30')).toBe('0.3');
  expect(await ledger.spentBy(bob, '2026-11-01', '2026-11-30')).toBe('0.4');
});

describe('each record once', () => {
  test('a slice that is there already is refused, and one from another place', async () => {
    const { ledger } = await gatewayOn(await testingStore(), { budgets: [everybody] });
    const slice = { spoolId: 's', from: undefined, to: place(5), records: [record(ada, DAY, '1')] };
    expect(await ledger.add(slice)).toBe(true);
    expect(await ledger.add(slice)).toBe(false);
    expect(await ledger.add({ ...slice, from: place(4), to: place(9) })).toBe(false);
    expect(await ledger.position('s')).toEqual(place(5));
    expect(await ledger.add({ ...slice, from: place(5), to: place(9) })).toBe(true);
    expect(await ledger.sums([sum(everybody.id, 'MONTH 2026-11')])).toEqual(['2']);
  });

  test('whatever statement the process dies at', async () => {
    const store = await testingStore();
    const { book, alerts, ledger } = await gatewayOn(store, { budgets: [everybody] });
    const records = [record(ada, DAY, '1.5'), record(bob, DAY, '0.25')];
    await ledger.startPeriods(Date.parse(DAY));
    let spent = 0;
    for (let dieAt = 0, at = 0; ; dieAt++) {
      const dying = new SpendLedger({
        store: dyingAt(store, dieAt),
        budgets: book,
        directory: directoryOf({}),
        alerts,
      });
      const from = at === 0 ? undefined : place(at);
      const outcome = await dying.add({ spoolId: 's', from, to: place(at + 1), records }).catch(() => 'died');
      // A new process asks where it stands, and adds what is missing.
      if (outcome === 'died' && (await ledger.position('s'))?.offset !== at + 1) {
        expect(await ledger.sums([sum(everybody.id, 'MONTH 2026-11')])).toEqual([
          new Big('1.75').times(spent).toFixed(),
        ]);
        expect(await ledger.add({ spoolId: 's', from, to: place(at + 1), records })).toBe(true);
      }
      at += 1;
      spent += 1;
      const total = new Big('1.75').times(spent).toFixed();
      expect(await ledger.sums([sum(everybody.id, 'MONTH 2026-11'), sum(everybody.id, 'DAY 2026-11-22')])).toEqual([
        total,
        total,
      ]);
      if (outcome === true) break;
      expect(dieAt).toBeLessThan(100);
    }
    expect(spent).toBeGreaterThan(10);
  });

  test('two gateways with spools of their own add to one sum', async () => {
    const store = await testingStore();
    const one = await gatewayOn(store, { budgets: [everybody] });
    const two = await gatewayOn(store, { budgets: [everybody] });
    const adding = Array.from({ length: 20 }, async (_, index) => {
      const spoolId = `s${index}`;
      const { ledger } = index % 2 === 0 ? one : two;
      for (let n = 0; n < 5; n++) {
        const from = n === 0 ? undefined : place(n);
        expect(await ledger.add({ spoolId, from, to: place(n + 1), records: [record(ada, DAY, '0.01')] })).toBe(true);
      }
    });
    await Promise.all(adding);
    expect(await one.ledger.sums([sum(everybody.id, 'MONTH 2026-11', ada)])).toEqual(['1']);
  });
});

test('sums are those of the records, however they are cut into slices', async () => {
  const store = await testingStore();
  const { ledger } = await gatewayOn(store, { budgets: [everybody] });
  let spool = 0;
  const costs = fc.array(fc.integer({ min: 0, max: 10 ** 9 }), { minLength: 1, maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(costs, fc.integer({ min: 1, max: 10 }), async (units, size) => {
      const spoolId = `s${spool++}`;
      const key = sum(everybody.id, 'MONTH 2026-11');
      const [before = '0'] = await ledger.sums([key]);
      const records = units.map((unit, index) => record(index % 2 ? ada : bob, DAY, new Big(unit).div(1e9).toFixed()));
      for (let first = 0; first < records.length; first += size) {
        const from = first === 0 ? undefined : place(first);
        await ledger.add({ spoolId, from, to: place(first + size), records: records.slice(first, first + size) });
      }
      const [after = '0'] = await ledger.sums([key]);
      expect(after).toBe(sumMoney([before, ...records.map(({ cost_usd: cost }) => cost ?? '0')]));
    }),
    { numRuns: 20 },
  );
});

describe('a budget made in the middle of a period', () => {
  const entry = budgetSchema.parse({
    display_name: 'late',
    filter: { groups: { values: ['team-a'] }, tags: [{ key: 'cost', value: { values: ['r'] } }] },
    alert_configurations: [{ quantity_threshold: 5 }],
  });
  const tagged = (requester: string, cost: string) => record(requester, DAY, cost, { service_tags: { cost: 'r' } });

  test('counts what was spent before, once', async () => {
    const store = await testingStore();
    const groups = { [ada]: ['team-a'], [bob]: ['team-b'] };
    const { ledger, book } = await gatewayOn(store, { groups });
    const records = [tagged(ada, '1'), tagged(bob, '10'), record(ada, DAY, '100')];
    await ledger.add({ spoolId: 's', from: undefined, to: place(1), records });
    const { id } = await book.create(entry, Date.parse(DAY));
    await ledger.startPeriods(Date.parse(DAY));
    await ledger.startPeriods(Date.parse(DAY));
    const keys = [sum(id, 'MONTH 2026-11'), sum(id, 'MONTH 2026-11', ada), sum(id, 'MONTH 2026-11', bob)];
    expect(await ledger.sums(keys)).toEqual(['1', '1', '0']);
    await ledger.add({ spoolId: 's', from: place(1), to: place(2), records });
    expect(await ledger.sums(keys)).toEqual(['2', '2', '0']);
  });

  test('by another gateway counts from its first record on', async () => {
    const store = await testingStore();
    const groups = { [ada]: ['team-a'] };
    const one = await gatewayOn(store, { groups });
    const two = await gatewayOn(store, { groups });
    two.watcher.close();
    await two.ledger.add({ spoolId: 's', from: undefined, to: place(1), records: [tagged(ada, '1')] });
    const { id } = await one.book.create(entry, Date.parse(DAY));
    // The second gateway has not heard of the budget yet.
    await two.ledger.add({ spoolId: 's', from: place(1), to: place(2), records: [tagged(ada, '2')] });
    expect(await one.ledger.sums([sum(id, 'MONTH 2026-11')])).toEqual(['3']);
  });

  test('leaves nothing when it is deleted', async () => {
    const store = await testingStore();
    const { ledger, book } = await gatewayOn(store, { groups: { [ada]: ['team-a'] } });
    const { id } = await book.create(entry, Date.parse(DAY));
    await ledger.add({ spoolId: 's', from: undefined, to: place(1), records: [tagged(ada, '1')] });
    await book.delete(id);
    expect(await ledger.sums([sum(id, 'MONTH 2026-11')])).toEqual(['0']);
    await ledger.add({ spoolId: 's', from: place(1), to: place(2), records: [tagged(ada, '1')] });
    expect(await ledger.sums([sum(id, 'MONTH 2026-11')])).toEqual(['0']);
  });
});

test('what was spent more than a year ago is forgotten, last year is not', async () => {
  const store = await testingStore();
  const { ledger } = await gatewayOn(store, { budgets: [everybody] });
  const days = ['2025-06-01', '2025-12-31', '2026-11-22'];
  const records = days.map((day) => record(ada, `${day}T12:00:00Z`, '1'));
  await ledger.add({ spoolId: 's', from: undefined, to: place(1), records });
  await ledger.startPeriods(Date.parse('2026-12-05T00:00:00Z'));
  const periods = await store.all('SELECT DISTINCT period FROM budget_spend ORDER BY period');
  expect(periods.map(({ period }) => period)).toEqual([
    'DAY 2025-12-31',
    'DAY 2026-11-22',
    'MONTH 2025-12',
    'MONTH 2026-11',
  ]);
  expect(await ledger.spentBy(ada, '2000-01-01', '2099-01-01')).toBe('2');
});

describe('alerts', () => {
  const tell = (threshold: number, given: object = {}) => ({
    quantity_threshold: threshold,
    action_configurations: [{ action_type: 'EMAIL_NOTIFICATION', target: 'boss@example.com' }],
    ...given,
  });
  const waiting = async (store: Store) =>
    (await store.all('SELECT message, target FROM alert_outbox ORDER BY created_at, id')).map((row) => {
      const { principal, quantity_threshold: threshold, spent } = JSON.parse(row['message'] as string);
      return `${principal ?? 'all'} ${threshold} ${spent} ${row['target']}`;
    });
  const slices = (ledger: SpendLedger, spoolId: string) => {
    let at = 0;
    return async (...records: SpendRecord[]) => {
      const from = at === 0 ? undefined : place(at);
      await ledger.add({ spoolId, from, to: place(++at), records });
    };
  };

  test('each threshold once a period, at exactly its amount', async () => {
    const store = await testingStore();
    const b = budget('b', { alert_configurations: [tell(1), tell(2)] });
    const add = slices((await gatewayOn(store, { budgets: [b] })).ledger, 's');
    await add(record(ada, DAY, '0.999999999'));
    expect(await waiting(store)).toEqual([]);
    await add(record(ada, DAY, '0.000000001'));
    await add(record(ada, DAY, '0.5'));
    expect(await waiting(store)).toEqual(['all 1 1 boss@example.com']);
    await add(record(ada, DAY, '5'));
    expect(await waiting(store)).toEqual(['all 1 1 boss@example.com', 'all 2 6.5 boss@example.com']);
    await add(record(ada, '2026-12-01T00:00:00Z', '1'));
    expect(await waiting(store)).toHaveLength(3);
  });

  test('each user once, at the threshold that holds for them', async () => {
    const store = await testingStore();
    const overrides = [{ principal_id: 'team-a', override_threshold: 3 }];
    const b = budget('b', { alert_configurations: [tell(1, { ...perUser, principal_overrides: overrides })] });
    const add = slices((await gatewayOn(store, { budgets: [b], groups: { [ada]: ['team-a'] } })).ledger, 's');
    await add(record(ada, DAY, '2'), record(bob, DAY, '2'));
    expect(await waiting(store)).toEqual([`${bob} 1 2 boss@example.com`]);
    await add(record(ada, DAY, '1'), record(bob, DAY, '1'));
    expect(await waiting(store)).toEqual([`${bob} 1 2 boss@example.com`, `${ada} 3 3 boss@example.com`]);
  });

  test('once across gateways that pass the threshold at the same time', async () => {
    const store = await testingStore();
    const b = budget('b', { alert_configurations: [tell(1)] });
    const gateways = await Promise.all([1, 2, 3].map(() => gatewayOn(store, { budgets: [b] })));
    await Promise.all(gateways.map(({ ledger }, index) => slices(ledger, `s${index}`)(record(ada, DAY, '1'))));
    expect(await waiting(store)).toHaveLength(1);
  });

  test('a webhook without target goes to all there are, those that block to nobody', async () => {
    const store = await testingStore();
    const webhooks = ['http://a.example/', 'http://b.example/'].map((url) => ({ url, secret: 'x'.repeat(16) }));
    const actions = { action_configurations: [{ action_type: 'WEBHOOK' }, { action_type: 'BLOCK_USAGE' }] };
    const b = budget('b', { alert_configurations: [{ quantity_threshold: 1, ...actions }, blockAt(1)] });
    const notifications = { contact: undefined, smtp: undefined, webhooks };
    const add = slices((await gatewayOn(store, { budgets: [b], notifications })).ledger, 's');
    await add(record(ada, DAY, '1'));
    const rows = await waiting(store);
    expect(rows.toSorted()).toEqual(['all 1 1 http://a.example/', 'all 1 1 http://b.example/']);
  });
});
