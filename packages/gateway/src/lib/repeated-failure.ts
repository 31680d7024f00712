/** A failure that goes on is said again after this long, milliseconds. */
const REMINDER_MS = 10 * 60_000;

/** Keeps a failure that is tried again and again from filling the log: each reason is said once, then every ten minutes. */
export class RepeatedFailure {
  readonly #now: () => number;
  #reason: string | undefined;
  #saidAt = 0;

  /** @param now milliseconds, never going back. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Whether a failure is to be said now. */
  isToBeSaid(reason: string): boolean {
    const now = this.#now();
    if (reason === this.#reason && now - this.#saidAt < REMINDER_MS) return false;
    this.#reason = reason;
    this.#saidAt = now;
    return true;
  }

  /** It works. True where a failure was said before. */
  ended(): boolean {
    const wasSaid = this.#reason !== undefined;
    this.#reason = undefined;
    return wasSaid;
  }
}
