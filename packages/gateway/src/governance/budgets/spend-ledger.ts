import type { Budget } from '../../config/budgets-settings.ts';
import type { Directory } from '../../identity/directory.ts';
import { sumMoney } from '../../models/money.ts';
import { budgetRevision } from '../../state/budget-repository.ts';
import { countChange } from '../../state/revisions.ts';
import {
  forgetSpend,
  lastSpendChange,
  readBudgetSpend,
  readSpendDay,
  readSpendDays,
  readSpendPosition,
  startCounting,
  writeBudgetSpend,
  writeSpendDay,
  writeSpendPosition,
  type BudgetSpend,
  type BudgetSpendKey,
  type SpendPosition,
} from '../../state/spend-repository.ts';
import type { Queryable, Store } from '../../state/store.ts';
import type { AlertDesk } from './alert-desk.ts';
import type { BudgetBook } from './budget-book.ts';
import { covers } from './budget-index.ts';
import { subjectOf } from './budget-count.ts';
import { dayOf, lastDayBefore, windowOf } from './period.ts';
import { factsOfDay, periodsOf, sumBatch, type CountedPeriod, type SpendRecord } from './spend-batch.ts';

export type { SpendRecord } from './spend-batch.ts';

/** Days that sums are kept. */
const KEPT_DAYS = 400;

export interface SpendLedgerOptions {
  readonly store: Store;
  readonly budgets: BudgetBook;
  readonly directory: Pick<Directory, 'byName'>;
  readonly alerts: AlertDesk;
}

/** Records of a spool, one after the other, from one place to another. */
export interface SpendSlice {
  readonly spoolId: string;
  /** Where the first record begins; `undefined`: nothing of the spool was read before. */
  readonly from: SpendPosition | undefined;
  readonly to: SpendPosition;
  readonly records: readonly SpendRecord[];
}

/**
 * What was spent: sums in the store, by day and by budget, each usage record in them exactly once. A slice of a spool
 * is added in one transaction with the place it ends at, so a crash at any moment leaves both or neither.
 */
export class SpendLedger {
  readonly #options: SpendLedgerOptions;
  /** Budgets and periods that are known to be counted already; saves asking the store. */
  readonly #started = new Set<string>();
  readonly #listeners: ((added: readonly BudgetSpend[]) => void)[] = [];

  constructor(options: SpendLedgerOptions) {
    this.#options = options;
  }

  /** How far a spool is in the sums; `undefined`: not at all. */
  position(spoolId: string): Promise<SpendPosition | undefined> {
    return readSpendPosition(this.#options.store, spoolId);
  }

  /** Tells what a slice of this gateway's has added to the sums, once it is durable. */
  onAdded(listener: (added: readonly BudgetSpend[]) => void): void {
    this.#listeners.push(listener);
  }

  /**
   * Adds a slice. @returns whether it was added; `false` where the spool is not at `from`: ask `position` and read on.
   */
  async add(slice: SpendSlice): Promise<boolean> {
    for (;;) {
      const outcome = await this.#addOnce(slice);
      if (outcome !== 'budgets-changed') return outcome === 'added';
      await this.#options.budgets.refresh();
    }
  }

  /** Counts every budget from the begin of its current periods, those made in the middle of one too. Cheap when done. */
  async startPeriods(now: number): Promise<void> {
    const { store, budgets, alerts } = this.#options;
    const periods = budgets.index.budgets
      .flatMap((budget) => periodsOf(budget, now).map((window): CountedPeriod => ({ budget, window })))
      .filter((period) => !this.#started.has(startKey(period)));
    if (periods.length === 0) return;
    for (let first = 0; first < periods.length; first += 50) {
      await store.transaction(async (tx) => {
        const change = await nextChange(tx);
        for (const period of periods.slice(first, first + 50)) await this.#start(tx, period, change);
      });
    }
    alerts.wake();
    this.#noteStarted(periods);
    await this.#forget(now);
  }

  /** Sums, exact dollars as decimal text, in order of the keys. */
  async sums(keys: readonly BudgetSpendKey[]): Promise<string[]> {
    const amounts: string[] = [];
    for (const key of keys) amounts.push((await readBudgetSpend(this.#options.store, key)) ?? '0');
    return amounts;
  }

  /** What a requester spent from one day to another (`2026-11-01`), both included, under every budget and none. */
  async spentBy(requester: string, from: string, to: string): Promise<string> {
    const days = await readSpendDays(this.#options.store, { from, to, requester });
    return sumMoney(days.map(({ amount }) => amount));
  }

  async #addOnce(slice: SpendSlice): Promise<'added' | 'elsewhere' | 'budgets-changed'> {
    const { store, budgets, alerts } = this.#options;
    const { index, revision } = budgets;
    const batch = sumBatch(slice.records, index, this.#groupsOf);
    const byId = new Map(batch.periods.map(({ budget }) => [budget.id, budget]));
    const outcome = await store.transaction(async (tx) => {
      const position = await readSpendPosition(tx, slice.spoolId);
      if (!samePlace(position, slice.from)) return 'elsewhere' as const;
      if ((await budgetRevision(tx)) > revision) return 'budgets-changed' as const;
      if (batch.sums.length > 0) {
        const change = await nextChange(tx);
        // Before this batch's days are written: what a budget begins with does not have them yet.
        for (const period of batch.periods) await this.#start(tx, period, change);
        for (const added of batch.sums) {
          const sum = { ...added, amount: sumMoney([added.amount, (await readBudgetSpend(tx, added)) ?? '0']) };
          await writeBudgetSpend(tx, sum, change);
          const budget = byId.get(sum.budgetId);
          if (budget) await this.#raise(tx, budget, sum, batch.requesters.get(sum.subject));
        }
      }
      for (const day of batch.days) {
        await writeSpendDay(tx, { ...day, amount: sumMoney([day.amount, (await readSpendDay(tx, day)) ?? '0']) });
      }
      await writeSpendPosition(tx, slice.spoolId, slice.to);
      return 'added' as const;
    });
    if (outcome === 'added') {
      this.#noteStarted(batch.periods);
      alerts.wake();
      for (const listener of this.#listeners) listener(batch.sums);
    }
    return outcome;
  }

  /** Counts what was spent in the period before the budget was there, once. */
  async #start(tx: Queryable, { budget, window }: CountedPeriod, change: number): Promise<void> {
    if (this.#started.has(startKey({ budget, window }))) return;
    if (!(await startCounting(tx, budget.id, window.id))) return;
    const range = { from: dayOf(window.startsAt), to: lastDayBefore(window.endsAt) };
    const bySubject = new Map<string, { amounts: string[]; requester: string | undefined }>();
    for (const day of await readSpendDays(tx, range)) {
      if (!covers(budget, factsOfDay(day, this.#groupsOf))) continue;
      for (const scope of ['shared', 'per-user'] as const) {
        const subject = subjectOf(scope, day.requester);
        const entry = bySubject.get(subject);
        if (entry) entry.amounts.push(day.amount);
        else bySubject.set(subject, { amounts: [day.amount], requester: subject === '' ? undefined : day.requester });
      }
    }
    for (const [subject, { amounts, requester }] of bySubject) {
      const sum = { budgetId: budget.id, period: window.id, subject, amount: sumMoney(amounts) };
      await writeBudgetSpend(tx, sum, change);
      await this.#raise(tx, budget, sum, requester);
    }
  }

  /** After the transaction: one that is rolled back has started nothing. */
  #noteStarted(periods: readonly CountedPeriod[]): void {
    if (this.#started.size > 10_000) this.#started.clear();
    for (const period of periods) this.#started.add(startKey(period));
  }

  /** New periods begin, old ones end: what was spent long ago is in the usage table only. */
  #forget(now: number): Promise<void> {
    const day = now - KEPT_DAYS * 86_400_000;
    const periods = (['DAY', 'WEEK', 'MONTH'] as const).map((kind) => ({ kind, id: windowOf(kind, day).id }));
    return this.#options.store.transaction((tx) => forgetSpend(tx, { periods, day: dayOf(day) }));
  }

  #raise(tx: Queryable, budget: Budget, sum: BudgetSpend, requester: string | undefined): Promise<void> {
    const account = requester === undefined ? undefined : this.#options.directory.byName(requester);
    const subject =
      requester === undefined ? undefined : { id: account?.id, userName: requester, groups: account?.groups ?? [] };
    return this.#options.alerts.raise(tx, budget, sum, subject);
  }

  readonly #groupsOf = (requester: string): readonly string[] =>
    this.#options.directory.byName(requester)?.groups ?? [];
}

function startKey({ budget, window }: CountedPeriod): string {
  return `${budget.id} ${window.id}`;
}

function samePlace(left: SpendPosition | undefined, right: SpendPosition | undefined): boolean {
  return left?.segment === right?.segment && left?.offset === right?.offset;
}

/** Numbers this change of sums, for those who follow them. */
async function nextChange(tx: Queryable): Promise<number> {
  await countChange(tx, 'spend');
  return lastSpendChange(tx);
}
