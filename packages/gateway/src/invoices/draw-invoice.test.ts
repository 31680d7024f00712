import { Big } from 'big.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { admin, ann, SqlPlace } from '../sql/testing/sql-place.ts';
import type { Caller } from '../unity/caller.ts';
import { usageTable } from '../usage/usage-table.ts';
import { billingMonth } from './billing-month.ts';
import { drawInvoice } from './draw-invoice.ts';
import { invoiceSubject } from './invoice-subject.ts';
import type { Invoice } from './invoice.ts';

const later = Date.UTC(2026, 11, 24);
let place: SqlPlace;

const row = (given: Record<string, unknown>) => ({
  workspace_id: '42',
  requester: 'ann@example.com',
  event_time: '2026-11-10T12:00:00Z',
  destination_model: 'claude-opus-4-8',
  service_name: 'system.ai.claude-opus-4-8',
  session_metadata: { coding_agent: 'claude-code' },
  request_tags: {},
  input_tokens: 100,
  output_tokens: 10,
  cost_usd: '0.333333333333',
  is_final: true,
  ...given,
});

beforeAll(async () => {
  place = await SqlPlace.make();
  const rows = [
    row({ request_tags: { project: 'a', stage: 'dev' } }),
    row({ request_tags: { project: 'b' }, requester: 'bob@example.com', session_metadata: { coding_agent: 'codex' } }),
    row({ requester: 'Cy@example.com', destination_model: "gpt-5'; DROP TABLE usage; --" }),
    row({ requester: 'dee@example.com', cost_usd: '1000.000000000001', session_metadata: { coding_agent: null } }),
    // A try that failed and cost nothing, and usage without a price.
    row({ is_final: false, cost_usd: '0', input_tokens: null, output_tokens: null }),
    row({ destination_model: 'house', cost_usd: null, input_tokens: 7, output_tokens: 5 }),
    // The first and the last millisecond of the month, and those beside it.
    row({ event_time: '2026-11-01T00:00:00.000Z', cost_usd: '0.01' }),
    row({ event_time: '2026-11-30T23:59:59.999Z', cost_usd: '0.02' }),
    row({ event_time: '2026-10-31T23:59:59.999Z', cost_usd: '500' }),
    row({ event_time: '2026-12-01T00:00:00.000Z', cost_usd: '500' }),
    // Another workspace on the same lake.
    row({ workspace_id: '43', cost_usd: '500' }),
  ];
  await place.table('system.ai_gateway.usage', usageTable.schema!, rows, { ownRowsColumn: 'requester' });
}, 60_000);
afterAll(() => place.remove());

const groups: Readonly<Record<string, readonly string[]>> = {
  team: ['bob@example.com', 'cy@example.com', "o'hara@example.com"],
  nobody: [],
};

function draw(subject: string, given: { month?: string; caller?: Caller; now?: number; days?: number } = {}) {
  const { month = '2026-11', caller = admin, now = later, days = 365 } = given;
  return drawInvoice(
    { month: billingMonth(month, now), subject: invoiceSubject(subject), caller },
    { sql: place.engine, workspaceId: '42', retentionDays: days, membersOf: (group) => groups[group], now: () => now },
  );
}

const linesOf = (invoice: Invoice, by: string, key?: string) =>
  invoice.breakdowns
    .find((part) => part.by === by && part.key === key)
    ?.lines.map(({ name, cost, rest }) => [rest ? '*' : name, cost]);

test('the invoice of a workspace is the sum of its rows of the month', async () => {
  const invoice = await draw('workspace');
  // 3 x 0.333333333333 + 1000.000000000001 + 0.01 + 0.02, of which no decimal is lost.
  expect(invoice.total).toEqual({
    requests: 7,
    inputTokens: 607,
    outputTokens: 65,
    cost: '1001.03',
    exactCost: '1001.03',
  });
  expect(linesOf(invoice, 'model')).toEqual([
    ['claude-opus-4-8', '1000.70'],
    ["gpt-5'; DROP TABLE usage; --", '0.33'],
    ['house', '0.00'],
  ]);
  expect(linesOf(invoice, 'agent')).toEqual([
    [null, '1000.00'],
    ['claude-code', '0.70'],
    ['codex', '0.33'],
  ]);
  expect(linesOf(invoice, 'user')?.map(([name]) => name)).toEqual([
    'dee@example.com',
    'ann@example.com',
    'Cy@example.com',
    'bob@example.com',
  ]);
});

test('every breakdown adds up to the total, to the cent and exactly', async () => {
  for (const subject of ['workspace', 'group:team', 'user:ann@example.com']) {
    const { total, breakdowns } = await draw(subject);
    expect(breakdowns.length).toBeGreaterThan(1);
    for (const { by, lines } of breakdowns) {
      const sum = (figure: 'cost' | 'exactCost') =>
        lines.reduce((all, line) => all.plus(line[figure]), new Big(0)).toFixed();
      expect([by, new Big(sum('cost')).toFixed(2), sum('exactCost')]).toEqual([by, total.cost, total.exactCost]);
      expect(lines.reduce((all, { requests }) => all + requests, 0)).toBe(total.requests);
      expect(lines.reduce((all, { inputTokens }) => all + inputTokens, 0)).toBe(total.inputTokens);
    }
  }
});

test('each key of tags is a breakdown of its own, with what does not have it', async () => {
  const invoice = await draw('workspace');
  expect(linesOf(invoice, 'tag', 'project')).toEqual([
    ['a', '0.33'],
    ['b', '0.33'],
    ['*', '1000.37'],
  ]);
  expect(linesOf(invoice, 'tag', 'stage')).toEqual([
    ['dev', '0.33'],
    ['*', '1000.70'],
  ]);
});

test('usage without a price is told apart, never as costing nothing', async () => {
  const { unpriced } = await draw('workspace');
  expect(unpriced).toEqual([{ model: 'house', invocations: 1, inputTokens: 7, outputTokens: 5 }]);
});

describe('whose usage', () => {
  test("a group's is that of its members, however their names are written", async () => {
    const invoice = await draw('group:team');
    expect(linesOf(invoice, 'user')?.map(([name]) => name)).toEqual(['Cy@example.com', 'bob@example.com']);
    expect(invoice.total.exactCost).toBe('0.666666666666');
  });

  test('a group without members has used nothing', async () => {
    const invoice = await draw('group:nobody');
    expect(invoice.total).toMatchObject({ requests: 0, cost: '0.00' });
    expect(invoice.breakdowns.every(({ lines }) => lines.length === 0)).toBe(true);
  });

  test('a group that there is not is refused', async () => {
    await expect(draw('group:other')).rejects.toMatchObject({ code: 'caller_not_found' });
  });

  test("a user's has no breakdown by user", async () => {
    const invoice = await draw('user:ANN@example.com');
    expect(invoice.total.exactCost).toBe('0.363333333333');
    expect(linesOf(invoice, 'user')).toBeUndefined();
  });

  test('a name is a value, never SQL', async () => {
    const invoice = await draw(`user:x') OR 1=1 --`);
    expect(invoice.total.requests).toBe(0);
  });

  test('who may not see the rows of others does not get them', async () => {
    const invoice = await draw('workspace', { caller: ann });
    expect(linesOf(invoice, 'user')?.map(([name]) => name)).toEqual(['ann@example.com']);
  });
});

test('only files with rows of the month are read, and only once', async () => {
  place.scans.length = 0;
  await draw('workspace');
  expect(place.scans).toHaveLength(1);
  expect(place.scans[0]?.filters?.map(({ column, operator }) => `${column.join('.')} ${operator}`)).toEqual(
    expect.arrayContaining(['event_time >=', 'event_time <']),
  );
});

test('a month that goes on is provisional, one whose rows may be deleted is incomplete', async () => {
  expect((await draw('workspace')).status).toBe('final');
  expect((await draw('workspace', { now: Date.UTC(2026, 10, 23) })).status).toBe('provisional');
  expect((await draw('workspace', { now: Date.UTC(2026, 11, 1, 0, 30) })).status).toBe('provisional');
  expect((await draw('workspace', { days: 40 })).status).toBe('incomplete');
});
