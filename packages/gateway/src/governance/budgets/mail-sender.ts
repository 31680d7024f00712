import { createTransport } from 'nodemailer';
import type { SmtpConfig } from '../../config/notifications-settings.ts';

export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  /** The same for every try: mail systems drop repetitions by it. */
  readonly id: string;
}

/**
 * Hands a mail to the mail server. With `tls: required` nothing is sent, not even the name, where the server offers no
 * STARTTLS or its certificate is not trusted.
 * @throws Error saying what went wrong, without the password.
 */
export async function sendMail(smtp: SmtpConfig, mail: Mail, timeoutMs: number): Promise<void> {
  const transport = createTransport({
    host: smtp.host,
    port: smtp.port,
    secure: smtp.tls === 'implicit',
    requireTLS: smtp.tls === 'required',
    ignoreTLS: smtp.tls === 'never',
    ...(smtp.user === undefined ? {} : { auth: { user: smtp.user, pass: smtp.password ?? '' } }),
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  try {
    await transport.sendMail({
      from: smtp.from,
      to: { name: '', address: mail.to },
      subject: mail.subject,
      text: mail.text,
      messageId: `<${mail.id}@ucode-gateway>`,
    });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const { password } = smtp;
    throw new Error(password === undefined ? message : message.replaceAll(password, '***'), { cause: undefined });
  } finally {
    transport.close();
  }
}
