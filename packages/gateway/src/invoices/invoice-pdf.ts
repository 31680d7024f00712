import type { Invoice, InvoiceBreakdown, InvoiceFigures } from './invoice.ts';
import { breakdownTitle, lineName, statusNote, subjectText } from './invoice-text.ts';
import { PdfPages, type PdfColumn } from './pdf-pages.ts';

/** Lines of a breakdown in print; JSON and CSV have all. */
const MOST_LINES = 500;

const columns: readonly PdfColumn[] = [
  { heading: 'Item', width: 0.42, align: 'left' },
  { heading: 'Requests', width: 0.13, align: 'right' },
  { heading: 'Input tokens', width: 0.16, align: 'right' },
  { heading: 'Output tokens', width: 0.15, align: 'right' },
  { heading: 'USD', width: 0.14, align: 'right' },
];

/** An invoice for printing. Uses the fonts that every reader has. */
export async function invoicePdf(invoice: Invoice): Promise<Uint8Array> {
  const { month, total, subject, workspaceId, drawnAt, breakdowns, unpriced } = invoice;
  const whose = subjectText(subject, workspaceId);
  const pages = await PdfPages.open({ title: `Usage statement ${month}, ${whose}`, createdAt: new Date(drawnAt) });
  pages.heading('Usage statement');
  pages.fact('Month', `${month} (UTC)`);
  pages.fact('For', whose);
  pages.fact('Workspace', workspaceId);
  pages.fact('Drawn', new Date(drawnAt).toISOString());
  const note = statusNote(invoice);
  if (note !== undefined) pages.note(note);
  pages.amount('Total', `USD ${grouped(total.cost)}`);
  for (const part of breakdowns) {
    pages.table(breakdownTitle(part), columns, rowsOf(part), ['Total', ...cells(total)]);
    const missing = part.lines.length - MOST_LINES;
    if (missing > 0) pages.note(`${missing} more lines are in the JSON and CSV forms; the total has them.`);
  }
  if (unpriced.length > 0) {
    const rows = unpriced
      .slice(0, MOST_LINES)
      .map(({ model, invocations, inputTokens, outputTokens }) => [
        lineName({ name: model, rest: false }),
        ...[invocations, inputTokens, outputTokens].map((figure) => grouped(String(figure))),
        'unknown',
      ]);
    pages.table('Without a known price (invocations, in no amount above)', columns, rows, undefined);
  }
  return pages.finish();
}

function rowsOf({ lines }: InvoiceBreakdown): string[][] {
  return lines.slice(0, MOST_LINES).map((line) => [lineName(line), ...cells(line)]);
}

function cells({ requests, inputTokens, outputTokens, cost }: InvoiceFigures): string[] {
  return [String(requests), String(inputTokens), String(outputTokens), cost].map(grouped);
}

/** `1234567.89` as `1,234,567.89`. */
function grouped(figure: string): string {
  const [whole = '', ...fraction] = figure.split('.');
  return [whole.replaceAll(/\B(?=(?:\d{3})+$)/g, ','), ...fraction].join('.');
}
