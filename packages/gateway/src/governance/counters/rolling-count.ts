import type { Count } from './count.ts';

/** Slots of a rolling window. The slot of now and the 59 before it are in the window. */
export const SLOTS = 60;
/** Slots that a clock may go back and time just stands still; beyond that, what is counted is taken as counted now. */
export const BACKWARD_SLOTS = 5;

/** What was counted in the time up to now, of a fixed length. Slots without anything take no memory. */
export class RollingCount implements Count {
  readonly ms: number;
  pending = 0;
  #total = 0;
  /** Numbers of slots since 1970, ascending, with what was counted in each. */
  readonly #slots: number[] = [];
  readonly #amounts: number[] = [];

  constructor(ms: number) {
    this.ms = ms;
  }

  get used(): number {
    return this.#total;
  }

  advance(now: number): void {
    this.#slotAt(now);
  }

  add(amount: number, now: number): void {
    this.#addTo(this.#slotAt(now), amount);
  }

  correct(amount: number, at: number, now: number): void {
    const current = this.#slotAt(now);
    const slot = Math.min(this.#number(at), current);
    if (slot > current - SLOTS) this.#addTo(slot, amount);
  }

  waitFor(excess: number, now: number): number {
    let leaving = 0;
    for (const [index, slot] of this.#slots.entries()) {
      leaving += this.#amounts[index] ?? 0;
      if (leaving >= excess) return Math.max(1, this.#end(slot) - now);
    }
    return Infinity;
  }

  resetMs(now: number): number {
    const oldest = this.#slots[0];
    return oldest === undefined ? 0 : Math.max(0, this.#end(oldest) - now);
  }

  get expiresAt(): number {
    const newest = this.#slots.at(-1);
    return newest === undefined ? 0 : this.#end(newest);
  }

  /** `[[start of the slot in ms since 1970, count], …]`. */
  toJson(): unknown {
    return this.#slots.map((slot, index) => [Math.round((slot * this.ms) / SLOTS), this.#amounts[index]]);
  }

  /** What `toJson` gave. Slots after `now` are taken as now: the clock went back while nobody counted. */
  static fromJson(ms: number, json: unknown, now: number): RollingCount {
    const count = new RollingCount(ms);
    if (!Array.isArray(json)) return count;
    for (const entry of json as readonly unknown[]) {
      const [start, amount] = Array.isArray(entry) ? (entry as readonly unknown[]) : [];
      // The middle of the slot: its start may have been rounded into the one before.
      if (typeof start === 'number' && typeof amount === 'number' && amount > 0) {
        count.correct(amount, start + ms / SLOTS / 2, now);
      }
    }
    return count;
  }

  /** The slot of now, once everything that is not in its window has left. */
  #slotAt(now: number): number {
    const slots = this.#slots;
    const slot = this.#number(now);
    const newest = slots.at(-1);
    if (newest === undefined) return slot;
    if (slot < newest) {
      if (newest - slot <= BACKWARD_SLOTS) return newest;
      slots.splice(0, slots.length, slot);
      this.#amounts.splice(0, this.#amounts.length, this.#total);
      return slot;
    }
    let left = 0;
    while (left < slots.length && ((slots[left] ?? 0) <= slot - SLOTS || this.#amounts[left] === 0)) {
      this.#total -= this.#amounts[left] ?? 0;
      left++;
    }
    if (left > 0) {
      slots.splice(0, left);
      this.#amounts.splice(0, left);
    }
    return slot;
  }

  #addTo(slot: number, amount: number): void {
    const slots = this.#slots;
    let index = slots.length - 1;
    while (index >= 0 && (slots[index] ?? 0) > slot) index--;
    if (slots[index] === slot) {
      const before = this.#amounts[index] ?? 0;
      const after = Math.max(0, before + amount);
      this.#amounts[index] = after;
      this.#total += after - before;
    } else if (amount > 0) {
      slots.splice(index + 1, 0, slot);
      this.#amounts.splice(index + 1, 0, amount);
      this.#total += amount;
    }
  }

  #number(time: number): number {
    return Math.floor((time * SLOTS) / this.ms);
  }

  /** When the slot leaves the window. */
  #end(slot: number): number {
    return Math.ceil(((slot + SLOTS) * this.ms) / SLOTS);
  }
}
