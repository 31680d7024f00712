/** What is left of a limit. */
export interface RateLimitReading {
  readonly limit: number;
  /** Whole, from 0. */
  readonly remaining: number;
  /** Milliseconds until some of what is counted leaves the window. */
  readonly resetMs: number;
  /** The same as a time, milliseconds since 1970. */
  readonly resetAt: number;
}

/** What the gateway's rate limits leave to the caller: the tightest of each unit, `undefined` where none applies. */
export interface RateLimitState {
  readonly requests: RateLimitReading | undefined;
  readonly tokens: RateLimitReading | undefined;
}
