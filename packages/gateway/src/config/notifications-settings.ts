import type { z } from 'zod';
import type { notificationsSchema } from './notifications-schema.ts';

/** How alerts leave the gateway. Has secrets: never serialise this. */
export interface NotificationsConfig {
  /** Whom refusals say to ask. */
  readonly contact: string | undefined;
  readonly smtp: SmtpConfig | undefined;
  readonly webhooks: readonly WebhookConfig[];
}

export interface SmtpConfig {
  readonly host: string;
  readonly port: number;
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly from: string;
  readonly tls: 'required' | 'implicit' | 'never';
}

export interface WebhookConfig {
  readonly url: string;
  readonly secret: string;
}

/** The section `notifications`. */
export function readNotifications({
  contact,
  smtp,
  webhooks,
}: z.output<typeof notificationsSchema>): NotificationsConfig {
  return {
    contact,
    smtp: smtp === undefined ? undefined : { ...smtp, user: smtp.user, password: smtp.password },
    webhooks,
  };
}
