import type { Invoice, InvoiceFigures } from './invoice.ts';

/** An invoice as JSON. Amounts are decimal texts in US dollars. */
export function invoiceJson(invoice: Invoice) {
  const { month, subject, workspaceId, currency, status, drawnAt, total, breakdowns, unpriced } = invoice;
  return {
    month,
    for: { type: subject.kind, ...(subject.kind === 'workspace' ? {} : { name: subject.name }) },
    workspace_id: workspaceId,
    currency,
    status,
    created_at: new Date(drawnAt).toISOString(),
    total: figuresJson(total),
    breakdowns: breakdowns.map(({ by, key, lines }) => ({
      by,
      ...(key === undefined ? {} : { tag: key }),
      lines: lines.map((line) => ({
        name: line.name,
        ...(line.rest ? { all_others: true } : {}),
        ...figuresJson(line),
      })),
    })),
    unpriced: unpriced.map(({ model, invocations, inputTokens, outputTokens }) => ({
      model,
      invocations,
      input_tokens: inputTokens,
      output_tokens: outputTokens,
    })),
  };
}

function figuresJson({ requests, inputTokens, outputTokens, cost, exactCost }: InvoiceFigures) {
  return {
    requests,
    input_tokens: inputTokens,
    output_tokens: outputTokens,
    cost_usd: cost,
    exact_cost_usd: exactCost,
  };
}
