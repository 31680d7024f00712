import type { InvoiceSubject } from './invoice-subject.ts';

/** What was used, and what it cost. */
export interface InvoiceFigures {
  /** Requests as callers made them; retries and fallbacks belong to one. */
  readonly requests: number;
  /** Cached ones included. */
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** US dollars to the cent. */
  readonly cost: string;
  /** US dollars, all decimals. */
  readonly exactCost: string;
}

/** One line of a breakdown. */
export interface InvoiceLine extends InvoiceFigures {
  /** `null`: what the usage does not say. */
  readonly name: string | null;
  /** Whether it stands for everything that has no line of its own. */
  readonly rest: boolean;
}

/** All usage of the invoice, divided by one thing. The lines add up to the invoice's total, to the cent. */
export interface InvoiceBreakdown {
  readonly by: 'model' | 'agent' | 'user' | 'tag';
  /** For tags: their key. */
  readonly key: string | undefined;
  readonly lines: readonly InvoiceLine[];
}

/** Usage whose price is not known: it is in no amount. */
export interface UnpricedUsage {
  readonly model: string | null;
  readonly invocations: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** `provisional`: the month goes on. `incomplete`: rows of the month may have been deleted by now. */
export type InvoiceStatus = 'final' | 'provisional' | 'incomplete';

/** A monthly statement of what was used and what it cost. */
export interface Invoice {
  /** `2026-11`, in UTC. */
  readonly month: string;
  readonly subject: InvoiceSubject;
  readonly workspaceId: string;
  readonly currency: 'USD';
  readonly status: InvoiceStatus;
  /** Milliseconds since 1970. */
  readonly drawnAt: number;
  readonly total: InvoiceFigures;
  readonly breakdowns: readonly InvoiceBreakdown[];
  readonly unpriced: readonly UnpricedUsage[];
}
