import type { BudgetPeriod } from '../../config/budgets-settings.ts';
import type { Principal } from '../../identity/principal.ts';
import { compareMoney, fromNanoDollars, remainingMoney } from '../../models/money.ts';
import { CountersUnavailable, type CalendarKey, type Counters } from '../counters/counters.ts';
import type { BudgetBook } from './budget-book.ts';
import { countOf, subjectOf, sumOf } from './budget-count.ts';
import { dayOf, lastDayBefore, windowOf } from './period.ts';
import type { CallerSpend, SpendSource } from './spend.ts';
import type { SpendLedger } from './spend-ledger.ts';
import { effectiveThreshold } from './thresholds.ts';

/** Somebody whose spend is asked for. */
export type Spender = Pick<Principal, 'id' | 'userName' | 'type' | 'groups'>;

/** How one threshold stands that applies to somebody. Amounts are exact US dollars as decimal text. */
export interface SpendLine {
  readonly budget_configuration_id: string;
  readonly display_name: string;
  readonly scope_type: 'SHARED' | 'PER_USER';
  readonly time_period: BudgetPeriod;
  readonly quantity_threshold: string;
  /** What is spent, with what requests under way are expected to cost. */
  readonly spent: string;
  readonly remaining: string;
  readonly blocks_usage: boolean;
  /** ISO 8601, UTC. */
  readonly resets_at: string;
}

export interface CallerSpendOptions {
  readonly budgets: BudgetBook;
  readonly ledger: SpendLedger;
  readonly counters: Pick<Counters, 'read'>;
  readonly workspaceId: () => string;
  readonly now?: () => number;
}

/** What is told of somebody's spend. */
export interface SpendView extends SpendSource {
  /** The budgets that may apply to somebody, whatever service they call; the fullest first. */
  linesOf(spender: Spender): Promise<readonly SpendLine[]>;
  /** What somebody has spent since the month began, under every budget and none. */
  monthOf(spender: Pick<Spender, 'userName'>): Promise<string>;
}

/** Tells what somebody has spent, of which budgets, and what is left. */
export class CallerSpends implements SpendView {
  readonly #options: CallerSpendOptions;

  constructor(options: CallerSpendOptions) {
    this.#options = options;
  }

  async linesOf(spender: Spender): Promise<readonly SpendLine[]> {
    const { budgets } = this.#options;
    const now = this.#now();
    const asked = budgets.index.budgets
      .filter((budget) => this.#concerns(budget, spender))
      .flatMap((budget) =>
        budget.alerts.map((alert) => {
          const window = windowOf(alert.period, now);
          const count = countOf(budget.id, subjectOf(alert.scope, spender.userName), window);
          return { budget, alert, window, count, threshold: effectiveThreshold(alert, spender) };
        }),
      );
    if (asked.length === 0) return [];
    const amounts = await this.#amounts(asked.map(({ count }) => count));
    return asked
      .map(({ budget, alert, window, threshold }, index) => {
        const spent = amounts[index] ?? '0';
        return {
          budget_configuration_id: budget.id,
          display_name: budget.displayName,
          scope_type: alert.scope === 'shared' ? ('SHARED' as const) : ('PER_USER' as const),
          time_period: alert.period,
          quantity_threshold: threshold,
          spent,
          remaining: remainingMoney(threshold, spent),
          blocks_usage: alert.actions.some(({ type }) => type === 'BLOCK_USAGE'),
          resets_at: new Date(window.endsAt).toISOString(),
        };
      })
      .toSorted((a, b) => shareOf(b) - shareOf(a));
  }

  async monthOf(spender: Pick<Spender, 'userName'>): Promise<string> {
    const { startsAt, endsAt } = windowOf('MONTH', this.#now());
    return this.#options.ledger.spentBy(spender.userName, dayOf(startsAt), lastDayBefore(endsAt));
  }

  async spendOf(principal: Principal): Promise<CallerSpend> {
    const lines = await this.linesOf(principal);
    // What stops somebody matters most; of those the fullest.
    const nearest = lines.find((line) => line.blocks_usage) ?? lines[0];
    return nearest === undefined
      ? { currentSpend: await this.monthOf(principal), effectiveThreshold: undefined }
      : { currentSpend: nearest.spent, effectiveThreshold: nearest.quantity_threshold };
  }

  /** Live; as of some seconds ago where the live counts cannot be reached. */
  async #amounts(counts: readonly CalendarKey[]): Promise<string[]> {
    try {
      const readings = await this.#options.counters.read(counts, this.#now());
      return readings.map(({ used }) => fromNanoDollars(used));
    } catch (error) {
      if (!(error instanceof CountersUnavailable)) throw error;
      return this.#options.ledger.sums(counts.map(sumOf).filter((key) => key !== undefined));
    }
  }

  /** Whatever the service: budgets of services and tags count as well, as the caller may call them. */
  #concerns({ filter }: BudgetBook['index']['budgets'][number], spender: Spender): boolean {
    const { users, groups, servicePrincipals, workspaceIds } = filter;
    if (workspaceIds !== undefined && !workspaceIds.includes(this.#options.workspaceId())) return false;
    if (users === undefined && groups === undefined && servicePrincipals === undefined) return true;
    const named = spender.type === 'USER' ? users : servicePrincipals;
    const includes = (names: readonly string[] | undefined, name: string): boolean =>
      names?.some((one) => one.toLowerCase() === name.toLowerCase()) === true;
    return includes(named, spender.userName) || spender.groups.some((group) => includes(groups, group));
  }

  #now(): number {
    return (this.#options.now ?? Date.now)();
  }
}

function shareOf({ spent, quantity_threshold: threshold }: SpendLine): number {
  return compareMoney(threshold, '0') === 0 ? Infinity : Number(spent) / Number(threshold);
}
