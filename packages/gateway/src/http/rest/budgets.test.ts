import { expect, test } from 'vitest';
import type { AuditChange } from '../../audit/audit-event.ts';
import {
  blockAt,
  budget,
  directoryOf,
  gatewayOn,
  perUser,
  record,
  testingStore,
} from '../../governance/budgets/testing/budgets.ts';
import { CallerSpends } from '../../governance/budgets/caller-spend.ts';
import { LiveSpend } from '../../governance/budgets/live-spend.ts';
import { MemoryCounters } from '../../governance/counters/memory-counters.ts';
import type { Principal } from '../../identity/principal.ts';
import type { RestContext } from '../rest-route.ts';
import { budgetRoutes } from './budgets.ts';
import { spendRoutes } from './spend.ts';
import { bodyOf, call, testingConfig } from './testing-config.ts';

const account = '00000000-0000-0000-0000-000000000000';
const base = `/api/2.1/accounts/${account}/budgets`;
const routes = [...budgetRoutes, ...spendRoutes];
const eve = { id: '7', userName: 'eve@example.com', type: 'USER', groups: ['team-b'] } as unknown as Principal;
const configured = budget('of the file', { alert_configurations: [blockAt(7)] });

async function world(configuredBudgets = [configured]) {
  const store = await testingStore();
  const groups = { 'eve@example.com': ['team-b'] };
  const { book, ledger } = await gatewayOn(store, { budgets: configuredBudgets, groups });
  const live = new LiveSpend({ store, ledger, whenCaughtUp: (work) => work() });
  const counters = new MemoryCounters({ seed: live.seed });
  const spendView = new CallerSpends({ budgets: book, ledger, counters, workspaceId: () => '1234567890' });
  const byName = directoryOf(groups).byName;
  const changes: AuditChange[] = [];
  const context = {
    budgets: book,
    spendView,
    limitView: { linesOf: ({ userName }: Principal, tags: object) => Promise.resolve([{ userName, tags }]) },
    directory: { byName, byId: () => undefined },
  } as unknown as RestContext;
  const ask = (method: string, target: string, body: object = {}, principal?: Principal) =>
    bodyOf(
      call(routes, target, {
        request: {
          method,
          body: body as Record<string, unknown>,
          noteChange: (change) => changes.push(change),
          ...(principal === undefined ? {} : { principal }),
        },
        config: testingConfig({
          notifications: {
            contact: undefined,
            smtp: undefined,
            webhooks: [{ url: 'https://hooks.example/a', secret: 'a-secret-of-it-all' }],
          },
        }),
        context,
      }),
    );
  return { ask, changes, book, ledger };
}

/** As the vendor's command line and Terraform provider send it. */
const sent = {
  display_name: 'Team A',
  alert_configurations: [
    {
      time_period: 'MONTH',
      trigger_type: 'CUMULATIVE_SPENDING_EXCEEDED',
      quantity_type: 'LIST_PRICE_DOLLARS_USD',
      quantity_threshold: '840',
      action_configurations: [{ action_type: 'EMAIL_NOTIFICATION', target: 'abc@example.com' }],
    },
  ],
  filter: {
    workspace_id: { operator: 'IN', values: [1234567890] },
    tags: [{ key: 'Team', value: { operator: 'IN', values: ['Data Science'] } }],
  },
};
const uuid = expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/) as string;

test('a budget is made, read, changed and deleted, and each change is audited', async () => {
  const { ask, changes } = await world();
  const { budget: made } = await ask('POST', base, { budget: sent });
  expect(made).toMatchObject({
    budget_configuration_id: uuid,
    account_id: account,
    display_name: 'Team A',
    resource_type: 'BUDGET_RESOURCE_TYPE_UNITY_AI_GATEWAY',
    filter: sent.filter,
  });
  expect(made.alert_configurations).toMatchObject([
    {
      ...sent.alert_configurations[0],
      alert_configuration_id: uuid,
      scope_type: 'ALERT_CONFIGURATION_SCOPE_TYPE_SHARED',
    },
  ]);
  const one = `${base}/${made.budget_configuration_id}`;
  expect(await ask('GET', one)).toEqual({ budget: made });

  // The whole object as it was got, with one change.
  const [alert] = made.alert_configurations;
  const changed = { ...made, alert_configurations: [{ ...alert, quantity_threshold: 900.5 }] };
  const { budget: after } = await ask('PUT', one, { budget: changed });
  expect(after.alert_configurations).toEqual([{ ...alert, quantity_threshold: '900.5' }]);
  expect((await ask('GET', base)).budgets).toHaveLength(2);

  expect(await ask('DELETE', one)).toEqual({});
  await expect(ask('GET', one)).rejects.toMatchObject({ status: 404 });
  await expect(ask('DELETE', one)).rejects.toMatchObject({ status: 404 });
  expect(changes).toEqual([
    { target: `budgets/${made.budget_configuration_id}`, after: made },
    { target: `budgets/${made.budget_configuration_id}`, before: made, after },
    { target: `budgets/${made.budget_configuration_id}`, before: after },
  ]);
});

test('the scope stays: left out, or the same in another order', async () => {
  const { ask } = await world();
  const filter = { users: { values: ['a', 'b'] } };
  const { budget: made } = await ask('POST', base, { budget: { ...sent, filter } });
  const one = `${base}/${made.budget_configuration_id}`;
  const { filter: _, ...rest } = made;
  expect((await ask('PUT', one, { budget: rest })).budget.filter).toEqual(made.filter);
  const reordered = { ...made, filter: { users: { operator: 'IN', values: ['b', 'a'] } } };
  await ask('PUT', one, { budget: reordered });
  const other = { ...made, filter: { users: { values: ['a'] } } };
  await expect(ask('PUT', one, { budget: other })).rejects.toMatchObject({ code: 'caller_invalid_state' });
});

test('an id of an alert that is not its own is not taken', async () => {
  const { ask } = await world();
  const stolen = configured.alerts[0]?.id;
  const alert = { ...sent.alert_configurations[0], alert_configuration_id: stolen };
  const { budget: made } = await ask('POST', base, { budget: { ...sent, alert_configurations: [alert] } });
  expect(made.alert_configurations[0].alert_configuration_id).not.toBe(stolen);
});

test('budgets of the configuration are shown and not changed', async () => {
  const { ask, changes } = await world();
  const one = `${base}/${configured.id}`;
  const { budget: shown } = await ask('GET', one);
  expect(shown.display_name).toBe('of the file');
  await expect(ask('PUT', one, { budget: shown })).rejects.toMatchObject({ code: 'caller_invalid_state' });
  await expect(ask('DELETE', one)).rejects.toMatchObject({ code: 'caller_invalid_state' });
  expect(changes).toEqual([]);
});

const alerts = (...given: object[]) => ({ alert_configurations: given });
test.each([
  ['no name', { display_name: ' ' }],
  ['a key nobody knows', { budget_limit: 5 }],
  ['a threshold below nothing', alerts({ quantity_threshold: -1 })],
  ['a threshold that is none', alerts({ quantity_threshold: '1e5' })],
  ['a threshold beyond counting', alerts({ quantity_threshold: '9000000.01' })],
  [
    'a mail to nobody',
    alerts({ quantity_threshold: 1, action_configurations: [{ action_type: 'EMAIL_NOTIFICATION' }] }),
  ],
  [
    'a mail with two receivers',
    alerts({
      quantity_threshold: 1,
      action_configurations: [{ action_type: 'EMAIL_NOTIFICATION', target: 'a@example.com\r\nBcc: b@example.com' }],
    }),
  ],
  [
    'a webhook that the configuration does not know',
    alerts({
      quantity_threshold: 1,
      action_configurations: [{ action_type: 'WEBHOOK', target: 'http://169.254.169.254/' }],
    }),
  ],
  [
    'a block with a target',
    alerts(blockAt(1, { action_configurations: [{ action_type: 'BLOCK_USAGE', target: 'x' }] })),
  ],
  ['five shared thresholds', alerts(...[1, 2, 3, 4, 5].map((amount) => blockAt(amount)))],
  [
    'twenty-one overrides',
    alerts(
      ...[11, 10].map((count) =>
        blockAt(1, {
          ...perUser,
          principal_overrides: Array.from({ length: count }, (_, index) => ({
            principal_id: `u${index}`,
            override_threshold: 1,
          })),
        }),
      ),
    ),
  ],
  [
    'overrides of a shared threshold',
    alerts(blockAt(1, { principal_overrides: [{ principal_id: 'u', override_threshold: 1 }] })),
  ],
  ['another operator', { filter: { users: { operator: 'NOT_IN', values: ['a'] } } }],
])('refuses %s', async (_, given) => {
  const { ask } = await world();
  await expect(ask('POST', base, { budget: { ...sent, ...given } })).rejects.toMatchObject({
    code: 'caller_invalid_parameter',
  });
  expect((await ask('GET', base)).budgets).toHaveLength(1);
});

test('there is one account', async () => {
  const { ask } = await world();
  await expect(ask('GET', base.replace(account, '1'))).rejects.toMatchObject({ status: 404 });
  await expect(ask('POST', base.replace(account, '1'), { budget: sent })).rejects.toMatchObject({ status: 404 });
});

test('pages', async () => {
  const { ask } = await world([]);
  const ids = new Set<string>();
  for (let n = 0; n < 3; n++) {
    ids.add((await ask('POST', base, { budget: { ...sent, display_name: `b${n}` } })).budget.budget_configuration_id);
  }
  const seen: string[] = [];
  for (let token = ''; ;) {
    const page = await ask('GET', `${base}?page_size=2&page_token=${encodeURIComponent(token)}`);
    seen.push(...page.budgets.map((one: { budget_configuration_id: string }) => one.budget_configuration_id));
    token = page.next_page_token ?? '';
    if (token === '') break;
  }
  expect(new Set(seen)).toEqual(ids);
  expect(seen).toHaveLength(3);
});

test("the workspace's budgets: all for admins, one's own for others", async () => {
  const isIn = (value: unknown) => ({ operator: 'IN', values: [value] });
  const budgets = [
    budget('here', { filter: { workspace_id: isIn(1234567890) }, alert_configurations: [blockAt(1, perUser)] }),
    budget('elsewhere', { filter: { workspace_id: isIn(99) }, alert_configurations: [blockAt(1)] }),
    budget('team-a', { filter: { groups: isIn('team-a') }, alert_configurations: [blockAt(1)] }),
    budget('team-b', { filter: { groups: isIn('team-b') }, alert_configurations: [blockAt(1)] }),
  ];
  const { ask } = await world(budgets);
  const path = '/api/ai-gateway/v2/workspace-metrics/budgets';
  const names = async (who?: Principal) =>
    (await ask('GET', path, {}, who)).workspace_ai_gateway_budgets.map(
      (one: { display_name: string }) => one.display_name,
    );
  expect(await names()).toEqual(['here', 'team-a', 'team-b']);
  expect(await names(eve)).toEqual(['here', 'team-b']);
  const [first] = (await ask('GET', path)).workspace_ai_gateway_budgets;
  expect(first).toMatchObject({
    budget_configuration_id: uuid,
    display_name: 'here',
    alert_configurations: [
      {
        scope_type: 'ALERT_CONFIGURATION_SCOPE_TYPE_PER_USER',
        quantity_threshold: '1',
        quantity_type: 'LIST_PRICE_DOLLARS_USD',
        time_period: 'MONTH',
        action_configurations: [{ action_type: 'BLOCK_USAGE' }],
      },
    ],
  });
});

test("everybody sees their own spend, admins others'", async () => {
  const { ask, ledger } = await world();
  const records = [record('eve@example.com', new Date().toISOString(), '2.5')];
  await ledger.add({ spoolId: 's', from: undefined, to: { segment: 1, offset: 9 }, records });
  const path = '/api/ai-gateway/v2/spend';
  const own = await ask('GET', path, {}, eve);
  expect(own).toMatchObject({
    rate_limits: [{ userName: 'eve@example.com', tags: {} }],
    principal: 'eve@example.com',
    month_spend: '2.5',
    budgets: [{ display_name: 'of the file', quantity_threshold: '7', spent: '2.5', remaining: '4.5' }],
  });
  expect(await ask('GET', `${path}?principal=eve@example.com`)).toEqual(own);
  await expect(ask('GET', `${path}?principal=ada@example.com`, {}, eve)).rejects.toMatchObject({
    code: 'policy_forbidden',
  });
  await expect(ask('GET', `${path}?principal=nobody`)).rejects.toMatchObject({ status: 404 });
});
