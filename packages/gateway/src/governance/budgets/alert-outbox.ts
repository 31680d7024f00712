import type { NotificationsConfig } from '../../config/notifications-settings.ts';
import { claimOutbox, postponeOutbox, removeOutbox, type OutboxRow } from '../../state/outbox-repository.ts';
import type { Store } from '../../state/store.ts';
import { alertMail, type AlertMessage } from './alert-message.ts';
import { sendMail } from './mail-sender.ts';
import { sendWebhook, type ReachableAddresses } from './webhook-sender.ts';

/** Longest time of one try, milliseconds. */
const TIMEOUT_MS = 10_000;
/** How long a taken message belongs to who took it, milliseconds: longer than a try. */
const CLAIM_MS = 60_000;
/** Waits between tries: doubled from the first to the longest, milliseconds. */
const FIRST_RETRY_MS = 5_000;
const LONGEST_RETRY_MS = 3_600_000;
/** How long a message is tried, milliseconds. */
const GIVE_UP_MS = 3 * 24 * 3_600_000;
/** How often due messages are looked for, milliseconds: those of other gateways too. */
const LOOK_INTERVAL_MS = 5_000;
/** Messages sent at the same time. */
const AT_ONCE = 10;

export interface AlertOutboxOptions {
  readonly store: Store;
  readonly notifications: () => NotificationsConfig;
  readonly addresses: () => ReachableAddresses;
  readonly log: { warn(fields: object, message: string): void };
  readonly now?: () => number;
  /** For tests. */
  readonly timeoutMs?: number;
  readonly firstRetryMs?: number;
  readonly intervalMs?: number;
}

/**
 * Sends what alerts have written down, at least once: a message is removed when it has arrived. Whatever becomes of it,
 * no request waits for it. Several gateways share the work.
 */
export class AlertOutbox {
  readonly #options: AlertOutboxOptions;
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> | undefined;
  #again = false;
  #closed = false;

  constructor(options: AlertOutboxOptions) {
    this.#options = options;
  }

  start(): void {
    this.wake();
  }

  /** Looks for due messages now. */
  wake(): void {
    if (this.#closed) return;
    this.#again = true;
    clearTimeout(this.#timer);
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = undefined;
      if (this.#closed) return;
      if (this.#again) return this.wake();
      this.#timer = setTimeout(() => this.wake(), this.#options.intervalMs ?? LOOK_INTERVAL_MS).unref();
    });
  }

  /** Ends after the tries under way. */
  async stop(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#sending;
  }

  /** Sends everything that is due. Never rejects. */
  async #sendAll(): Promise<void> {
    const { store, log } = this.#options;
    try {
      for (;;) {
        this.#again = false;
        const now = this.#now();
        const rows = await store.transaction((tx) => claimOutbox(tx, now, now + CLAIM_MS, AT_ONCE));
        await Promise.all(rows.map((row) => this.#deliver(row)));
        if (rows.length < AT_ONCE || this.#closed) return;
      }
    } catch (error) {
      log.warn({ reason: messageOf(error) }, 'alerts cannot be read from the store yet');
    }
  }

  async #deliver(row: OutboxRow): Promise<void> {
    const { store, log } = this.#options;
    try {
      await this.#send(row);
    } catch (error) {
      const reason = messageOf(error);
      const now = this.#now();
      const wait = Math.min(
        LONGEST_RETRY_MS,
        (this.#options.firstRetryMs ?? FIRST_RETRY_MS) * 2 ** Math.min(row.tries, 20),
      );
      const dueAt = now + wait > row.createdAt + GIVE_UP_MS ? undefined : now + wait;
      log.warn(
        { channel: row.channel, tries: row.tries + 1, reason },
        dueAt === undefined ? 'an alert was given up' : 'an alert could not be sent and is tried again',
      );
      await postponeOutbox(store, row.id, { dueAt, error: reason });
      return;
    }
    await removeOutbox(store, row.id);
  }

  /** @throws Error saying why it cannot be sent now. */
  async #send({ id, channel, target, message }: OutboxRow): Promise<void> {
    const { notifications, addresses } = this.#options;
    const { smtp, webhooks } = notifications();
    const timeoutMs = this.#options.timeoutMs ?? TIMEOUT_MS;
    if (channel === 'email') {
      if (smtp === undefined) throw new Error('There is no notifications.smtp in the configuration.');
      const mail = alertMail(JSON.parse(message) as AlertMessage);
      await sendMail(smtp, { ...mail, to: target, id }, timeoutMs);
      return;
    }
    const secret = webhooks.find(({ url }) => url === target)?.secret;
    if (secret === undefined) throw new Error('The webhook is not in notifications.webhooks of the configuration.');
    await sendWebhook({ url: target, secret, body: message, id, at: this.#now(), timeoutMs }, addresses());
  }

  #now(): number {
    return (this.#options.now ?? Date.now)();
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
