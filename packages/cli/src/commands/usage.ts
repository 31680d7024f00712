import type { Command } from 'commander';
import { agentOf } from '../agents/agent-of.ts';
import { asText } from '../lib/json-object.ts';
import { UsageError } from '../terminal/terminal.ts';
import { readSpend } from '../workspace/read-spend.ts';
import { groupings, readUsage, type Grouping, type UsageLine } from '../workspace/read-usage.ts';
import type { Context } from './context.ts';
import { currentWorkspace } from './current-workspace.ts';
import { showUsage, usageAsCsv, usageAsJson, type UsageReport } from './usage-report.ts';

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

/** `usage`: what you have used, and what is left. */
export function usageCommand(program: Command, context: Context): void {
  program
    .command('usage')
    .description('what you have used today, in 7 and in 30 days, and what your limits and budgets leave')
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
      const workspace = await currentWorkspace(context, options.workspace);
      const client = await context.client(workspace);
      const now = Date.now();
      const since = options.since === undefined ? now - 30 * DAY_MS : momentOf(options.since, now);
      const [me, { lines, costs }, spend] = await Promise.all([
        client.json('/api/2.0/preview/scim/v2/Me'),
        readUsage(client, new Date(since).toISOString(), agentOf),
        readSpend(client),
      ]);
      const spans =
        options.since === undefined
          ? SPANS.map(([name, days]) => ({ name, lines: lastDays(lines, days, now) }))
          : [{ name: `since ${options.since}`, lines }];
      const report: UsageReport = { workspace, user: asText(me['userName']) ?? 'unknown', by, spans, costs, spend };
      if (options.json) return context.terminal.data(usageAsJson(report));
      if (options.csv) return context.terminal.data(usageAsCsv(report));
      showUsage(report, context.terminal);
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
