import type { RateLimitReading, RateLimitState } from '../../dialects/rate-limit-state.ts';
import type { Admission } from '../admission.ts';
import type { LimitUnit } from './compile-limits.ts';
import { RateLimitRule } from './rate-limit-rule.ts';
import { readingOf } from './refused-state.ts';

/**
 * How much is left to the caller, for the headers of an admitted request: of requests and of tokens the tightest
 * condition, and within a condition the charge with the most room. `undefined` where no rate limit applies.
 * @param at when it was decided, ms since 1970.
 */
export function rateLimitState(readings: Admission['readings'], at: number): RateLimitState | undefined {
  const roomiest = new Map<RateLimitRule, RateLimitReading>();
  for (const { rule, charge, reading } of readings) {
    if (!(rule instanceof RateLimitRule)) continue;
    const found = readingOf(charge, reading, at);
    const known = roomiest.get(rule);
    if (known === undefined || found.remaining > known.remaining) roomiest.set(rule, found);
  }
  if (roomiest.size === 0) return undefined;
  const tightest = (unit: LimitUnit): RateLimitReading | undefined =>
    [...roomiest]
      .filter(([rule]) => rule.unit === unit)
      .map(([, reading]) => reading)
      .reduce<RateLimitReading | undefined>(
        (least, one) => (least === undefined || one.remaining < least.remaining ? one : least),
        undefined,
      );
  return { requests: tightest('requests'), tokens: tightest('tokens') };
}
