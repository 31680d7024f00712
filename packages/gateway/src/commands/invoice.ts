import { writeFile } from 'node:fs/promises';
import { Option, type Command } from 'commander';
import { billingMonth } from '../invoices/billing-month.ts';
import { drawInvoice } from '../invoices/draw-invoice.ts';
import { invoiceCsv } from '../invoices/invoice-csv.ts';
import { invoiceJson } from '../invoices/invoice-json.ts';
import { invoicePdf } from '../invoices/invoice-pdf.ts';
import { invoiceSubject } from '../invoices/invoice-subject.ts';
import type { Invoice } from '../invoices/invoice.ts';
import { membersOf } from '../invoices/members-of.ts';
import { withDataOptions, type DataOptions } from './data-options.ts';
import { reporting } from './report-failure.ts';
import { printing } from './standard-output.ts';
import { withIdentity } from './with-identity.ts';

type InvoiceFormat = 'json' | 'csv' | 'pdf';

interface InvoiceOptions extends DataOptions {
  readonly month: string;
  readonly for: string;
  readonly format: InvoiceFormat;
  readonly output?: string;
  readonly url?: string;
  readonly token?: string;
}

/** `invoice`: draws the statement of a month from the data directory, or at a gateway with `--url`. */
export function invoiceCommand(program: Command): void {
  withDataOptions(
    program
      .command('invoice')
      .description('draw the statement of a month: what was used, and what it cost')
      .requiredOption('--month <month>', 'calendar month in UTC, such as 2026-11')
      .option('--for <whom>', 'workspace, group:NAME or user:NAME', 'workspace')
      .addOption(
        new Option('--format <format>', 'form of the statement').choices(['json', 'csv', 'pdf']).default('json'),
      )
      .option('--output <file>', 'write it to this file')
      .addOption(
        new Option('--url <url>', 'ask the gateway there instead of working on the data').conflicts(['data', 'config']),
      )
      .addOption(new Option('--token <token>', 'token for --url').env('UCODE_TOKEN')),
  ).action(reporting((options: InvoiceOptions) => printing(() => runInvoice(options))));
}

async function runInvoice(options: InvoiceOptions): Promise<void> {
  const { format, output, url } = options;
  if (format === 'pdf' && output === undefined && process.stdout.isTTY) {
    throw new Error('A PDF cannot be shown here. Name a file with --output FILE.');
  }
  const bytes = url === undefined ? await inForm(await drawLocally(options), format) : await fetchInvoice(url, options);
  if (output !== undefined) return writeFile(output, bytes, { mode: 0o600 });
  await new Promise<void>((resolve, reject) => {
    process.stdout.write(bytes, (error) => (error ? reject(error) : resolve()));
  });
}

async function drawLocally(options: InvoiceOptions): Promise<Invoice> {
  const month = billingMonth(options.month, Date.now());
  const subject = invoiceSubject(options.for);
  const members = subject.kind === 'group' ? await groupMembers(options, subject.name) : undefined;
  // Only here: the other commands, `serve` among them, must not load DuckDB.
  const { openLocalServices } = await import('../processes/local-services.ts');
  const { config, data } = options;
  const services = await openLocalServices({
    ...(config === undefined ? {} : { config }),
    ...(data === undefined ? {} : { data }),
  });
  const interrupt = new AbortController();
  const onInterrupt = (): void => interrupt.abort();
  process.once('SIGINT', onInterrupt);
  try {
    const { server, lake } = services.config;
    return await drawInvoice(
      { month, subject, caller: services.caller },
      {
        sql: services.sql,
        workspaceId: server.workspaceId,
        retentionDays: lake.usageRetentionDays,
        membersOf: () => members,
      },
      interrupt.signal,
    );
  } finally {
    process.off('SIGINT', onInterrupt);
    await services.close();
  }
}

function groupMembers(options: DataOptions, group: string): Promise<readonly string[] | undefined> {
  return withIdentity(options, ({ directory }) => Promise.resolve(membersOf(directory, group)));
}

async function inForm(invoice: Invoice, format: InvoiceFormat): Promise<string | Uint8Array> {
  if (format === 'pdf') return invoicePdf(invoice);
  return format === 'csv' ? invoiceCsv(invoice) : `${JSON.stringify(invoiceJson(invoice), null, 2)}\n`;
}

async function fetchInvoice(url: string, { month, for: whom, format, token }: InvoiceOptions): Promise<Uint8Array> {
  if (!URL.canParse(url)) throw new Error(`--url ${url} is not a URL such as http://127.0.0.1:8484.`);
  if (!token) throw new Error('Give a token for --url with --token, or in UCODE_TOKEN.');
  const target = new URL(`/api/ai-gateway/v2/invoices?${new URLSearchParams({ month, for: whom, format })}`, url);
  let response: Response;
  try {
    response = await fetch(target, { headers: { authorization: `Bearer ${token}` }, redirect: 'error' });
  } catch (cause) {
    throw new Error(`No answer from ${target.origin}. Is the gateway running?`, { cause });
  }
  if (response.ok) return new Uint8Array(await response.arrayBuffer());
  const answer = (await response.json().catch(() => undefined)) as { message?: unknown } | undefined;
  throw new Error(
    typeof answer?.message === 'string' ? answer.message : `${target.origin} answered with HTTP ${response.status}.`,
  );
}
