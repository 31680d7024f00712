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
import { RollingCount } from './rolling-count.ts';

/** Keys that are kept at most; about 300 bytes each. Beyond them, requests that need a new one are refused. */
const MOST_KEYS = 1_000_000;
/** Pause between two looks at all keys while it is crowded, milliseconds. */
const SWEEP_PAUSE_MS = 1_000;

type Key = Pick<Charge, 'key' | 'window'>;

interface Entry extends Key {
  readonly count: Count;
}

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
  readonly #entries = new Map<string, Entry>();
  readonly #seed: Seed | undefined;
  readonly #clock: () => number;
  readonly #mostKeys: number;
  readonly #changed: Set<string> | undefined;
  #sweptAt = -Infinity;
  #sweeper: IterableIterator<[string, Entry]> = this.#entries.entries();

  constructor({ seed, clock = Date.now, mostKeys = MOST_KEYS, noteChanges = false }: MemoryCountersOptions = {}) {
    this.#seed = seed;
    this.#clock = clock;
    this.#mostKeys = mostKeys;
    this.#changed = noteChanges ? new Set() : undefined;
  }

  /** How many keys are kept. */
  get size(): number {
    return this.#entries.size;
  }

  reserve(groups: readonly ChargeGroup[], now: number): Decision | Promise<Decision> {
    if (this.#seed === undefined) return this.#decide(groups, now);
    const missing = this.#missing(groups.flatMap(({ anyOf }) => anyOf));
    if (missing.length === 0) return this.#decide(groups, now);
    return this.#seeded(missing).then(() => this.#decide(groups, now));
  }

  correct(corrections: readonly Correction[]): void {
    const now = this.#clock();
    for (const { key, window, amount, at } of corrections) {
      const id = idOf(key, window);
      let entry = this.#entries.get(id);
      if (entry === undefined) {
        const isSeeded = window.kind === 'calendar' && this.#seed !== undefined;
        if (amount <= 0 || isSeeded || this.#isFull) continue;
        entry = this.#create(id, key, window);
      }
      entry.count.correct(amount, at, now);
      this.#changed?.add(id);
    }
  }

  async read(keys: readonly Key[], now: number): Promise<readonly Reading[]> {
    const missing = this.#missing(keys);
    if (missing.length > 0) await this.#seeded(missing);
    return keys.map(({ key, window }) => {
      const count = this.#entries.get(idOf(key, window))?.count;
      if (count === undefined) return { used: 0, resetMs: window.kind === 'calendar' ? window.endsAt - now : 0 };
      count.advance(now);
      return { used: count.used, resetMs: count.resetMs(now) };
    });
  }

  async close(): Promise<void> {}

  /** Takes back what `takeChanges` gave, in an earlier process. What is known already is not replaced. */
  restore({ key, window }: Key, content: unknown, now: number): void {
    const id = idOf(key, window);
    if (this.#entries.has(id)) return;
    const count =
      window.kind === 'rolling'
        ? RollingCount.fromJson(window.ms, content, now)
        : new CalendarCount(window.endsAt, typeof content === 'number' ? Math.max(0, content) : 0);
    if (count.expiresAt > now) this.#entries.set(id, { key, window, count });
  }

  /** What has changed since the last call. */
  takeChanges(): ChangedCount[] {
    const changes: ChangedCount[] = [];
    for (const id of this.#changed ?? []) {
      const entry = this.#entries.get(id);
      if (entry === undefined) continue;
      const { key, window, count } = entry;
      if (window.kind === 'calendar' && this.#seed !== undefined) continue;
      changes.push({ key, window, expiresAt: count.expiresAt, content: count.toJson() });
    }
    this.#changed?.clear();
    return changes;
  }

  /** Notes changes again that could not be written down. */
  returnChanges(changes: readonly Key[]): void {
    for (const { key, window } of changes) this.#changed?.add(idOf(key, window));
  }

  /** Drops every key whose window is empty. */
  sweep(now: number): void {
    for (const [id, { count }] of this.#entries) if (isIdle(count, now)) this.#entries.delete(id);
  }

  #decide(groups: readonly ChargeGroup[], now: number): Decision {
    const ids: string[] = [];
    const fresh: string[] = [];
    const counts: Count[] = [];
    this.#makePlace(now);
    for (const { anyOf } of groups) {
      for (const { key, window, amount } of anyOf) {
        const id = idOf(key, window);
        let entry = this.#entries.get(id);
        if (entry === undefined) {
          if (this.#isFull) {
            this.#forget(fresh, counts);
            throw new CountersUnavailable(new Error(`More than ${this.#mostKeys} counts are kept already.`));
          }
          entry = this.#create(id, key, window);
          fresh.push(id);
        } else {
          entry.count.advance(now);
        }
        entry.count.pending += amount > 0 ? Math.ceil(amount) : 0;
        ids.push(id);
        counts.push(entry.count);
      }
    }
    let next = 0;
    for (const [index, { anyOf }] of groups.entries()) {
      const first = next;
      next += anyOf.length;
      if (anyOf.some(({ limit }, offset) => excessOf(counts[first + offset], limit) <= 0)) continue;
      const waits = anyOf.map(({ limit }, offset) => waitOf(counts[first + offset], limit, now));
      const readings = counts.map((count) => ({ used: count.used, resetMs: count.resetMs(now) }));
      this.#forget(fresh, counts);
      return { admitted: false, refusedBy: index, retryAfterMs: Math.min(...waits), readings };
    }
    this.#commit(ids, counts, now);
    return { admitted: true, readings: counts.map((count) => ({ used: count.used, resetMs: count.resetMs(now) })) };
  }

  #commit(ids: readonly string[], counts: readonly Count[], now: number): void {
    for (const count of counts) {
      if (count.pending === 0) continue;
      count.add(count.pending, now);
      count.pending = 0;
    }
    if (this.#changed !== undefined) for (const id of ids) this.#changed.add(id);
  }

  /** Leaves no trace of a request that was not admitted. */
  #forget(fresh: readonly string[], counts: readonly Count[]): void {
    for (const count of counts) count.pending = 0;
    for (const id of fresh) this.#entries.delete(id);
  }

  #create(id: string, key: string, window: Window): Entry {
    const count = window.kind === 'rolling' ? new RollingCount(window.ms) : new CalendarCount(window.endsAt);
    const entry = { key, window, count };
    this.#entries.set(id, entry);
    return entry;
  }

  get #isFull(): boolean {
    return this.#entries.size >= this.#mostKeys;
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
        this.#sweeper = this.#entries.entries();
        return;
      }
      const [id, { count }] = next.value;
      if (isIdle(count, now)) this.#entries.delete(id);
    }
  }

  #missing(keys: readonly Key[]): CalendarKey[] {
    if (this.#seed === undefined) return [];
    return keys.flatMap(({ key, window }) =>
      window.kind === 'calendar' && !this.#entries.has(idOf(key, window)) ? [{ key, window }] : [],
    );
  }

  async #seeded(missing: readonly CalendarKey[]): Promise<void> {
    let found: readonly number[];
    try {
      found = (await this.#seed?.(missing)) ?? [];
    } catch (error) {
      throw new CountersUnavailable(error);
    }
    for (const [index, { key, window }] of missing.entries()) {
      const id = idOf(key, window);
      if (this.#entries.has(id)) continue;
      if (this.#isFull) throw new CountersUnavailable(new Error('Too many counts are kept.'));
      const count = new CalendarCount(window.endsAt, Math.max(0, found[index] ?? 0));
      this.#entries.set(id, { key, window, count });
    }
  }
}

/** One text for a key and its window. */
function idOf(key: string, window: Window): string {
  return window.kind === 'rolling' ? `r${window.ms} ${key}` : `c${window.id} ${key}`;
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
