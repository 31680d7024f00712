import type { BudgetStanding } from '../../dialects/dialect.ts';
import { GatewayError } from '../../errors/gateway-error.ts';
import { formatDollars, fromNanoDollars, sumMoney, toNanoDollars } from '../../models/money.ts';
import type { Rule, Settlement } from '../admission.ts';
import type { Charge, ChargeGroup, Reading } from '../counters/counters.ts';
import { calendarOf } from './budget-count.ts';
import { noteStanding } from './budget-standing.ts';
import type { PeriodWindow } from './period.ts';
import type { BudgetLimit } from './thresholds.ts';

const SPAN = { DAY: 'today', WEEK: 'this week', MONTH: 'this month' } as const;

export interface BudgetRuleFacts {
  readonly limit: BudgetLimit;
  readonly window: PeriodWindow;
  /** Empty: the sum is everybody's. */
  readonly subject: string;
  /** Key of the live count. */
  readonly key: string;
  /** Nano-dollars that the request is expected to cost. */
  readonly amount: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** HTTP status of the refusal, where the agent shows another one better than the catalogue's. */
  readonly refusalStatus: number | undefined;
  /** Whom to ask for more, such as an address. */
  readonly contact: string | undefined;
}

/**
 * One limit of a budget, as a request is held against it. A request is refused once what was spent, and what the
 * requests under way are expected to cost, has reached the threshold; its own cost does not count for that. So a
 * budget is passed by no more than the requests under way.
 */
export class BudgetRule implements Rule {
  readonly kind = 'budget';
  readonly group: ChargeGroup;
  readonly #facts: BudgetRuleFacts;
  /** Nano-dollars; more than can be counted where the budget does not block. */
  readonly #threshold: number;

  constructor(facts: BudgetRuleFacts) {
    this.#facts = facts;
    const { limit, key, window, amount } = facts;
    this.#threshold = limit.threshold === undefined ? Number.MAX_SAFE_INTEGER : nanoOf(limit.threshold);
    // Counters ask whether the count and the amount, of at least 1, are within the limit: with this one, whether the
    // count alone is below the threshold.
    const most = Math.min(Number.MAX_SAFE_INTEGER, this.#threshold + Math.max(1, amount) - 1);
    this.group = { anyOf: [{ key, window: calendarOf(window), limit: most, amount }] };
  }

  refusal(_charge: Charge, reading: Reading): GatewayError {
    const { window, at, refusalStatus } = this.#facts;
    const waits = refusalStatus === 429;
    const error = new GatewayError('policy_budget_exhausted', this.#message(reading.used), {
      ...(refusalStatus === undefined ? {} : { status: refusalStatus }),
      ...(waits ? { retryAfterSeconds: Math.max(1, Math.ceil((window.endsAt - at) / 1000)) } : {}),
    });
    return noteStanding(error, this.standing(Math.max(reading.used, this.#threshold)));
  }

  settled(_charge: Charge, settlements: readonly Settlement[]): number {
    let cost = costs.get(settlements);
    if (cost === undefined) {
      const known = settlements.flatMap(({ costUsd }) => (costUsd === null ? [] : [costUsd]));
      const [only] = known;
      cost = only === undefined ? 0 : toNanoDollars(known.length === 1 ? only : sumMoney(known));
      costs.set(settlements, cost);
    }
    return cost;
  }

  /** Whether it ever refuses. */
  get blocks(): boolean {
    return this.#facts.limit.threshold !== undefined;
  }

  /** @param used nano-dollars counted. */
  standing(used: number): BudgetStanding {
    const { limit, window, subject } = this.#facts;
    const utilization = this.#threshold === 0 ? 1 : used / this.#threshold;
    return {
      utilization,
      exhausted: used >= this.#threshold,
      resetsAt: window.endsAt,
      period: limit.period,
      shared: subject === '',
    };
  }

  #message(used: number): string {
    const { limit, window, subject, contact } = this.#facts;
    const { budget, period, threshold = '0' } = limit;
    const whose = subject === '' ? 'shared by everybody it covers' : 'your own share of it';
    const spent = formatDollars(fromNanoDollars(used));
    const state =
      this.#threshold === 0
        ? `allows no spending (${whose})`
        : `is used up: ${spent} of ${formatDollars(threshold)} ${SPAN[period]} (${whose})`;
    const reset = `${new Date(window.endsAt).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
    const ask = contact === undefined ? 'Ask an administrator of the gateway' : `Ask ${contact}`;
    return `The budget '${printable(budget.displayName)}' ${state}. It begins anew on ${reset}. ${ask} to raise it.`;
  }
}

/** Nano-dollars of settlements: every rule of a request asks for the same. */
const costs = new WeakMap<readonly Settlement[], number>();

const thresholds = new Map<string, number>();

/** `toNanoDollars`, remembered: there are few thresholds and many requests. */
function nanoOf(threshold: string): number {
  let nano = thresholds.get(threshold);
  if (nano === undefined) {
    if (thresholds.size > 10_000) thresholds.clear();
    nano = toNanoDollars(threshold);
    thresholds.set(threshold, nano);
  }
  return nano;
}

/** Without control characters. */
function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replace(/[\u0000-\u001f\u007f]/g, ' ');
}
