import { CalendarCount } from './calendar-count.ts';
import type { Count } from './count.ts';
import {
  CountersUnavailable,
  type CalendarKey,
  type Charge,
  type ChargeGroup,
  type Correction,
  type Counters,
  type Decision,
  type Reading,
  type Seed,
  type Window,
} from './counters.ts';
import { KeptCounts, type KeptCount } from './kept-counts.ts';
import { RollingCount } from './rolling-count.ts';

/** Keys that are kept at most; about 300 bytes each. Beyond them, requests that need a new one are refused. */
const MOST_KEYS = 1_000_000;
/** Pause between two looks at all keys while it is crowded, milliseconds. */
const SWEEP_PAUSE_MS = 1_000;

type Key = Pick<Charge, 'key' | 'window'>;

/** A key whose count has changed, to be written down. */
export interface ChangedCount extends Key {
  /** When nothing of it is left, ms since 1970. */
  readonly expiresAt: number;
  readonly content: unknown;
}

export interface MemoryCountersOptions {
  readonly seed?: Seed | undefined;
  /** Milliseconds since 1970, for corrections. Default the system's. */
  readonly clock?: (() => number) | undefined;
  /** Default 1,000,000. */
  readonly mostKeys?: number | undefined;
  /** Whether `takeChanges` will be called; else changes are not noted. */
  readonly noteChanges?: boolean | undefined;
}

/** Counts in this process, for one gateway. Decides without waiting, unless a seed has to be asked. */
export class MemoryCounters implements Counters {
  readonly #kept = new KeptCounts();
  readonly #seed: Seed | undefined;
  readonly #clock: () => number;
  readonly #mostKeys: number;
  readonly #changed: Set<KeptCount> | undefined;
  #sweptAt = -Infinity;
  #sweeper: Iterator<KeptCount> = this.#kept[Symbol.iterator]();

  constructor({ seed, clock = Date.now, mostKeys = MOST_KEYS, noteChanges = false }: MemoryCountersOptions = {}) {
    this.#seed = seed;
    this.#clock = clock;
    this.#mostKeys = mostKeys;
    this.#changed = noteChanges ? new Set() : undefined;
  }

  /** How many keys are kept. */
  get size(): number {
    return this.#kept.size;
  }

  reserve(groups: readonly ChargeGroup[], now: number): Decision | Promise<Decision> {
    const missing = this.#missing(groups);
    if (missing.length === 0) return this.#decide(groups, now);
    return this.#seeded(missing).then(() => this.#decide(groups, now));
  }

  correct(corrections: readonly Correction[]): void {
    const now = this.#clock();
    for (const { key, window, amount, at } of corrections) {
      let kept = this.#kept.find(key, window);
      if (kept === undefined) {
        const isSeeded = window.kind === 'calendar' && this.#seed !== undefined;
        if (amount <= 0 || isSeeded || this.#isFull) continue;
        kept = this.#create(key, window);
      }
      kept.count.correct(amount, at, now);
      this.#changed?.add(kept);
    }
  }

  async read(keys: readonly Key[], now: number): Promise<readonly Reading[]> {
    const missing = this.#missing([{ anyOf: keys }]);
    if (missing.length > 0) await this.#seeded(missing);
    return keys.map(({ key, window }) => {
      const count = this.#kept.find(key, window)?.count;
      if (count === undefined) return { used: 0, resetMs: window.kind === 'calendar' ? window.endsAt - now : 0 };
      count.advance(now);
      return { used: count.used, resetMs: count.resetMs(now) };
    });
  }

  async close(): Promise<void> {}

  /** Takes back what `takeChanges` gave, in an earlier process. What is known already is not replaced. */
  restore({ key, window }: Key, content: unknown, now: number): void {
    if (this.#kept.find(key, window) !== undefined) return;
    const count =
      window.kind === 'rolling'
        ? RollingCount.fromJson(window.ms, content, now)
        : new CalendarCount(window.endsAt, typeof content === 'number' ? Math.max(0, content) : 0);
    if (count.expiresAt > now) this.#kept.add({ key, window, count });
  }

  /** What has changed since the last call. */
  takeChanges(): ChangedCount[] {
    const changes: ChangedCount[] = [];
    for (const { key, window, count } of this.#changed ?? []) {
      if (this.#kept.find(key, window)?.count !== count) continue;
      if (window.kind === 'calendar' && this.#seed !== undefined) continue;
      changes.push({ key, window, expiresAt: count.expiresAt, content: count.toJson() });
    }
    this.#changed?.clear();
    return changes;
  }

  /** Notes changes again that could not be written down. */
  returnChanges(changes: readonly Key[]): void {
    for (const { key, window } of changes) {
      const kept = this.#kept.find(key, window);
      if (kept !== undefined) this.#changed?.add(kept);
    }
  }

  /** Drops every key whose window is empty. */
  sweep(now: number): void {
    for (const kept of this.#kept) if (isIdle(kept.count, now)) this.#kept.delete(kept);
  }

  #decide(groups: readonly ChargeGroup[], now: number): Decision {
    const fresh: KeptCount[] = [];
    const all: KeptCount[] = [];
    this.#makePlace(now);
    for (const { anyOf } of groups) {
      for (const { key, window, amount } of anyOf) {
        let kept = this.#kept.find(key, window);
        if (kept === undefined) {
          if (this.#isFull) {
            this.#forget(fresh, all);
            throw new CountersUnavailable(new Error(`More than ${this.#mostKeys} counts are kept already.`));
          }
          kept = this.#create(key, window);
          fresh.push(kept);
        } else {
          kept.count.advance(now);
        }
        kept.count.pending += amount > 0 ? Math.ceil(amount) : 0;
        all.push(kept);
      }
    }
    let next = 0;
    for (const [index, { anyOf }] of groups.entries()) {
      const first = next;
      next += anyOf.length;
      if (anyOf.some(({ limit }, offset) => excessOf(all[first + offset]?.count, limit) <= 0)) continue;
      const waits = anyOf.map(({ limit }, offset) => waitOf(all[first + offset]?.count, limit, now));
      const readings = readingsOf(all, now);
      this.#forget(fresh, all);
      return { admitted: false, refusedBy: index, retryAfterMs: Math.min(...waits), readings };
    }
    this.#commit(all, now);
    return { admitted: true, readings: readingsOf(all, now) };
  }

  #commit(all: readonly KeptCount[], now: number): void {
    for (const kept of all) {
      this.#changed?.add(kept);
      const { count } = kept;
      if (count.pending === 0) continue;
      count.add(count.pending, now);
      count.pending = 0;
    }
  }

  /** Leaves no trace of a request that was not admitted. */
  #forget(fresh: readonly KeptCount[], all: readonly KeptCount[]): void {
    for (const { count } of all) count.pending = 0;
    for (const kept of fresh) this.#kept.delete(kept);
  }

  #create(key: string, window: Window): KeptCount {
    const count = window.kind === 'rolling' ? new RollingCount(window.ms) : new CalendarCount(window.endsAt);
    const kept = { key, window, count };
    this.#kept.add(kept);
    return kept;
  }

  get #isFull(): boolean {
    return this.#kept.size >= this.#mostKeys;
  }

  /** Looks at a few keys in turn, at all where it is crowded, so that idle ones leave as fast as new ones come. */
  #makePlace(now: number): void {
    if (this.#isFull && Math.abs(now - this.#sweptAt) >= SWEEP_PAUSE_MS) {
      this.#sweptAt = now;
      this.sweep(now);
    }
    for (let looked = 0; looked < 4; looked++) {
      const next = this.#sweeper.next();
      if (next.done === true) {
        this.#sweeper = this.#kept[Symbol.iterator]();
        return;
      }
      if (isIdle(next.value.count, now)) this.#kept.delete(next.value);
    }
  }

  /** Counts that the seed has to be asked for; none where there is no seed. */
  #missing(groups: readonly { readonly anyOf: readonly Key[] }[]): readonly CalendarKey[] {
    if (this.#seed === undefined) return NONE;
    let missing: CalendarKey[] | undefined;
    for (const { anyOf } of groups) {
      for (const { key, window } of anyOf) {
        if (window.kind !== 'calendar' || this.#kept.find(key, window) !== undefined) continue;
        (missing ??= []).push({ key, window });
      }
    }
    return missing ?? NONE;
  }

  async #seeded(missing: readonly CalendarKey[]): Promise<void> {
    let found: readonly number[];
    try {
      found = (await this.#seed?.(missing)) ?? [];
    } catch (error) {
      throw new CountersUnavailable(error);
    }
    for (const [index, { key, window }] of missing.entries()) {
      if (this.#kept.find(key, window) !== undefined) continue;
      if (this.#isFull) throw new CountersUnavailable(new Error('Too many counts are kept.'));
      const count = new CalendarCount(window.endsAt, Math.max(0, found[index] ?? 0));
      this.#kept.add({ key, window, count });
    }
  }
}

const NONE: readonly CalendarKey[] = [];

function readingsOf(all: readonly KeptCount[], now: number): Reading[] {
  return all.map(({ count }) => ({ used: count.used, resetMs: count.resetMs(now) }));
}

function isIdle(count: Count, now: number): boolean {
  return count.pending === 0 && count.expiresAt <= now;
}

/** By how much the count, with the request, is above the limit. */
function excessOf(count: Count | undefined, limit: number): number {
  return count === undefined ? Infinity : count.used + Math.max(count.pending, 1) - limit;
}

function waitOf(count: Count | undefined, limit: number, now: number): number {
  return count === undefined ? Infinity : count.waitFor(excessOf(count, limit), now);
}
