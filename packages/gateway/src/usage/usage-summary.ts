import { Big } from 'big.js';
import type { UsageRecord } from './usage-record.ts';

/** What usage may be grouped by; the value reads the group of a record. */
export const groupings = {
  agent: (record: UsageRecord) => record.session_metadata.coding_agent,
  model: (record: UsageRecord) => record.destination_model ?? record.service_name,
  user: (record: UsageRecord) => record.requester,
  session: (record: UsageRecord) => record.session_metadata.client_session_id,
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

/** Adds up usage records, one group per value of `by`, dearest first. */
export async function summarizeUsage(records: AsyncIterable<UsageRecord>, by: Grouping): Promise<UsageTotals[]> {
  const groups = new Map<string | null, UsageTotals & { cost: Big }>();
  for await (const record of records) {
    const group = groupings[by](record);
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
