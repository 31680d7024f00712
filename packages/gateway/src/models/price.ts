import { Big } from 'big.js';
import { decimalText } from '../lib/decimal-text.ts';
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
  const billed: readonly Billed[] = [
    [uncached, rate.input],
    [cacheRead, rate.cacheRead ?? rate.input],
    [write5m, cacheWrite5m],
    [write1h, rate.cacheWrite1h ?? cacheWrite5m],
    [output - reasoning, rate.output],
    [reasoning, rate.reasoning ?? rate.output],
  ];
  return sumInNumbers(billed) ?? sumExactly(billed);
}

/** Tokens, and dollars per million of them. */
type Billed = readonly [tokens: number, perMillion: string];

function sumExactly(billed: readonly Billed[]): string {
  return billed
    .reduce((sum, [count, perMillion]) => sum.plus(new Big(perMillion).times(count)), new Big(0))
    .times(PER_TOKEN)
    .toFixed();
}

/** Decimal places of the unit that sums are kept in: millionths of a dollar per million tokens. */
const RATE_PLACES = 6;

/** The same in whole units where all of them are small enough for that to be exact, as mostly they are; else `undefined`. */
function sumInNumbers(billed: readonly Billed[]): string | undefined {
  let sum = 0;
  for (const [count, perMillion] of billed) {
    if (count === 0) continue;
    const units = unitsOf(perMillion);
    if (units === undefined) return undefined;
    sum += count * units;
    if (!Number.isSafeInteger(sum)) return undefined;
  }
  return decimalText(sum, RATE_PLACES + 6);
}

const knownUnits = new Map<string, number | undefined>();

/** A rate in whole units; `undefined` where it has more decimal places, or is too large. Remembered: there are few rates. */
function unitsOf(perMillion: string): number | undefined {
  if (knownUnits.has(perMillion)) return knownUnits.get(perMillion);
  const units = new Big(perMillion).times(10 ** RATE_PLACES);
  const whole = units.eq(units.round(0)) && units.gte(0) && units.lte(Number.MAX_SAFE_INTEGER);
  if (knownUnits.size > 10_000) knownUnits.clear();
  knownUnits.set(perMillion, whole ? Number(units.toFixed()) : undefined);
  return knownUnits.get(perMillion);
}

/** The rates for an input of this size: the highest tier that the input is above replaces what it has. */
function rateAt(price: Price, input: number): Omit<Price, 'tiers'> {
  if (price.tiers === undefined) return price;
  const { tiers, ...base } = price;
  const tier = tiers
    .filter((one) => input > one.aboveInputTokens)
    .toSorted((a, b) => b.aboveInputTokens - a.aboveInputTokens)[0];
  return { ...base, ...tier };
}

/** A count from a provider: anything but a positive finite number is none. */
function tokens(count: number | undefined): number {
  return count !== undefined && Number.isFinite(count) && count > 0 ? Math.trunc(count) : 0;
}
