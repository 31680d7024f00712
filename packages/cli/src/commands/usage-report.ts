import { dollars } from '../lib/decimal.ts';
import { sumUsage, total, type UsageSum } from '../setup/sum-usage.ts';
import type { Terminal } from '../terminal/terminal.ts';
import type { BudgetLine, RateLimitLine, Spend } from '../workspace/read-spend.ts';
import type { Grouping, Usage, UsageLine } from '../workspace/read-usage.ts';

/** Everything that `ucode usage` tells. */
export interface UsageReport {
  readonly workspace: string;
  readonly user: string;
  readonly by: readonly Grouping[];
  /** The longest is the last. */
  readonly spans: readonly { readonly name: string; readonly lines: readonly UsageLine[] }[];
  readonly costs: Usage['costs'];
  /** `undefined`: the workspace does not tell. */
  readonly spend: Spend | undefined;
}

/** Rate limits that are shown to people, those with the least room; `--json` has all. */
const LIMITS_SHOWN = 8;
const LIMIT_COLUMNS = ['limit', 'for', 'left', 'of', 'resets (UTC)'] as const;
/** Characters of a budget's bar. */
const BAR = 20;

/** As JSON, with every number as it came. */
export function usageAsJson({ workspace, user, by, spans, costs, spend }: UsageReport): string {
  const usage = spans.map(({ name, lines }) => ({
    span: name,
    total: flat(total(lines)),
    by: sumUsage(lines, by).map(flat),
  }));
  const { budgets = null, rateLimits = null } = spend ?? {};
  return JSON.stringify({ workspace, user, costs, usage, budgets, rateLimits }, undefined, 2);
}

/** The longest span as CSV. */
export function usageAsCsv({ by, spans }: UsageReport): string {
  const columns = [...by, 'requests', 'input', 'cached', 'output', 'cost'];
  const rows = sumUsage(spans.at(-1)?.lines ?? [], by).map((sum) =>
    columns.map((column) => String((flat(sum) as Record<string, unknown>)[column] ?? '')),
  );
  return [columns, ...rows].map((row) => row.map(csvCell).join(',')).join('\n');
}

/** For people: totals of each span, the longest in a table, then limits and budgets. */
export function showUsage(report: UsageReport, terminal: Terminal): void {
  const { workspace, user, by, spans, costs, spend } = report;
  terminal.data(`${user} at ${workspace}\n`);
  terminal.table(
    spans.map(({ name, lines }) => ({ ' ': name, ...numbersOf(total(lines)) })),
    [' ', ...NUMBERS],
  );
  terminal.data('');
  const { name = '', lines = [] } = spans.at(-1) ?? {};
  if (lines.length === 0) terminal.data('Nothing yet. Start an agent, for example: ucode claude');
  else {
    if (spans.length > 1) terminal.data(`${name}:`);
    terminal.table(
      sumUsage(lines, by).map((sum) => ({ ...sum.of, ...numbersOf(sum) })),
      [...by, ...NUMBERS],
    );
  }
  if (spend !== undefined) showSpend(spend, terminal);
  else terminal.note('\nThis workspace does not tell which limits and budgets apply to you.');
  if (costs === 'estimated')
    terminal.note("\nThis workspace does not count costs; these are tokens times the workspace's list prices.");
  if (lines.some(({ cost }) => cost === null))
    terminal.note('\nSome models have no known price; their cost is not in the sums.');
}

const NUMBERS = ['requests', 'input', 'cached', 'output', 'cost'] as const;

function numbersOf(sum: UsageSum): Record<string, string> {
  return {
    requests: count(sum.requests),
    input: count(sum.input),
    cached: count(sum.cached),
    output: count(sum.output),
    cost: sum.unpriced === sum.requests && sum.requests > 0 ? '-' : dollars(sum.cost),
  };
}

function showSpend({ budgets, rateLimits }: Spend, terminal: Terminal): void {
  if (rateLimits.length > 0) {
    terminal.data('');
    terminal.table(rateLimits.slice(0, LIMITS_SHOWN).map(limitRow), LIMIT_COLUMNS);
    const more = rateLimits.length - LIMITS_SHOWN;
    if (more > 0) terminal.data(`and ${more} more with at least as much room: ucode usage --json`);
  }
  for (const budget of budgets) terminal.data(`\n${budgetText(budget)}`);
  if (rateLimits.length === 0 && budgets.length === 0) terminal.data('\nNo limit and no budget applies to you.');
}

function limitRow({ service, scope, scopeName, key, window, limit, remaining, resetsAt }: RateLimitLine) {
  return {
    limit: service,
    for: scopeName ?? (scope === 'service' ? 'everybody' : 'you'),
    left: remaining === null ? '' : count(remaining),
    of: `${count(limit)} ${key}/${window === 'hour' ? 'h' : 'min'}`,
    'resets (UTC)': resetsAt === null ? '' : clock(resetsAt).slice(11),
  };
}

function budgetText({ name, period, perUser, spent, threshold, remaining, blocks, resetsAt }: BudgetLine): string {
  const share = Number(threshold) === 0 ? 1 : Number(spent) / Number(threshold);
  const filled = Math.min(BAR, Math.floor(share * BAR));
  const about = [perUser ? 'yours alone' : 'shared', period && `a ${period}`, blocks === false && 'blocks nothing'];
  const rest = [`${dollars(remaining)} left`, resetsAt !== null && `resets ${clock(resetsAt)} UTC`];
  return [
    `${name} (${about.filter(Boolean).join(', ')})`,
    `[${'#'.repeat(filled)}${'-'.repeat(BAR - filled)}] ${Math.floor(share * 100)} %: ${dollars(spent)} of ${dollars(threshold)} used`,
    rest.filter(Boolean).join(', '),
  ].join('\n');
}

/** `2026-12-01 00:00:00`. */
function clock(iso: string): string {
  return iso.slice(0, 19).replace('T', ' ');
}

function flat({ of, ...numbers }: UsageSum) {
  return { ...of, ...numbers };
}

/** Quoted where needed; never the beginning of a formula. */
function csvCell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) && Number.isNaN(Number(text)) ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function count(number: number): string {
  return number.toLocaleString('en-US');
}
