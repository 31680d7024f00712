import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { readBudgets } from '../../packages/gateway/src/config/budgets-settings.ts';
import { budgetSchema } from '../../packages/gateway/src/config/budgets-schema.ts';
import { gatewayOn, record } from '../../packages/gateway/src/governance/budgets/testing/budgets.ts';
import { claimOutbox } from '../../packages/gateway/src/state/outbox-repository.ts';
import { openStore, type Store } from '../../packages/gateway/src/state/store.ts';
import { startPostgres, type Postgres } from '../support/postgres.ts';

const DAY = '2026-11-22T12:00:00.000Z';
const ada = 'ada@example.com';
const [budget] = readBudgets(
  [
    budgetSchema.parse({
      display_name: 'shared',
      alert_configurations: [
        {
          quantity_threshold: '0.5',
          action_configurations: [{ action_type: 'EMAIL_NOTIFICATION', target: 'boss@example.com' }],
        },
      ],
    }),
  ],
  (_, message) => {
    throw new Error(message);
  },
);

let postgres: Postgres;
beforeAll(async () => {
  postgres = await startPostgres();
}, 600_000);
afterAll(() => postgres?.stop());

async function twoStores(): Promise<[Store, Store]> {
  const url = await postgres.createDatabase();
  const open = async (): Promise<Store> => {
    const store = await openStore({ dataDirectory: '/nowhere', url });
    onTestFinished(() => store.close());
    return store;
  };
  return [await open(), await open()];
}

test('two gateways add to one sum, raise its alert once, and share sending it', async () => {
  const stores = await twoStores();
  if (!budget) throw new Error('No budget.');
  const gateways = await Promise.all(stores.map((store) => gatewayOn(store, { budgets: [budget] })));
  await Promise.all(
    Array.from({ length: 10 }, async (_, index) => {
      const gateway = gateways[index % 2];
      for (let n = 0; n < 10; n++) {
        const from = n === 0 ? undefined : { segment: 1, offset: n };
        const to = { segment: 1, offset: n + 1 };
        const slice = { spoolId: `s${index}`, from, to, records: [record(ada, DAY, '0.01')] };
        expect(await gateway?.ledger.add(slice)).toBe(true);
      }
    }),
  );
  const keys = ['', ada].map((subject) => ({ budgetId: budget.id, period: 'MONTH 2026-11', subject }));
  expect(await gateways[0]?.ledger.sums(keys)).toEqual(['1', '1']);
  expect(await gateways[1]?.ledger.spentBy(ada, '2026-11-01', '2026-11-30')).toBe('1');
  const claims = await Promise.all(
    stores.map((store) => store.transaction((tx) => claimOutbox(tx, Date.now(), Date.now() + 60_000, 10))),
  );
  expect(claims.flat()).toHaveLength(1);
});

test('a budget made by one gateway counts what the other has recorded', async () => {
  const [one, two] = await Promise.all((await twoStores()).map((store) => gatewayOn(store)));
  await two?.ledger.add({
    spoolId: 's',
    from: undefined,
    to: { segment: 1, offset: 1 },
    records: [record(ada, DAY, '3')],
  });
  const entry = budgetSchema.parse({ display_name: 'late', alert_configurations: [{ quantity_threshold: 5 }] });
  const made = await one?.book.create(entry, Date.parse(DAY));
  await one?.ledger.startPeriods(Date.parse(DAY));
  await two?.book.refresh();
  expect(two?.book.index.budgets.map(({ id }) => id)).toEqual([made?.id]);
  const key = { budgetId: made?.id ?? '', period: 'MONTH 2026-11', subject: '' };
  expect(await two?.ledger.sums([key])).toEqual(['3']);
});
