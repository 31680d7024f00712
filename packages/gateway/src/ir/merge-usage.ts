import type { TokenUsage } from './usage.ts';

/** Later values replace earlier ones, field by field where defined. */
export function mergeUsage(earlier: TokenUsage | undefined, later: TokenUsage): TokenUsage {
  if (earlier === undefined) return later;
  return {
    input: later.input ?? earlier.input,
    output: later.output ?? earlier.output,
    cacheRead: later.cacheRead ?? earlier.cacheRead,
    cacheWrite5m: later.cacheWrite5m ?? earlier.cacheWrite5m,
    cacheWrite1h: later.cacheWrite1h ?? earlier.cacheWrite1h,
    reasoning: later.reasoning ?? earlier.reasoning,
    raw: later.raw ?? earlier.raw,
  };
}
