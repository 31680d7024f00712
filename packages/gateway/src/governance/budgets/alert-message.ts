import type { Budget, BudgetAlert } from '../../config/budgets-settings.ts';
import { formatDollars } from '../../models/money.ts';
import type { BudgetSpend } from '../../state/spend-repository.ts';
import { windowOf } from './period.ts';
import type { ThresholdSubject } from './thresholds.ts';

/** What a webhook is sent, and a mail is made of. Amounts are exact US dollars as decimal text. */
export interface AlertMessage {
  readonly event: 'budget.threshold_reached';
  /** The same however often it is sent: receivers tell repetitions by it. */
  readonly alert_id: string;
  readonly budget_configuration_id: string;
  readonly display_name: string;
  readonly scope_type: 'SHARED' | 'PER_USER';
  /** Whose spend it is; `null`: everybody's in the budget's scope. */
  readonly principal: string | null;
  readonly time_period: string;
  /** `2026-11-22`, `2026-W47`, `2026-11`. */
  readonly period: string;
  readonly quantity_threshold: string;
  readonly spent: string;
  /** Whether requests are refused from now on. */
  readonly blocks_usage: boolean;
  /** ISO 8601, UTC. */
  readonly resets_at: string;
  readonly raised_at: string;
}

export function alertMessage(facts: {
  readonly budget: Budget;
  readonly alert: BudgetAlert;
  readonly threshold: string;
  readonly sum: BudgetSpend;
  readonly subject: ThresholdSubject | undefined;
  readonly at: number;
}): AlertMessage {
  const { budget, alert, threshold, sum, subject, at } = facts;
  const period = sum.period.slice(alert.period.length + 1);
  return {
    event: 'budget.threshold_reached',
    alert_id: [alert.id, threshold, period, sum.subject].join('/'),
    budget_configuration_id: budget.id,
    display_name: budget.displayName,
    scope_type: subject === undefined ? 'SHARED' : 'PER_USER',
    principal: subject?.userName ?? null,
    time_period: alert.period,
    period,
    quantity_threshold: threshold,
    spent: sum.amount,
    blocks_usage: alert.actions.some(({ type }) => type === 'BLOCK_USAGE'),
    resets_at: new Date(endOf(alert, sum.period, at)).toISOString(),
    raised_at: new Date(at).toISOString(),
  };
}

/** The end of the period that the sum is of; records of the last one may be counted shortly after it. */
function endOf({ period: kind }: BudgetAlert, period: string, at: number): number {
  const current = windowOf(kind, at);
  return current.id === period ? current.endsAt : current.startsAt;
}

/** Subject and text of a mail. */
export function alertMail(message: AlertMessage): { readonly subject: string; readonly text: string } {
  const whose = message.principal === null ? 'everybody it covers' : message.principal;
  const state = message.blocks_usage ? 'Requests are refused until then.' : 'Requests go on being served.';
  return {
    subject: oneLine(`Budget '${message.display_name}': ${formatDollars(message.quantity_threshold)} reached`),
    text: [
      `The budget '${oneLine(message.display_name)}' has reached a threshold.`,
      '',
      `Spent:      ${formatDollars(message.spent)} by ${oneLine(whose)} in ${message.period}`,
      `Threshold:  ${formatDollars(message.quantity_threshold)}`,
      `New period: ${message.resets_at}`,
      '',
      state,
      '',
    ].join('\n'),
  };
}

/** Names are whatever somebody chose: nothing of them begins another line or header. */
function oneLine(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replace(/[\u0000-\u001f\u007f\u2028\u2029]+/g, ' ');
}
