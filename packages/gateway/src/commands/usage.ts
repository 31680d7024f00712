import { existsSync } from 'node:fs';
import path from 'node:path';
import { Option, type Command } from 'commander';
import { LocalStore } from '../lake/object-store/local-store.ts';
import type { ObjectStore } from '../lake/object-store/object-store.ts';
import { isS3Root } from '../lake/object-store/s3-location.ts';
import type { SpoolPosition } from '../usage/spool-format.ts';
import { readSpool } from '../usage/spool-reader.ts';
import type { UsageRecord } from '../usage/usage-record.ts';
import { groupings, summarizeUsage, type Grouping, type UsageTotals } from '../usage/usage-summary.ts';
import { dataDirectory, loadFor, withDataOptions, type DataOptions } from './data-options.ts';
import type { RecordedUsage } from './recorded-usage.ts';
import { parseTimeSpan } from './time-span.ts';
import { formatTable } from './print-table.ts';
import { reporting } from './report-failure.ts';
import { printing, printLine } from './standard-output.ts';

interface UsageOptions extends DataOptions {
  readonly json?: boolean;
  readonly since?: string;
  readonly by?: Grouping;
}

/** `usage`: what was used, from the table and from the spool what is not in it yet. Works beside a running gateway. */
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
  const openStore = await lakeStore(options, directory);
  if (openStore === undefined) return print(options, directory, readUsage(directory, since));
  // Only here: the other commands, `serve` among them, must not load DuckDB.
  const { RecordedUsage } = await import('./recorded-usage.ts');
  await RecordedUsage.read({ openStore, dataDirectory: directory, since }, async (recorded) =>
    print(options, directory, readUsage(directory, since, recorded?.position), recorded),
  );
}

/** @param waiting records of the spool that are not `recorded` in the table. */
async function print(
  options: UsageOptions,
  directory: string,
  waiting: AsyncIterable<UsageRecord>,
  recorded?: RecordedUsage,
): Promise<void> {
  if (options.json && options.by === undefined) {
    for (const records of [recorded?.records() ?? [], waiting])
      for await (const record of records) await printLine(JSON.stringify(record));
    return;
  }
  const by = options.by ?? 'agent';
  const groups = await summarizeUsage(waiting, by, await recorded?.totals(by));
  if (options.json) for (const group of groups) await printLine(JSON.stringify(group));
  else if (groups.length === 0) console.error(`No usage recorded in ${directory}.`);
  else await printLine(toTable(groups, by));
}

/**
 * The lake that belongs to the data directory. With `--data` the configuration is read only where the lake is not in
 * that directory. `undefined`: there is none yet.
 */
async function lakeStore(
  options: UsageOptions,
  directory: string,
): Promise<((cacheDirectory: string) => Promise<ObjectStore>) | undefined> {
  const own = path.join(directory, 'lake');
  if (options.data !== undefined && existsSync(own)) return async () => new LocalStore(own);
  const isConfigured = options.config !== undefined || Boolean(process.env['UCODE_GATEWAY_CONFIG']);
  if (!isConfigured) return existsSync(own) ? async () => new LocalStore(own) : undefined;
  const { lake } = await loadFor(options);
  if (!isS3Root(lake.root)) return existsSync(lake.root) ? async () => new LocalStore(lake.root) : undefined;
  const { openStore } = await import('../lake/object-store/open-store.ts');
  return (cacheDirectory) => openStore(lake, { cacheDirectory });
}

async function* readUsage(
  directory: string,
  since: number | undefined,
  from?: SpoolPosition,
): AsyncIterable<UsageRecord> {
  for await (const { record } of readSpool(path.join(directory, 'spool'), { from })) {
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
