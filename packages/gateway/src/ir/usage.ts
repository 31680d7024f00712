/**
 * Tokens of one invocation, normalised over dialects. Totals are inclusive; parts do not overlap:
 * `input = uncached + cacheRead + cacheWrite5m + cacheWrite1h`. Unknown is `undefined`, never 0.
 */
export interface TokenUsage {
  /** All input tokens, cached ones included (unity-ai-gateway 3.2). */
  readonly input: number | undefined;
  /** All output tokens, reasoning included. */
  readonly output: number | undefined;
  readonly cacheRead: number | undefined;
  /** Written to the 5-minute cache. A provider that gives no split counts here. */
  readonly cacheWrite5m: number | undefined;
  readonly cacheWrite1h: number | undefined;
  /** Part of `output`. */
  readonly reasoning: number | undefined;
  /** The provider's own usage object, as parsed. */
  readonly raw: unknown;
}
