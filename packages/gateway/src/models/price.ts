import { Big } from 'big.js';
import type { TokenUsage } from '../ir/usage.ts';
import type { Price } from './model-facts.ts';

const PER_TOKEN = new Big('0.000001');

/**
 * What `usage` costs at `price`: US dollars as an exact decimal string, never in exponent form
 * (1 token at $0.1 per million is `0.0000001`).
 * Each input token is billed once: uncached at the input price, cache reads and cache writes at theirs.
 * Where a price has no cache field, the next best stands in: reads and 5-minute writes at the input price,
 * 1-hour writes at the 5-minute price. Reasoning tokens are inside the output, and billed at their own price where
 * there is one. Tokens the provider did not report count as none.
 */
export function costOf(usage: TokenUsage, price: Price): string {
  const input = tokens(usage.input);
  const cacheRead = tokens(usage.cacheRead);
  const write5m = tokens(usage.cacheWrite5m);
  const write1h = tokens(usage.cacheWrite1h);
  const uncached = Math.max(0, input - cacheRead - write5m - write1h);
  const rate = rateAt(price, input);
  const cacheWrite5m = rate.cacheWrite5m ?? rate.input;
  const output = tokens(usage.output);
  const reasoning = Math.min(output, tokens(usage.reasoning));
  return [
    [uncached, rate.input] as const,
    [cacheRead, rate.cacheRead ?? rate.input] as const,
    [write5m, cacheWrite5m] as const,
    [write1h, rate.cacheWrite1h ?? cacheWrite5m] as const,
    [output - reasoning, rate.output] as const,
    [reasoning, rate.reasoning ?? rate.output] as const,
  ]
    .reduce((sum, [count, perMillion]) => sum.plus(new Big(perMillion).times(count)), new Big(0))
    .times(PER_TOKEN)
    .toFixed();
}

/** The rates for an input of this size: the highest tier that the input is above replaces what it has. */
function rateAt(price: Price, input: number): Omit<Price, 'tiers'> {
  const { tiers = [], ...base } = price;
  const tier = tiers
    .filter((one) => input > one.aboveInputTokens)
    .toSorted((a, b) => b.aboveInputTokens - a.aboveInputTokens)[0];
  return { ...base, ...tier };
}

/** A count from a provider: anything but a positive finite number is none. */
function tokens(count: number | undefined): number {
  return count !== undefined && Number.isFinite(count) && count > 0 ? Math.trunc(count) : 0;
}
