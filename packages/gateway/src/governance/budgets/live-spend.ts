import { Big } from 'big.js';
import { toNanoDollars } from '../../models/money.ts';
import { lastSpendChange, readChangedSpend, type BudgetSpend } from '../../state/spend-repository.ts';
import type { Store } from '../../state/store.ts';
import type { CalendarKey, Counters, Seed } from '../counters/counters.ts';
import { sumOf } from './budget-count.ts';
import type { SpendLedger } from './spend-ledger.ts';

/** How often the sums are looked at for what other gateways have spent, milliseconds. */
const FOLLOW_INTERVAL_MS = 1_000;
/** Counts that are followed at most; those beyond are asked anew by their next request after a restart only. */
const MOST_FOLLOWED = 200_000;

export interface LiveSpendOptions {
  readonly store: Store;
  readonly ledger: SpendLedger;
  /** Runs `work` once everything that this gateway's usage spool holds is in the ledger, before more is added to it. */
  readonly whenCaughtUp: <T>(work: () => Promise<T>) => Promise<T>;
  readonly onError?: (error: unknown) => void;
  readonly intervalMs?: number;
  readonly now?: () => number;
}

interface Followed {
  readonly count: CalendarKey;
  /** What the sum was when it was last looked at. */
  ledger: Big;
  /** What this gateway has added to the sum since: its count has it already. */
  own: Big;
}

/**
 * Keeps live counts of budgets in step with the ledger. Counts begin with the ledger's sums; where each gateway counts
 * for itself (no Redis), what the others spend is added within seconds.
 */
export class LiveSpend {
  readonly #options: LiveSpendOptions;
  readonly #followed = new Map<string, Followed>();
  /** Counts whose sums this gateway has added to since they were last looked at. */
  readonly #noted = new Set<string>();
  #counters: Counters | undefined;
  #seen = 0;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: LiveSpendOptions) {
    this.#options = options;
    options.ledger.onAdded((added) => this.#noteOwn(added));
  }

  /** What counts of budgets begin with: give it to the counters. Rejects where the ledger cannot be asked. */
  readonly seed: Seed = (counts) => this.#options.whenCaughtUp(() => this.#begin(counts));

  /** Adds what other gateways spend to counts that are not shared with them. */
  async follow(counters: Counters): Promise<void> {
    this.#counters = counters;
    this.#seen = await lastSpendChange(this.#options.store);
    this.#schedule();
  }

  /** Looks now. Never rejects. */
  async look(): Promise<void> {
    // What was noted before the store is asked is in its answer, or was seen before it was noted.
    const noted = [...this.#noted];
    this.#noted.clear();
    try {
      const changed = new Map<string, BudgetSpend>();
      for (const sum of await readChangedSpend(this.#options.store, this.#seen)) {
        this.#seen = Math.max(this.#seen, sum.changed);
        changed.set(idOf(sum), sum);
      }
      for (const id of new Set([...changed.keys(), ...noted])) this.#take(id, changed.get(id)?.amount);
    } catch (error) {
      for (const id of noted) this.#noted.add(id);
      this.#options.onError?.(error);
    }
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  async #begin(counts: readonly CalendarKey[]): Promise<number[]> {
    // A budget that was made a moment ago begins with what was spent before.
    await this.#options.ledger.startPeriods((this.#options.now ?? Date.now)());
    const keys = counts.map(sumOf);
    const amounts = await this.#options.ledger.sums(keys.filter((key) => key !== undefined));
    let next = 0;
    return counts.map((count, index) => {
      const key = keys[index];
      if (key === undefined) return 0;
      const amount = amounts[next++] ?? '0';
      this.#follow(idOf(key), { count, ledger: new Big(amount), own: new Big(0) });
      return toNanoDollars(amount);
    });
  }

  #schedule(): void {
    this.#timer = setTimeout(() => {
      void this.look().then(() => {
        if (!this.#closed) this.#schedule();
      });
    }, this.#options.intervalMs ?? FOLLOW_INTERVAL_MS).unref();
  }

  /** Brings a count to the ledger's sum, and what of this gateway's is not in that yet. */
  #take(id: string, amount: string | undefined): void {
    const followed = this.#followed.get(id);
    if (followed === undefined) return;
    const sum = amount === undefined ? followed.ledger : new Big(amount);
    const others = sum.minus(followed.ledger).minus(followed.own);
    followed.ledger = sum;
    followed.own = new Big(0);
    if (others.eq(0)) return;
    const { key, window } = followed.count;
    const at = (this.#options.now ?? Date.now)();
    const nano = toNanoDollars(others.abs().toFixed());
    this.#counters?.correct([{ key, window, amount: others.lt(0) ? -nano : nano, at }]);
  }

  #noteOwn(added: readonly BudgetSpend[]): void {
    for (const sum of added) {
      const id = idOf(sum);
      const followed = this.#followed.get(id);
      if (followed === undefined) continue;
      followed.own = followed.own.plus(sum.amount);
      this.#noted.add(id);
    }
  }

  #follow(id: string, followed: Followed): void {
    if (this.#followed.size >= MOST_FOLLOWED) this.#forgetEnded();
    if (this.#followed.size < MOST_FOLLOWED) this.#followed.set(id, followed);
  }

  #forgetEnded(): void {
    const now = (this.#options.now ?? Date.now)();
    for (const [id, { count }] of this.#followed) if (count.window.endsAt <= now) this.#followed.delete(id);
  }
}

function idOf({ budgetId, period, subject }: { budgetId: string; period: string; subject: string }): string {
  return `${budgetId}\n${period}\n${subject}`;
}
