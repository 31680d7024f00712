import type { Invoice, InvoiceFigures, InvoiceLine } from './invoice.ts';

export const testingFigures: InvoiceFigures = {
  requests: 1_234,
  inputTokens: 5_678_901,
  outputTokens: 234_567,
  cost: '1234.57',
  exactCost: '1234.567890123456',
};

/** An invoice with names that are meant to do harm. */
export function testingInvoice(given: Partial<Invoice> = {}): Invoice {
  const line = (name: string | null, more: Partial<InvoiceLine> = {}): InvoiceLine => ({
    name,
    rest: false,
    ...testingFigures,
    ...more,
  });
  return {
    month: '2026-10',
    subject: { kind: 'group', name: 'Research, "R&D"' },
    workspaceId: '42',
    currency: 'USD',
    status: 'final',
    drawnAt: Date.UTC(2026, 10, 2),
    total: testingFigures,
    breakdowns: [
      { by: 'model', key: undefined, lines: [line('claude-opus-4-8'), line(null)] },
      { by: 'user', key: undefined, lines: [line('=HYPERLINK("http://evil.example","x")'), line('ada@example.com')] },
      { by: 'tag', key: '@team', lines: [line('+1-1'), line('a\r\nb'), line(null, { rest: true })] },
    ],
    unpriced: [{ model: 'house-model', invocations: 3, inputTokens: 10, outputTokens: 20 }],
    ...given,
  };
}
