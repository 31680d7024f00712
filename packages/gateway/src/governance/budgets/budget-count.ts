import type { BudgetAlert } from '../../config/budgets-settings.ts';
import type { BudgetSpendKey } from '../../state/spend-repository.ts';
import type { CalendarKey } from '../counters/counters.ts';
import type { PeriodWindow } from './period.ts';

/** Whose sum it is: everybody's, or one requester's, whatever the case of the name. */
export function subjectOf(scope: BudgetAlert['scope'], requester: string): string {
  return scope === 'shared' ? '' : requester.toLowerCase();
}

/** The live count of a budget's period; the sum of the same name in the ledger seeds it. */
export function countOf(budgetId: string, subject: string, window: PeriodWindow): CalendarKey {
  return {
    key: `budget/${budgetId}/${subject}`,
    window: { kind: 'calendar', id: window.id, endsAt: window.endsAt },
  };
}

/** The sum in the ledger that a live count is of; `undefined` for counts that are not of budgets. */
export function sumOf({ key, window }: CalendarKey): BudgetSpendKey | undefined {
  const [, budgetId, subject] = /^budget\/([^/]+)\/(.*)$/s.exec(key) ?? [];
  if (budgetId === undefined || subject === undefined) return undefined;
  return { budgetId, period: window.id, subject };
}
