import type { RateLimitReading, RateLimitState } from '../../dialects/rate-limit-state.ts';
import type { GatewayError } from '../../errors/gateway-error.ts';
import type { Charge, Reading } from '../counters/counters.ts';
import type { LimitUnit } from './compile-limits.ts';

/** What stood behind refusals. Beside the errors, which know nothing of limits. */
const refusals = new WeakMap<GatewayError, RateLimitState>();

/** What is left to a caller that a rate limit refused; `undefined` for every other error. */
export function refusedState(error: GatewayError): RateLimitState | undefined {
  return refusals.get(error);
}

/** Remembers which limit refused. Nothing is left of it: what it has room for is less than the request asked. */
export function noteRefusal(error: GatewayError, unit: LimitUnit, charge: Charge, reading: Reading, at: number): void {
  const found = { ...readingOf(charge, reading, at), remaining: 0 };
  refusals.set(error, {
    requests: unit === 'requests' ? found : undefined,
    tokens: unit === 'tokens' ? found : undefined,
  });
}

/** What a charge's window has left. `at` is when it was read, ms since 1970. */
export function readingOf({ limit }: Pick<Charge, 'limit'>, { used, resetMs }: Reading, at: number): RateLimitReading {
  return { limit, remaining: Math.max(0, limit - used), resetMs, resetAt: at + resetMs };
}
