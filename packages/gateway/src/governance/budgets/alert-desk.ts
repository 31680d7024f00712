import { randomUUID } from 'node:crypto';
import type { Budget, BudgetAlert } from '../../config/budgets-settings.ts';
import type { NotificationsConfig } from '../../config/notifications-settings.ts';
import { compareMoney } from '../../models/money.ts';
import { insertOutbox } from '../../state/outbox-repository.ts';
import { raiseAlert, type BudgetSpend } from '../../state/spend-repository.ts';
import type { Queryable } from '../../state/store.ts';
import { alertMessage } from './alert-message.ts';
import { effectiveThreshold, type ThresholdSubject } from './thresholds.ts';

/** Where a message goes. */
interface Way {
  readonly channel: 'email' | 'webhook';
  readonly target: string;
}

/**
 * Raises alerts: each threshold once for each subject and period, in the transaction that changes the sum, so that
 * several gateways and restarts raise it once. What is to be sent is written down there too.
 */
export class AlertDesk {
  readonly #notifications: () => NotificationsConfig;
  readonly #now: () => number;
  #listener: () => void = () => {};

  constructor(notifications: () => NotificationsConfig, now: () => number = Date.now) {
    this.#notifications = notifications;
    this.#now = now;
  }

  /** Calls back when there may be something to send. */
  onRaised(listener: () => void): void {
    this.#listener = listener;
  }

  wake(): void {
    this.#listener();
  }

  /** @param subject of a sum that is somebody's own; `undefined` for everybody's. */
  async raise(tx: Queryable, budget: Budget, sum: BudgetSpend, subject: ThresholdSubject | undefined): Promise<void> {
    const scope = subject === undefined ? 'shared' : 'per-user';
    for (const alert of budget.alerts) {
      if (alert.scope !== scope || !sum.period.startsWith(`${alert.period} `)) continue;
      if (!alert.actions.some(({ type }) => type !== 'BLOCK_USAGE')) continue;
      const threshold = subject === undefined ? alert.threshold : effectiveThreshold(alert, subject);
      if (compareMoney(sum.amount, threshold) < 0) continue;
      const at = this.#now();
      // A threshold that was changed is another one, and is told of again.
      const raised = { alert: `${alert.id} ${threshold}`, period: sum.period, subject: sum.subject, at };
      if (!(await raiseAlert(tx, raised))) continue;
      const message = JSON.stringify(alertMessage({ budget, alert, threshold, sum, subject, at }));
      for (const { channel, target } of this.#ways(alert)) {
        await insertOutbox(tx, { id: randomUUID(), channel, target, message, createdAt: at });
      }
    }
  }

  #ways(alert: BudgetAlert): Way[] {
    const { webhooks } = this.#notifications();
    const ways = alert.actions.flatMap(({ type, target }): Way[] => {
      if (type === 'EMAIL_NOTIFICATION') return [{ channel: 'email', target: target ?? '' }];
      if (type !== 'WEBHOOK') return [];
      const urls = target === undefined ? webhooks.map(({ url }) => url) : [target];
      return urls.map((url) => ({ channel: 'webhook', target: url }));
    });
    return [...new Map(ways.map((way) => [`${way.channel} ${way.target}`, way])).values()];
  }
}
