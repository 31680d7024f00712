import { Big } from 'big.js';
import { GatewayError } from '../errors/gateway-error.ts';
import type { SqlEngine } from '../sql/statement.ts';
import type { Caller } from '../unity/caller.ts';
import type { BillingMonth } from './billing-month.ts';
import { invoiceStatement } from './invoice-statement.ts';
import type { InvoiceSubject } from './invoice-subject.ts';
import type {
  Invoice,
  InvoiceBreakdown,
  InvoiceFigures,
  InvoiceLine,
  InvoiceStatus,
  UnpricedUsage,
} from './invoice.ts';
import { shareCents, toCents } from './share-cents.ts';

/** How long after a month's end its last requests may still reach the table, milliseconds. */
const LATE_MS = 3_600_000;
/** Keys of tags that get a breakdown. */
const MOST_TAG_KEYS = 20;

export interface InvoiceRequest {
  readonly month: BillingMonth;
  readonly subject: InvoiceSubject;
  /** With whose rights the usage is read. */
  readonly caller: Caller;
}

export interface InvoiceSources {
  readonly sql: Pick<SqlEngine, 'execute'>;
  readonly workspaceId: string;
  /** Days rows of usage are kept. */
  readonly retentionDays: number;
  /** User names of a group's members, through other groups too; `undefined` for a group that there is not. */
  membersOf(group: string): readonly string[] | undefined;
  readonly now?: () => number;
}

/** A row of the statement. */
interface Row {
  readonly part: string;
  readonly key: string | null;
  readonly name: string | null;
  readonly requests: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cost: Big;
}

/**
 * The statement of a month, from `system.ai_gateway.usage`.
 * @throws GatewayError `caller_not_found` for an unknown group, and what the SQL engine throws
 */
export async function drawInvoice(
  { month, subject, caller }: InvoiceRequest,
  sources: InvoiceSources,
  signal?: AbortSignal,
): Promise<Invoice> {
  const { sql: engine, workspaceId, retentionDays, now = Date.now } = sources;
  const { sql, parameters } = invoiceStatement({ month, workspaceId, requesters: requestersOf(subject, sources) });
  const { rows: cells, truncated } = await engine.execute({ sql, parameters, caller }, signal);
  if (truncated) throw new GatewayError('caller_sql_limit', 'The invoice is longer than sql.max_rows allows.');
  const rows = cells.map(toRow);
  const of = (part: string): Row[] => rows.filter((row) => row.part === part);
  const total = of('total')[0] ?? toRow(['total', null, null, '0', '0', '0', '0']);
  return {
    month: month.name,
    subject,
    workspaceId,
    currency: 'USD',
    status: statusOf(month, retentionDays, now()),
    drawnAt: now(),
    total: figures(total, toCents(total.cost)),
    breakdowns: [
      breakdown('model', undefined, of('model'), total),
      breakdown('agent', undefined, of('agent'), total),
      ...(subject.kind === 'user' ? [] : [breakdown('user', undefined, of('user'), total)]),
      ...tagBreakdowns(of('tag'), total),
    ],
    unpriced: of('unpriced')
      .map(unpriced)
      .toSorted((left, right) => right.invocations - left.invocations),
  };
}

function requestersOf(subject: InvoiceSubject, { membersOf }: InvoiceSources): readonly string[] | undefined {
  if (subject.kind === 'workspace') return undefined;
  if (subject.kind === 'user') return [subject.name];
  const members = membersOf(subject.name);
  if (members) return members;
  throw new GatewayError('caller_not_found', `The group '${subject.name}' does not exist.`);
}

function statusOf({ from, to }: BillingMonth, retentionDays: number, now: number): InvoiceStatus {
  if (from < now - retentionDays * 86_400_000) return 'incomplete';
  return now < to + LATE_MS ? 'provisional' : 'final';
}

/** The dearest keys first. */
function tagBreakdowns(rows: readonly Row[], total: Row): InvoiceBreakdown[] {
  const byKey = new Map<string, Row[]>();
  for (const row of rows) byKey.set(row.key ?? '', [...(byKey.get(row.key ?? '') ?? []), row]);
  return [...byKey]
    .map(([key, own]) => ({ key, own, cost: own.reduce((sum, { cost }) => sum.plus(cost), new Big(0)) }))
    .toSorted((left, right) => right.cost.cmp(left.cost) || (left.key < right.key ? -1 : 1))
    .slice(0, MOST_TAG_KEYS)
    .map(({ key, own }) => breakdown('tag', key, own, total));
}

/** Lines by cost, and one for what has none of its own: usage without the tag, or beyond the longest list. */
function breakdown(
  by: InvoiceBreakdown['by'],
  key: string | undefined,
  rows: readonly Row[],
  total: Row,
): InvoiceBreakdown {
  const sorted = rows.toSorted(
    (left, right) => right.cost.cmp(left.cost) || ((left.name ?? '') < (right.name ?? '') ? -1 : 1),
  );
  const rest = restOf(sorted, total);
  const all = rest === undefined ? sorted : [...sorted, rest];
  const cents = shareCents(all.map(({ cost }) => cost));
  const lines = all.map((row, at): InvoiceLine => ({
    name: row.name,
    rest: row === rest,
    ...figures(row, cents[at] ?? '0.00'),
  }));
  return { by, key, lines };
}

function restOf(rows: readonly Row[], total: Row): Row | undefined {
  const minus = (figure: 'requests' | 'inputTokens' | 'outputTokens'): number =>
    rows.reduce((rest, row) => rest - row[figure], total[figure]);
  const rest: Row = {
    ...total,
    requests: minus('requests'),
    inputTokens: minus('inputTokens'),
    outputTokens: minus('outputTokens'),
    cost: rows.reduce((left, { cost }) => left.minus(cost), total.cost),
  };
  const isNothing = rest.requests === 0 && rest.inputTokens === 0 && rest.outputTokens === 0 && rest.cost.eq(0);
  return isNothing ? undefined : rest;
}

function figures({ requests, inputTokens, outputTokens, cost }: Row, cents: string): InvoiceFigures {
  return { requests, inputTokens, outputTokens, cost: cents, exactCost: cost.toFixed() };
}

function unpriced({ name, requests, inputTokens, outputTokens }: Row): UnpricedUsage {
  return { model: name, invocations: requests, inputTokens, outputTokens };
}

function toRow([part, key, name, requests, inputTokens, outputTokens, cost]: readonly (string | null)[]): Row {
  return {
    part: part ?? '',
    key: key ?? null,
    name: name ?? null,
    requests: Number(requests ?? 0),
    inputTokens: Number(inputTokens ?? 0),
    outputTokens: Number(outputTokens ?? 0),
    cost: new Big(cost ?? '0'),
  };
}
