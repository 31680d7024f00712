import { Big } from 'big.js';
import type { UsageRecord } from './usage-record.ts';

/** What usage may be grouped by: the group of a record, and the same of a row of `system.ai_gateway.usage` in SQL. */
export const groupings = {
  agent: {
    of: (record: UsageRecord) => record.session_metadata.coding_agent,
    column: 'session_metadata.coding_agent',
  },
  model: {
    of: (record: UsageRecord) => record.destination_model ?? record.service_name,
    column: 'coalesce(destination_model, service_name)',
  },
  user: { of: (record: UsageRecord) => record.requester, column: 'requester' },
  session: {
    of: (record: UsageRecord) => record.session_metadata.client_session_id,
    column: 'session_metadata.client_session_id',
  },
} as const;

export type Grouping = keyof typeof groupings;

/** Totals of a group. Tokens that are unknown count as none. */
export interface UsageTotals {
  /** `null`: the records that do not say. */
  readonly group: string | null;
  /** Requests as callers made them; retries and fallbacks belong to one. */
  requests: number;
  /** Cached ones included. */
  input_tokens: number;
  cache_read_input_tokens: number;
  output_tokens: number;
  /** US dollars, exact decimal. */
  cost_usd: string;
  /** Invocations that no price was known for; `cost_usd` is without them. */
  unpriced: number;
}

/**
 * Adds up usage records, one group per value of `by`, dearest first.
 * @param earlier totals of other records by the same, to be added.
 */
export async function summarizeUsage(
  records: AsyncIterable<UsageRecord>,
  by: Grouping,
  earlier: readonly UsageTotals[] = [],
): Promise<UsageTotals[]> {
  const groups = new Map<string | null, UsageTotals & { cost: Big }>(
    earlier.map((totals) => [totals.group, { ...totals, cost: new Big(totals.cost_usd) }]),
  );
  for await (const record of records) {
    const group = groupings[by].of(record);
    let totals = groups.get(group);
    if (totals === undefined) {
      totals = { ...emptyTotals(group), cost: new Big(0) };
      groups.set(group, totals);
    }
    if (record.is_final) totals.requests += 1;
    totals.input_tokens += record.input_tokens ?? 0;
    totals.cache_read_input_tokens += record.token_details.cache_read_input_tokens ?? 0;
    totals.output_tokens += record.output_tokens ?? 0;
    if (record.cost_usd !== null) totals.cost = totals.cost.plus(record.cost_usd);
    else if (record.input_tokens !== null || record.output_tokens !== null) totals.unpriced += 1;
  }
  return [...groups.values()]
    .sort((a, b) => b.cost.cmp(a.cost) || b.input_tokens - a.input_tokens)
    .map(({ cost, ...totals }) => ({ ...totals, cost_usd: cost.toFixed() }));
}

function emptyTotals(group: string | null): UsageTotals {
  return {
    group,
    requests: 0,
    input_tokens: 0,
    cache_read_input_tokens: 0,
    output_tokens: 0,
    cost_usd: '0',
    unpriced: 0,
  };
}
