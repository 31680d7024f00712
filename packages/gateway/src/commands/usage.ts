import path from 'node:path';
import { Option, type Command } from 'commander';
import { readSpool } from '../usage/spool-reader.ts';
import type { UsageRecord } from '../usage/usage-record.ts';
import { groupings, summarizeUsage, type Grouping, type UsageTotals } from '../usage/usage-summary.ts';
import { dataDirectory, withDataOptions, type DataOptions } from './data-options.ts';
import { parseTimeSpan } from './time-span.ts';
import { formatTable } from './print-table.ts';
import { reporting } from './report-failure.ts';
import { printing, printLine } from './standard-output.ts';

interface UsageOptions extends DataOptions {
  readonly json?: boolean;
  readonly since?: string;
  readonly by?: Grouping;
}

/** `usage`: what was used, from the spool. Works beside a running gateway. */
export function usageCommand(program: Command): void {
  withDataOptions(
    program
      .command('usage')
      .description('show requests, tokens and cost')
      .option('--json', 'one JSON object per line: the usage records, or with --by the totals')
      .option('--since <duration>', 'only the last 7d, 12h, …; everything when left out')
      .addOption(new Option('--by <what>', 'group by (default: agent)').choices(Object.keys(groupings))),
  ).action(reporting((options: UsageOptions) => printing(() => printUsage(options))));
}

async function printUsage(options: UsageOptions): Promise<void> {
  const since = options.since === undefined ? undefined : Date.now() - parseTimeSpan(options.since, '--since') * 1000;
  const directory = await dataDirectory(options);
  const records = readUsage(path.join(directory, 'spool'), since);
  if (options.json && options.by === undefined) {
    for await (const record of records) await printLine(JSON.stringify(record));
    return;
  }
  const by = options.by ?? 'agent';
  const groups = await summarizeUsage(records, by);
  if (options.json) for (const group of groups) await printLine(JSON.stringify(group));
  else if (groups.length === 0) console.error(`No usage recorded in ${directory}.`);
  else await printLine(toTable(groups, by));
}

async function* readUsage(directory: string, since: number | undefined): AsyncIterable<UsageRecord> {
  for await (const { record } of readSpool(directory)) {
    const usage = record as UsageRecord;
    if (since === undefined || Date.parse(usage.event_time) >= since) yield usage;
  }
}

function toTable(groups: readonly UsageTotals[], by: Grouping): string {
  const figures = ['REQUESTS', 'INPUT', 'CACHED', 'OUTPUT', 'COST USD'].map((heading) => ({ heading, figures: true }));
  const table = formatTable(
    [{ heading: by.toUpperCase() }, ...figures],
    groups.map((totals) => [
      totals.group ?? '(unknown)',
      String(totals.requests),
      String(totals.input_tokens),
      String(totals.cache_read_input_tokens),
      String(totals.output_tokens),
      totals.cost_usd,
    ]),
  );
  const unpriced = groups.reduce((sum, totals) => sum + totals.unpriced, 0);
  return unpriced === 0
    ? table
    : `${table}\n\nWithout ${unpriced} invocation${unpriced === 1 ? '' : 's'} of models whose price is not known.`;
}
