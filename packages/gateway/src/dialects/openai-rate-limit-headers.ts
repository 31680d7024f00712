import type { RateLimitReading, RateLimitState } from './rate-limit-state.ts';

/** `x-ratelimit-{limit,remaining,reset}-{requests,tokens}`, the same in chat and Responses; the reset as `6m0s`. */
export function openaiRateLimitHeaders({ requests, tokens }: RateLimitState): Record<string, string> {
  return { ...(requests && ofRequests(requests)), ...(tokens && ofTokens(tokens)) };
}

function ofRequests({ limit, remaining, resetMs }: RateLimitReading): Record<string, string> {
  return {
    'x-ratelimit-limit-requests': String(limit),
    'x-ratelimit-remaining-requests': String(remaining),
    'x-ratelimit-reset-requests': goDuration(resetMs),
  };
}

function ofTokens({ limit, remaining, resetMs }: RateLimitReading): Record<string, string> {
  return {
    'x-ratelimit-limit-tokens': String(limit),
    'x-ratelimit-remaining-tokens': String(remaining),
    'x-ratelimit-reset-tokens': goDuration(resetMs),
  };
}

/** `1h0m5s`, `6m0s`, `12s`, `120ms`. Seconds are rounded up. */
function goDuration(ms: number): string {
  if (ms < 1000) return ms <= 0 ? '0s' : `${Math.ceil(ms)}ms`;
  const seconds = Math.ceil(ms / 1000);
  if (seconds < 60) return `${seconds}s`;
  const hours = Math.floor(seconds / 3600);
  return `${hours > 0 ? `${hours}h` : ''}${Math.floor(seconds / 60) % 60}m${seconds % 60}s`;
}
