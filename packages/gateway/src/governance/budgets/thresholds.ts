import type { Budget, BudgetAlert, BudgetPeriod } from '../../config/budgets-settings.ts';
import { compareMoney } from '../../models/money.ts';

/** Whom a threshold is asked for. */
export interface ThresholdSubject {
  /** Account id, where it is known. */
  readonly id: string | undefined;
  readonly userName: string;
  readonly groups: readonly string[];
}

/**
 * The threshold that holds for somebody: the override that names them; else the highest of their groups' overrides
 * (unity-ai-gateway 8); else the alert's own.
 */
export function effectiveThreshold(alert: BudgetAlert, subject: ThresholdSubject): string {
  if (alert.overrides.length === 0) return alert.threshold;
  const userName = subject.userName.toLowerCase();
  const own = alert.overrides.find(({ principal }) => principal === subject.id || principal.toLowerCase() === userName);
  if (own) return own.threshold;
  const groups = new Set(subject.groups.map((group) => group.toLowerCase()));
  const highest = alert.overrides
    .filter(({ principal }) => groups.has(principal.toLowerCase()))
    .map(({ threshold }) => threshold)
    .toSorted(compareMoney)
    .at(-1);
  return highest ?? alert.threshold;
}

/** A count that a budget keeps, and where it blocks. */
export interface BudgetLimit {
  readonly budget: Budget;
  readonly period: BudgetPeriod;
  readonly scope: BudgetAlert['scope'];
  /** The lowest blocking threshold over this count, exact US dollars; `undefined` where none blocks. */
  readonly threshold: string | undefined;
}

/**
 * The counts that a budget keeps for somebody: one for each period and scope of its alerts. Those that block nothing are
 * kept as well, so that they are right when an alert begins to block.
 */
export function limitsOf(budget: Budget, subject: ThresholdSubject): readonly BudgetLimit[] {
  const known = sameForAll.get(budget);
  if (known !== undefined) return known;
  const limits = computeLimits(budget, subject);
  if (budget.alerts.every(({ overrides }) => overrides.length === 0)) sameForAll.set(budget, limits);
  return limits;
}

/** Limits of budgets without overrides. */
const sameForAll = new WeakMap<Budget, readonly BudgetLimit[]>();

function computeLimits(budget: Budget, subject: ThresholdSubject): readonly BudgetLimit[] {
  const limits = new Map<string, BudgetLimit>();
  for (const alert of budget.alerts) {
    const { period, scope } = alert;
    const key = `${period} ${scope}`;
    const known = limits.get(key)?.threshold;
    const blocks = alert.actions.some(({ type }) => type === 'BLOCK_USAGE');
    const own = blocks ? effectiveThreshold(alert, subject) : undefined;
    limits.set(key, { budget, period, scope, threshold: lower(known, own) });
  }
  return [...limits.values()];
}

function lower(left: string | undefined, right: string | undefined): string | undefined {
  if (left === undefined || right === undefined) return left ?? right;
  return compareMoney(left, right) <= 0 ? left : right;
}
