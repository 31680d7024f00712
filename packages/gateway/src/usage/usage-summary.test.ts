import { expect, test } from 'vitest';
import { buildUsageRecord } from './build-record.ts';
import { usageInput } from './testing/usage-input.ts';
import type { UsageRecord } from './usage-record.ts';
import { groupings, summarizeUsage, type Grouping } from './usage-summary.ts';

const base = buildUsageRecord(usageInput());

async function* from(records: readonly Partial<UsageRecord>[]): AsyncIterable<UsageRecord> {
  for (const record of records) yield { ...base, ...record };
}

test('adds up tokens and exact costs, dearest group first', async () => {
  const records = [
    { requester: 'bob', cost_usd: '0.1' },
    { requester: 'ada', cost_usd: '0.2' },
    { requester: 'ada', cost_usd: '0.1' },
  ];
  expect(await summarizeUsage(from(records), 'user')).toEqual([
    {
      group: 'ada',
      requests: 2,
      input_tokens: 2000,
      cache_read_input_tokens: 1400,
      output_tokens: 100,
      cost_usd: '0.3',
      unpriced: 0,
    },
    {
      group: 'bob',
      requests: 1,
      input_tokens: 1000,
      cache_read_input_tokens: 700,
      output_tokens: 50,
      cost_usd: '0.1',
      unpriced: 0,
    },
  ]);
});

test('a fallback is one request, and what has no price is counted apart', async () => {
  const records = [
    { is_final: false, input_tokens: null, output_tokens: null, cost_usd: null },
    { is_final: true, cost_usd: null },
  ];
  expect(await summarizeUsage(from(records), 'agent')).toMatchObject([{ requests: 1, cost_usd: '0', unpriced: 1 }]);
});

test.each(
  Object.entries({ agent: 'claude-code', model: 'claude-opus-4-8-20260101', user: 'ada@example.com', session: 's1' }),
)('groups by %s', async (by, group) => {
  expect(Object.keys(groupings)).toContain(by);
  expect(await summarizeUsage(from([{}]), by as Grouping)).toMatchObject([{ group }]);
});
