import type { Count } from './count.ts';

/** How long a count outlives its window, milliseconds. */
export const CALENDAR_GRACE_MS = 3_600_000;

/** What was counted in a named stretch of the calendar. */
export class CalendarCount implements Count {
  pending = 0;
  #used: number;
  readonly #endsAt: number;

  constructor(endsAt: number, used = 0) {
    this.#endsAt = endsAt;
    this.#used = used;
  }

  get used(): number {
    return this.#used;
  }

  advance(): void {}

  add(amount: number): void {
    this.#used += amount;
  }

  correct(amount: number): void {
    this.#used = Math.max(0, this.#used + amount);
  }

  waitFor(excess: number, now: number): number {
    return excess > this.#used ? Infinity : Math.max(1, this.#endsAt - now);
  }

  resetMs(now: number): number {
    return Math.max(0, this.#endsAt - now);
  }

  get expiresAt(): number {
    return this.#endsAt + CALENDAR_GRACE_MS;
  }

  toJson(): unknown {
    return this.#used;
  }
}
