import {
  deleteExpiredCounters,
  selectCounters,
  upsertCounters,
  type CounterRow,
} from '../../state/counter-repository.ts';
import type { Store } from '../../state/store.ts';
import { CALENDAR_GRACE_MS } from './calendar-count.ts';
import type { Window } from './counters.ts';
import { MemoryCounters, type ChangedCount, type MemoryCountersOptions } from './memory-counters.ts';

/** How often changed counts are written down, milliseconds. What a killed process counted since is lost. */
const WRITE_INTERVAL_MS = 1_000;
/** Writes between two clean-ups of rows and keys with nothing in their window. */
const CLEAN_EVERY = 60;

export interface DurableCountersOptions extends Pick<MemoryCountersOptions, 'seed' | 'clock' | 'mostKeys'> {
  readonly store: Store;
  /** Told when the counts cannot be written; they are tried again a second later. */
  readonly onError?: ((error: unknown) => void) | undefined;
  readonly intervalMs?: number | undefined;
}

/**
 * Counts in memory that outlive a restart: read at the start, written every second and at `close`. With a seed, only
 * rolling windows: calendar windows are in the spend ledger. One gateway only; several on one database count each for
 * itself, and need Redis to count together.
 */
export class DurableCounters extends MemoryCounters {
  readonly #store: Store;
  readonly #now: () => number;
  readonly #onError: (error: unknown) => void;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> | undefined;
  #writes = 0;
  #closed = false;

  private constructor({ store, onError = () => {}, ...options }: DurableCountersOptions) {
    super({ ...options, noteChanges: true });
    this.#store = store;
    this.#now = options.clock ?? Date.now;
    this.#onError = onError;
  }

  /** Rejects where the store cannot be read: counting from 0 would let through what a limit forbids. */
  static async open(options: DurableCountersOptions): Promise<DurableCounters> {
    const counters = new DurableCounters(options);
    const now = counters.#now();
    for (const row of await selectCounters(options.store, now)) counters.#restoreRow(row, now);
    counters.#schedule(options.intervalMs ?? WRITE_INTERVAL_MS);
    return counters;
  }

  /** Writes what has changed since the last time. Never rejects. Calls at the same time share one write. */
  write(): Promise<void> {
    this.#writing ??= this.#write().finally(() => (this.#writing = undefined));
    return this.#writing;
  }

  override async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#writing;
    await this.write();
  }

  #schedule(intervalMs: number): void {
    if (this.#closed) return;
    this.#timer = setTimeout(() => {
      void this.write().then(() => this.#schedule(intervalMs));
    }, intervalMs).unref();
  }

  async #write(): Promise<void> {
    const changes = this.takeChanges();
    try {
      if (changes.length > 0) await upsertCounters(this.#store, changes.map(toRow));
      if (this.#writes++ % CLEAN_EVERY !== 0) return;
      const now = this.#now();
      this.sweep(now);
      await deleteExpiredCounters(this.#store, now);
    } catch (error) {
      this.returnChanges(changes);
      this.#onError(error);
    }
  }

  #restoreRow({ key, period, expiresAt, content }: CounterRow, now: number): void {
    const [kind, ...rest] = period.split(':');
    const id = rest.join(':');
    const window: Window =
      kind === 'rolling' ? { kind, ms: Number(id) } : { kind: 'calendar', id, endsAt: expiresAt - CALENDAR_GRACE_MS };
    if (kind === 'rolling' && !(Number(id) > 0)) return;
    this.restore({ key, window }, JSON.parse(content), now);
  }
}

function toRow({ key, window, expiresAt, content }: ChangedCount): CounterRow {
  const period = window.kind === 'rolling' ? `rolling:${window.ms}` : `calendar:${window.id}`;
  return { key, period, expiresAt, content: JSON.stringify(content) };
}
