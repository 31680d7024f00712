import { z } from 'zod';
import { GatewayError } from '../../errors/gateway-error.ts';
import { billingMonth } from '../../invoices/billing-month.ts';
import { drawInvoice } from '../../invoices/draw-invoice.ts';
import { invoiceCsv } from '../../invoices/invoice-csv.ts';
import { invoiceJson } from '../../invoices/invoice-json.ts';
import { invoicePdf } from '../../invoices/invoice-pdf.ts';
import { invoiceSubject, type InvoiceSubject } from '../../invoices/invoice-subject.ts';
import { membersOf } from '../../invoices/members-of.ts';
import type { Invoice } from '../../invoices/invoice.ts';
import type { Principal } from '../../identity/principal.ts';
import { isAdmin } from '../../unity/caller.ts';
import type { RestAnswer, RestRoute } from '../rest-route.ts';

const invoiceQuery = {
  month: z
    .string()
    .regex(/^\d{4}-\d{2}$/)
    .describe('Calendar month in UTC, such as 2026-11.'),
  for: z.string().optional().describe('workspace (the default), group:NAME or user:NAME.'),
  format: z.enum(['json', 'csv', 'pdf']).optional().describe('Default: json.'),
};

/** Monthly statements from the usage table: for admins, and for every user their own. */
export const invoiceRoutes: readonly RestRoute[] = [
  {
    method: 'GET',
    path: '/api/ai-gateway/v2/invoices',
    describe: {
      id: 'getInvoice',
      summary: 'Draws the statement of a month for the workspace, a group or a user.',
      access: 'user',
      tag: 'invoices',
      query: invoiceQuery,
    },
    async handle({ principal, query }, { config, sql, directory }) {
      if (!principal) throw new GatewayError('caller_unauthenticated', 'A token is needed.');
      const format = query.get('format') ?? 'json';
      if (!['json', 'csv', 'pdf'].includes(format)) {
        throw new GatewayError('caller_invalid_parameter', "The parameter 'format' must be json, csv or pdf.", {
          param: 'format',
        });
      }
      const month = billingMonth(query.get('month') ?? '', Date.now());
      const subject = invoiceSubject(query.get('for') ?? 'workspace');
      refuseOthers(subject, principal);
      const { server, lake } = config();
      const invoice = await drawInvoice(
        { month, subject, caller: principal },
        {
          sql,
          workspaceId: server.workspaceId,
          retentionDays: lake.usageRetentionDays,
          membersOf: (group) => membersOf(directory, group),
        },
      );
      return answer(invoice, format);
    },
  },
];

function refuseOthers(subject: InvoiceSubject, principal: Principal): void {
  const isOwn = subject.kind === 'user' && subject.name.toLowerCase() === principal.userName.toLowerCase();
  if (isOwn || isAdmin(principal)) return;
  throw new GatewayError('policy_forbidden', 'Only admins may see an invoice that is not their own.');
}

async function answer(invoice: Invoice, format: string): Promise<RestAnswer> {
  if (format === 'json') return { status: 200, headers: noStore, body: invoiceJson(invoice) };
  const content =
    format === 'csv'
      ? { type: 'text/csv; charset=utf-8; header=present', bytes: invoiceCsv(invoice) }
      : { type: 'application/pdf', bytes: await invoicePdf(invoice) };
  const name = `invoice-${invoice.month}-${invoice.subject.kind}.${format}`;
  const headers = { ...noStore, 'content-disposition': `attachment; filename="${name}"` };
  return { status: 200, headers, body: undefined, content };
}

const noStore = { 'cache-control': 'no-store' };
