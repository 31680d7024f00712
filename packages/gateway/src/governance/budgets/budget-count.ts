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
  return { key: countKey(budgetId, subject), window: calendarOf(window) };
}

/** The key of a budget's live count, whatever the period. */
export function countKey(budgetId: string, subject: string): string {
  return `budget/${budgetId}/${subject}`;
}

const calendars = new WeakMap<PeriodWindow, CalendarKey['window']>();

/** A period as counters want it; the same object for the same period. */
export function calendarOf(window: PeriodWindow): CalendarKey['window'] {
  let calendar = calendars.get(window);
  if (calendar === undefined) {
    calendar = { kind: 'calendar', id: window.id, endsAt: window.endsAt };
    calendars.set(window, calendar);
  }
  return calendar;
}

/** The sum in the ledger that a live count is of; `undefined` for counts that are not of budgets. */
export function sumOf({ key, window }: CalendarKey): BudgetSpendKey | undefined {
  const [, budgetId, subject] = /^budget\/([^/]+)\/(.*)$/s.exec(key) ?? [];
  if (budgetId === undefined || subject === undefined) return undefined;
  return { budgetId, period: window.id, subject };
}
