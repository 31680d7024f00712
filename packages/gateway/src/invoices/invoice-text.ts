import type { Invoice, InvoiceBreakdown, InvoiceLine, InvoiceStatus } from './invoice.ts';
import type { InvoiceSubject } from './invoice-subject.ts';

/** Words that the forms of an invoice share. */

/** `workspace 1`, `group team`, `user ada@example.com` */
export function subjectText(subject: InvoiceSubject, workspaceId: string): string {
  return subject.kind === 'workspace' ? `workspace ${workspaceId}` : `${subject.kind} ${subject.name}`;
}

/** What a line is called: those without a name are in parentheses. */
export function lineName({ name, rest }: Pick<InvoiceLine, 'name' | 'rest'>): string {
  return rest ? '(all others)' : (name ?? '(unknown)');
}

/** `By model`, `By tag project` */
export function breakdownTitle({ by, key }: InvoiceBreakdown): string {
  return key === undefined ? `By ${by}` : `By tag ${key}`;
}

const notes: Readonly<Record<InvoiceStatus, string | undefined>> = {
  final: undefined,
  provisional: 'Provisional: the month is not over.',
  incomplete: 'Incomplete: usage this old is deleted by and by (lake.usage_retention_days).',
};

/** What must be known of the whole; `undefined` where there is nothing to say. */
export function statusNote({ status }: Invoice): string | undefined {
  return notes[status];
}
