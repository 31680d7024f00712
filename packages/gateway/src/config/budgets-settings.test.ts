import { expect, test } from 'vitest';
import { configJsonSchema } from './json-schema.ts';
import { load, problemsOf, smallFile } from './testing-file.ts';

const budgets = `
budgets:
  - display_name: Team A
    filter:
      groups: { values: [team-a] }
    alert_configurations:
      - quantity_threshold: 0.1
        time_period: WEEK
        action_configurations: [{ action_type: BLOCK_USAGE }]
`;

test('a budget of the file, with an id that stays', async () => {
  const [first, again] = await Promise.all([load(smallFile + budgets), load(smallFile + budgets)]);
  expect(first.budgets).toEqual(again.budgets);
  expect(first.budgets).toMatchObject([
    {
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/),
      displayName: 'Team A',
      source: 'configuration',
      alerts: [{ period: 'WEEK', scope: 'shared', threshold: '0.1', actions: [{ type: 'BLOCK_USAGE' }] }],
      filter: { groups: ['team-a'], users: undefined, tags: [] },
    },
  ]);
});

test('two of a name would be one', async () => {
  const twice = budgets + budgets.replace('\nbudgets:', '');
  expect(await problemsOf(smallFile + twice)).toMatchObject([
    { key: 'budgets[1].display_name', message: "the budget 'Team A' is there twice" },
  ]);
});

test.each([
  ['a threshold of words', budgets.replace('0.1', 'much'), /quantity_threshold$/],
  ['a period nobody knows', budgets.replace('WEEK', 'YEAR'), /time_period$/],
  ['a filter without values', budgets.replace('[team-a]', '[]'), /groups\.values$/],
  ['a short secret', 'notifications: { webhooks: [{ url: "https://a.example", secret: short }] }', /secret$/],
  [
    'a webhook that is a file',
    'notifications: { webhooks: [{ url: "file:///etc/passwd", secret: 0123456789abcdef }] }',
    /url$/,
  ],
  ['a price below nothing', 'prices: { models: { m: { input: -1, output: 1 } } }', /input$/],
  ['two adjustments', 'prices: { providers: { a.b.c: { multiplier: 1, markup_percent: 2 } } }', /a\.b\.c/],
])('%s is a problem with its place', async (_, text, key) => {
  const problems = await problemsOf(`${smallFile}\n${text}`);
  expect(problems).toHaveLength(1);
  expect(problems[0]?.key).toMatch(key);
});

test('notifications have their defaults, and references are read', async () => {
  const text = `
notifications:
  contact: platform@example.com
  smtp: { host: mail.example.com, from: gateway@example.com, user: me, password: "\${env:SMTP_PASSWORD}" }
`;
  const { notifications } = await load(smallFile + text, { SMTP_PASSWORD: 'open-sesame' });
  expect(notifications).toEqual({
    contact: 'platform@example.com',
    smtp: {
      host: 'mail.example.com',
      port: 587,
      from: 'gateway@example.com',
      user: 'me',
      password: 'open-sesame',
      tls: 'required',
    },
    webhooks: [],
  });
});

test('the published schema has the sections', () => {
  expect(Object.keys(configJsonSchema().properties ?? {})).toEqual(
    expect.arrayContaining(['prices', 'budgets', 'notifications']),
  );
});
