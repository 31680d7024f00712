import type { Invoice, InvoiceFigures } from './invoice.ts';
import { lineName } from './invoice-text.ts';

const HEADER = [
  'month',
  'for',
  'name',
  'section',
  'tag',
  'item',
  'requests',
  'input_tokens',
  'output_tokens',
  'cost_usd',
  'exact_cost_usd',
];

/**
 * An invoice as comma-separated values (RFC 4180): the total, then every line of every breakdown. In `unpriced` lines
 * the requests are invocations, and the amounts are empty: they are not known.
 */
export function invoiceCsv(invoice: Invoice): string {
  const { month, subject, total, breakdowns, unpriced, workspaceId } = invoice;
  const head = [month, subject.kind, subject.kind === 'workspace' ? workspaceId : subject.name];
  const rows = [
    [...head, 'total', '', '', ...figures(total)],
    ...breakdowns.flatMap(({ by, key = '', lines }) =>
      lines.map((line) => [...head, by, key, lineName(line), ...figures(line)]),
    ),
    ...unpriced.map(({ model, invocations, inputTokens, outputTokens }) => [
      ...head,
      'unpriced',
      '',
      lineName({ name: model, rest: false }),
      ...[invocations, inputTokens, outputTokens].map(String),
      '',
      '',
    ]),
  ];
  return [HEADER, ...rows].map((row) => `${row.map(field).join(',')}\r\n`).join('');
}

function figures({ requests, inputTokens, outputTokens, cost, exactCost }: InvoiceFigures): string[] {
  return [String(requests), String(inputTokens), String(outputTokens), cost, exactCost];
}

/** A text that spreadsheets would take for a formula gets an apostrophe before it (OWASP, CSV injection). */
function field(value: string): string {
  const safe = /^[=+\-@\t\r\n]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
