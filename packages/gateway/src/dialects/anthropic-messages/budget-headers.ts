import type { BudgetStanding } from '../dialect.ts';

const PREFIX = 'anthropic-ratelimit-unified';
/** Where Claude Code warns its user: highest first, as it is told the highest one that was passed. */
const WARNINGS = [0.95, 0.75];
const PERIODS = { DAY: 'daily', WEEK: 'weekly', MONTH: 'monthly' } as const;

/**
 * The headers that Claude Code reads a spend limit from (2.1.330): it shows a warning at three quarters and at 95 %,
 * and whose limit it is once it is reached. Times are seconds since 1970.
 */
export function budgetHeaders(standing: BudgetStanding): Record<string, string> {
  const { utilization, exhausted, period, shared } = standing;
  const reset = String(Math.floor(standing.resetsAt / 1000));
  const passed = exhausted ? 1 : WARNINGS.find((share) => utilization > share);
  const status = exhausted ? 'rejected' : passed === undefined ? 'allowed' : 'allowed_warning';
  return {
    [`${PREFIX}-status`]: status,
    [`${PREFIX}-reset`]: reset,
    [`${PREFIX}-overage-reset`]: reset,
    [`${PREFIX}-overage-utilization`]: String(Number(utilization.toFixed(4))),
    ...(passed === undefined ? {} : { [`${PREFIX}-overage-surpassed-threshold`]: String(passed) }),
    ...(exhausted
      ? {
          [`${PREFIX}-overage-period`]: PERIODS[period],
          [`${PREFIX}-overage-disabled-reason`]: 'org_spend_cap_reached',
          ...(shared ? { [`${PREFIX}-overage-scope`]: 'group_pool' } : {}),
        }
      : { [`${PREFIX}-representative-claim`]: 'overage', [`${PREFIX}-overage-status`]: status }),
  };
}
