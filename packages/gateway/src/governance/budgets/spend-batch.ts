import type { Budget } from '../../config/budgets-settings.ts';
import { Big } from 'big.js';
import type { BudgetSpend, BudgetSpendKey, SpendDay, SpendDayKey } from '../../state/spend-repository.ts';
import type { BudgetIndex, SpendFacts } from './budget-index.ts';
import { subjectOf } from './budget-count.ts';
import { dayOf, windowOf, type PeriodWindow } from './period.ts';

/** What the ledger reads of a usage record (`usage/usage-record.ts` has more). */
export interface SpendRecord {
  readonly event_time: string;
  readonly requester: string;
  readonly requester_type: 'USER' | 'SERVICE_PRINCIPAL';
  readonly workspace_id: string;
  readonly service_name: string | null;
  readonly service_tags: Readonly<Record<string, string>>;
  /** Exact decimal text; `null`: no price. */
  readonly cost_usd: string | null;
}

/** A budget in one of its periods. */
export interface CountedPeriod {
  readonly budget: Budget;
  readonly window: PeriodWindow;
}

/** What a batch of usage records adds, summed up before the store is asked. */
export interface SpendBatch {
  readonly days: readonly SpendDay[];
  readonly sums: readonly BudgetSpend[];
  /** The requester of each sum that is somebody's own, as the record wrote it. */
  readonly requesters: ReadonlyMap<string, string>;
  readonly periods: readonly CountedPeriod[];
}

/** Sums a batch up. Pure. Records without cost add nothing. */
export function sumBatch(
  records: readonly SpendRecord[],
  index: BudgetIndex,
  groupsOf: (requester: string) => readonly string[],
): SpendBatch {
  const days = new Sums<SpendDayKey>();
  for (const record of records) {
    const { cost_usd: cost, event_time: time } = record;
    if (cost === null || !isAmount(cost) || !Number.isFinite(Date.parse(time))) continue;
    days.add(dayKeyOf(record), cost);
  }
  const sums = new BudgetSums();
  const found = days.list();
  // A day lies in one period of each kind, so what is summed up by day is added to budgets as a whole.
  for (const day of found) sums.add(factsOfDay(day, groupsOf), Date.parse(day.day), day.amount, index);
  return { days: found, ...sums.result() };
}

function dayKeyOf(record: SpendRecord): SpendDayKey {
  const tags = Object.entries(record.service_tags);
  return {
    day: dayOf(Date.parse(record.event_time)),
    requester: record.requester,
    requesterType: record.requester_type,
    workspaceId: record.workspace_id,
    service: record.service_name ?? '',
    tags: tags.length === 0 ? '[]' : JSON.stringify(tags.toSorted(([a], [b]) => (a < b ? -1 : 1))),
  };
}

/** What budgets ask of a day's spend. */
export function factsOfDay(day: SpendDayKey, groupsOf: (requester: string) => readonly string[]): SpendFacts {
  return {
    requester: day.requester,
    requesterType: day.requesterType === 'SERVICE_PRINCIPAL' ? 'SERVICE_PRINCIPAL' : 'USER',
    groups: groupsOf(day.requester),
    workspaceId: day.workspaceId,
    service: day.service,
    tags: Object.fromEntries(JSON.parse(day.tags) as [string, string][]),
  };
}

/** The periods that a budget is counted over, each once; months where it has no thresholds. */
export function periodsOf(budget: Budget, at: number): PeriodWindow[] {
  const kinds = new Set(budget.alerts.map(({ period }) => period));
  return (kinds.size === 0 ? (['MONTH'] as const) : [...kinds]).map((kind) => windowOf(kind, at));
}

function isAmount(text: string): boolean {
  return /^\d+(\.\d+)?$/.test(text);
}

/** Sums by key. */
class Sums<K extends object> {
  readonly #entries = new Map<string, { readonly key: K; amount: Big }>();

  add(key: K, amount: string): void {
    const id = JSON.stringify(key);
    const entry = this.#entries.get(id);
    if (entry) entry.amount = entry.amount.plus(amount);
    else this.#entries.set(id, { key, amount: new Big(amount) });
  }

  /** In the order of the keys, so that two gateways lock rows in the same order. */
  list(): (K & { readonly amount: string })[] {
    return [...this.#entries]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([, { key, amount }]) => ({ ...key, amount: amount.toFixed() }));
  }
}

class BudgetSums {
  readonly #sums = new Sums<BudgetSpendKey>();
  readonly #requesters = new Map<string, string>();
  readonly #periods = new Map<string, CountedPeriod>();

  add(facts: SpendFacts, at: number, amount: string, index: BudgetIndex): void {
    const own = subjectOf('per-user', facts.requester);
    for (const budget of index.matching(facts)) {
      for (const window of periodsOf(budget, at)) {
        const period = window.id;
        this.#periods.set(`${budget.id}\n${period}`, { budget, window });
        this.#sums.add({ budgetId: budget.id, period, subject: '' }, amount);
        this.#sums.add({ budgetId: budget.id, period, subject: own }, amount);
        this.#requesters.set(own, facts.requester);
      }
    }
  }

  result(): Omit<SpendBatch, 'days'> {
    return { sums: this.#sums.list(), requesters: this.#requesters, periods: [...this.#periods.values()] };
  }
}
