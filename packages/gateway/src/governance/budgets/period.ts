import type { BudgetPeriod } from '../../config/budgets-settings.ts';

const DAY_MS = 86_400_000;

/** A stretch of the calendar, in UTC. Times are milliseconds since 1970. */
export interface PeriodWindow {
  /** `DAY 2026-11-22`, `WEEK 2026-W47`, `MONTH 2026-11`. */
  readonly id: string;
  readonly startsAt: number;
  /** The next one's start. */
  readonly endsAt: number;
}

/**
 * The day, week or month that a moment is in: UTC, weeks from Monday (ISO 8601: a week belongs to the year that its
 * Thursday is in). Days have no summer time, so every window is as long as the calendar says.
 */
export function windowOf(period: BudgetPeriod, at: number): PeriodWindow {
  const last = latest.get(period);
  if (last !== undefined && at >= last.startsAt && at < last.endsAt) return last;
  const window = compute(period, at);
  latest.set(period, window);
  return window;
}

/** The windows asked for last: mostly they are asked for again. */
const latest = new Map<BudgetPeriod, PeriodWindow>();

function compute(period: BudgetPeriod, at: number): PeriodWindow {
  const day = Math.floor(at / DAY_MS) * DAY_MS;
  const date = new Date(day);
  const year = date.getUTCFullYear();
  const month = date.getUTCMonth();
  if (period === 'DAY') return { id: `DAY ${dayOf(day)}`, startsAt: day, endsAt: day + DAY_MS };
  if (period === 'MONTH') {
    const startsAt = Date.UTC(year, month, 1);
    return { id: `MONTH ${dayOf(startsAt).slice(0, 7)}`, startsAt, endsAt: Date.UTC(year, month + 1, 1) };
  }
  const startsAt = day - ((date.getUTCDay() + 6) % 7) * DAY_MS;
  const thursday = new Date(startsAt + 3 * DAY_MS).getUTCFullYear();
  // The week of 4 January is the first (ISO 8601).
  const fourth = Date.UTC(thursday, 0, 4);
  const first = fourth - ((new Date(fourth).getUTCDay() + 6) % 7) * DAY_MS;
  const number = Math.round((startsAt - first) / (7 * DAY_MS)) + 1;
  const id = `WEEK ${thursday}-W${String(number).padStart(2, '0')}`;
  return { id, startsAt, endsAt: startsAt + 7 * DAY_MS };
}

/** `2026-11-22`, UTC. */
export function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

/** The last day before a moment: of a window, given its end. */
export function lastDayBefore(endsAt: number): string {
  return dayOf(endsAt - 1);
}
