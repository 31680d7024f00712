import type { RateLimitReading, RateLimitState } from '../rate-limit-state.ts';

/**
 * `anthropic-ratelimit-{requests,tokens}-{limit,remaining,reset}`, the reset in RFC 3339. Ours are of input and output
 * together, so there are none of the `input-tokens` and `output-tokens` families. The `unified` family speaks of a plan's
 * spending and belongs to budgets: Claude Code tells its user that the plan is used up, where here it only has to wait.
 */
export function rateLimitHeaders({ requests, tokens }: RateLimitState): Record<string, string> {
  return { ...(requests && ofRequests(requests)), ...(tokens && ofTokens(tokens)) };
}

function ofRequests({ limit, remaining, resetAt }: RateLimitReading): Record<string, string> {
  return {
    'anthropic-ratelimit-requests-limit': String(limit),
    'anthropic-ratelimit-requests-remaining': String(remaining),
    'anthropic-ratelimit-requests-reset': rfc3339(resetAt),
  };
}

function ofTokens({ limit, remaining, resetAt }: RateLimitReading): Record<string, string> {
  return {
    'anthropic-ratelimit-tokens-limit': String(limit),
    'anthropic-ratelimit-tokens-remaining': String(remaining),
    'anthropic-ratelimit-tokens-reset': rfc3339(resetAt),
  };
}

/** Whole seconds, rounded up: not before it is so. */
function rfc3339(time: number): string {
  return new Date(Math.ceil(time / 1000) * 1000).toISOString().replace('.000Z', 'Z');
}
