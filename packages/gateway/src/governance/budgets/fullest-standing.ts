import type { BudgetStanding } from '../../dialects/dialect.ts';
import type { Admission } from '../admission.ts';
import { BudgetRule } from './budget-rule.ts';

/** How the fullest of the budgets stands that an admitted request counts against; `undefined` where there is none. */
export function standingOf(readings: Admission['readings']): BudgetStanding | undefined {
  let fullest: BudgetStanding | undefined;
  for (const { rule, charge, reading } of readings) {
    if (!(rule instanceof BudgetRule) || !rule.blocks) continue;
    const standing = rule.standing(reading.used - charge.amount);
    if (fullest === undefined || standing.utilization > fullest.utilization) fullest = standing;
  }
  return fullest;
}
