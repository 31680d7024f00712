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
  const left: Record<LimitUnit, RateLimitReading | undefined> = { requests: undefined, tokens: undefined };
  let roomiest: RateLimitReading | undefined;
  for (const [index, { rule, charge, reading }] of readings.entries()) {
    if (!(rule instanceof RateLimitRule)) continue;
    const found = readingOf(charge, reading, at);
    if (roomiest === undefined || found.remaining > roomiest.remaining) roomiest = found;
    // The charges of a condition stand one after the other.
    if (readings[index + 1]?.rule === rule) continue;
    const tightest = left[rule.unit];
    if (tightest === undefined || roomiest.remaining < tightest.remaining) left[rule.unit] = roomiest;
    roomiest = undefined;
  }
  return left.requests === undefined && left.tokens === undefined ? undefined : left;
}
