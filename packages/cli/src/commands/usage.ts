import type { Command } from 'commander';
import { dollars } from '../lib/decimal.ts';
import { asObject, asText } from '../lib/json-object.ts';
import { sumUsage, total, type UsageSum } from '../setup/sum-usage.ts';
import { UsageError } from '../terminal/terminal.ts';
import { WorkspaceError } from '../workspace/client.ts';
import { groupings, readUsage, type Grouping, type UsageLine } from '../workspace/read-usage.ts';
import type { Context } from './context.ts';
import { currentWorkspace } from './current-workspace.ts';

interface UsageOptions {
  readonly workspace?: string;
  readonly since?: string;
  readonly by: string;
  readonly json?: boolean;
  readonly csv?: boolean;
}

const DAY_MS = 24 * 60 * 60 * 1000;
const SPANS = [
  ['today', 1],
  ['7 days', 7],
  ['30 days', 30],
] as const;

/** A limit or budget that applies to the caller, as `GET /api/ai-gateway/v2/spend` has it. */
interface Limit {
  readonly name: string;
  readonly spent: string;
  readonly threshold: string;
  readonly remaining: string;
  readonly resetsAt: string;
}

/** `usage`: what you have used, and what is left. */
export function usageCommand(program: Command, context: Context): void {
  program
    .command('usage')
    .description('what you have used today, in 7 and in 30 days, and what your budgets leave')
    .option('--since <date>', 'since a day such as 2026-11-01, or a time such as 90d or 12h, instead')
    .option('--by <names>', `put together by: ${groupings.join(', ')}; several separated by commas`, 'agent,model')
    .option('--json', 'as JSON')
    .option('--csv', 'as CSV')
    .option('--workspace <url>', 'another workspace than the one in use')
    .option('--warehouse-id <id>', 'accepted for compatibility')
    .addHelpText(
      'after',
      '\nExamples:\n  ucode usage\n  ucode usage --since 2026-11-01 --by model --csv\n  ucode usage --since 12h --json\n',
    )
    .action(async (options: UsageOptions) => {
      if (options.json && options.csv) throw new UsageError('Give --json or --csv, not both.');
      const by = groupingsOf(options.by);
      const client = await context.client(await currentWorkspace(context, options.workspace));
      const now = Date.now();
      const since = options.since === undefined ? now - 30 * DAY_MS : momentOf(options.since, now);
      const [lines, limits] = await Promise.all([
        readUsage(client, new Date(since).toISOString()),
        client.json('/api/ai-gateway/v2/spend').then(limitsOf, withoutSpend),
      ]);
      const spans =
        options.since === undefined
          ? SPANS.map(([name, days]) => ({ name, lines: lastDays(lines, days, now) }))
          : [{ name: `since ${options.since}`, lines }];
      if (options.json) return context.terminal.data(json(spans, by, limits));
      if (options.csv) return context.terminal.data(csv(lines, by));
      show(context, spans, by, limits);
    });
}

function groupingsOf(text: string): Grouping[] {
  return text.split(',').map((name) => {
    const grouping = groupings.find((one) => one === name.trim());
    if (grouping === undefined)
      throw new UsageError(`--by ${text}: '${name.trim()}' is none of ${groupings.join(', ')}.`);
    return grouping;
  });
}

function momentOf(text: string, now: number): number {
  const [, count, unit] = /^(\d{1,4})([dh])$/.exec(text) ?? [];
  if (count !== undefined) return now - Number(count) * (unit === 'd' ? DAY_MS : DAY_MS / 24);
  const moment = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : NaN;
  if (Number.isNaN(moment) || moment > now)
    throw new UsageError(`--since ${text} is neither a past day such as 2026-11-01 nor a time such as 7d or 12h.`);
  return moment;
}

/** Lines of the last days, today included, by UTC as the gateway counts. */
function lastDays(lines: readonly UsageLine[], days: number, now: number): UsageLine[] {
  const first = new Date(now - (days - 1) * DAY_MS).toISOString().slice(0, 10);
  return lines.filter(({ day }) => day >= first);
}

function limitsOf(answer: Readonly<Record<string, unknown>>): Limit[] {
  const lines: readonly unknown[] = Array.isArray(answer['budgets']) ? answer['budgets'] : [];
  return lines.flatMap((line) => {
    const entry = asObject(line) ?? {};
    const threshold = asText(entry['quantity_threshold']);
    if (threshold === undefined) return [];
    return {
      name: asText(entry['display_name']) ?? 'budget',
      spent: asText(entry['spent']) ?? '0',
      threshold,
      remaining: asText(entry['remaining']) ?? '0',
      resetsAt: asText(entry['resets_at']) ?? '',
    };
  });
}

/** Other gateways do not have it; usage is shown all the same. */
function withoutSpend(error: unknown): Limit[] {
  if (error instanceof WorkspaceError && error.kind !== 'unauthenticated') return [];
  throw error;
}

interface Span {
  readonly name: string;
  readonly lines: readonly UsageLine[];
}

function json(spans: readonly Span[], by: readonly Grouping[], limits: readonly Limit[]): string {
  const usage = spans.map(({ name, lines }) => ({
    span: name,
    total: flat(total(lines)),
    by: sumUsage(lines, by).map(flat),
  }));
  return JSON.stringify({ usage, budgets: limits }, undefined, 2);
}

function flat({ of, ...numbers }: UsageSum) {
  return { ...of, ...numbers };
}

function csv(lines: readonly UsageLine[], by: readonly Grouping[]): string {
  const columns = [...by, 'requests', 'input', 'cached', 'output', 'cost'];
  const rows = sumUsage(lines, by).map((sum) =>
    columns.map((column) => String((flat(sum) as Record<string, unknown>)[column] ?? '')),
  );
  return [columns, ...rows].map((row) => row.map(csvCell).join(',')).join('\n');
}

/** Quoted where needed; never the beginning of a formula. */
function csvCell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) && Number.isNaN(Number(text)) ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function show({ terminal }: Context, spans: readonly Span[], by: readonly Grouping[], limits: readonly Limit[]): void {
  for (const { name, lines } of spans) {
    const all = total(lines);
    terminal.data(
      `${name}: ${count(all.requests)} requests, ${count(all.input)} tokens in, ${count(all.output)} out, ${dollars(all.cost)}`,
    );
  }
  const lines = spans.at(-1)?.lines ?? [];
  terminal.data('');
  if (lines.length === 0) terminal.data('Nothing yet. Start an agent, for example: ucode claude');
  else
    terminal.table(
      [...sumUsage(lines, by), total(lines)].map((sum, at, all) => row(sum, by, at === all.length - 1)),
      [...by, 'requests', 'input', 'cached', 'output', 'cost'],
    );
  if (lines.some(({ cost }) => cost === null))
    terminal.note('Some models have no known price; their cost is not in the sums.');
  for (const limit of limits) terminal.data(bar(limit));
}

function row(sum: UsageSum, by: readonly Grouping[], last: boolean): Record<string, string> {
  return {
    ...(last ? Object.fromEntries(by.map((name, at) => [name, at === 0 ? 'total' : ''])) : sum.of),
    requests: count(sum.requests),
    input: count(sum.input),
    cached: count(sum.cached),
    output: count(sum.output),
    cost: sum.unpriced === sum.requests && sum.requests > 0 ? '' : dollars(sum.cost),
  };
}

function bar({ name, spent, threshold, remaining, resetsAt }: Limit): string {
  const share = Math.min(1, Number(threshold) === 0 ? 1 : Number(spent) / Number(threshold));
  const filled = Math.round(share * 20);
  const reset = resetsAt === '' ? '' : `, resets ${resetsAt.slice(0, 16).replace('T', ' ')} UTC`;
  return `\n${name}: ${dollars(spent)} of ${dollars(threshold)} used, ${dollars(remaining)} left${reset}\n[${'#'.repeat(filled)}${'-'.repeat(20 - filled)}] ${Math.round(share * 100)} %`;
}

function count(number: number): string {
  return number.toLocaleString('en-US');
}
