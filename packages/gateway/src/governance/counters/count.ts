/** One window's count in memory. Times are milliseconds since 1970. */
export interface Count {
  /** What the request that is being decided would add; 0 between requests. */
  pending: number;
  /** As of the last `advance`. */
  readonly used: number;
  /** Lets everything leave that is no longer in the window. */
  advance(now: number): void;
  add(amount: number, now: number): void;
  /** Changes what was counted at `at`, never below 0; without effect where that has left the window. */
  correct(amount: number, at: number, now: number): void;
  /** Milliseconds until `excess` of what is counted has left; `Infinity` where that much is not counted. */
  waitFor(excess: number, now: number): number;
  /** As in `Reading`. */
  resetMs(now: number): number;
  /** When nothing is left in the window; 0 where nothing is in it. */
  readonly expiresAt: number;
  toJson(): unknown;
}
