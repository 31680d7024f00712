import { z } from 'zod';

/** The key `notifications`: how alerts leave the gateway. */
export const notificationsSchema = z.strictObject({
  contact: z
    .string()
    .trim()
    .min(1)
    .max(200)
    .optional()
    .describe('Whom refusals of budgets say to ask, such as an address.'),
  smtp: z
    .strictObject({
      host: z.string().min(1).max(255).describe('Mail server.'),
      port: z.int().min(1).max(65_535).default(587).describe('Its port.'),
      user: z.string().min(1).optional().describe('Name to log in with. Without it, none is used.'),
      password: z.string().min(1).optional().describe('Usually `${env:SMTP_PASSWORD}` or `${file:smtp-password}`.'),
      from: z.string().min(3).max(320).describe('Sender, such as `Gateway <gateway@example.com>`.'),
      tls: z
        .enum(['required', 'implicit', 'never'])
        .default('required')
        .describe('`required`: STARTTLS or no mail; `implicit`: TLS from the first byte, port 465; `never`: plain.'),
    })
    .optional()
    .describe('Sends EMAIL_NOTIFICATION of budgets. Without it, they wait.'),
  webhooks: z
    .array(
      z.strictObject({
        url: z
          .url({ protocol: /^https?$/ })
          .max(2048)
          .describe('Receives a POST with JSON.'),
        secret: z
          .string()
          .min(16)
          .describe('Signs each POST (HMAC-SHA256), usually `${env:ALERT_WEBHOOK_SECRET}`. At least 16 characters.'),
      }),
    )
    .max(100)
    .default([])
    .describe('Where WEBHOOK of budgets goes. Private addresses must be in server.allowed_private_networks.'),
});
