import { Option, type Command } from 'commander';
import { agentSettings, type AgentSettings, type TelemetryAgent } from '../otel/agent-settings.ts';
import { createOtelTables, otelTableName, type OtelTablePlan } from '../otel/create-tables.ts';
import type { OtelSchemaVersion, Signal } from '../otel/signal.ts';
import { ddlFor } from '../otel/table-ddl.ts';
import { schemaVersions, signals } from '../otel/tables.ts';
import { withDataOptions, type DataOptions } from './data-options.ts';
import { reporting } from './report-failure.ts';

const DEFAULT_URL = 'http://127.0.0.1:8484';
const TOKEN_PLACEHOLDER = '<token>';

const titles: Readonly<Record<TelemetryAgent, string>> = {
  claude_code: 'Claude Code, in the environment or under "env" in ~/.claude/settings.json',
  codex: 'Codex',
  gemini_cli: 'Gemini CLI',
  copilot_cli: 'Copilot CLI',
  other: 'Any other agent or OpenTelemetry exporter',
};

interface SetupOptions extends DataOptions {
  readonly tablePrefix: string;
  readonly catalog: string;
  readonly schema: string;
  readonly schemaVersion: OtelSchemaVersion;
  readonly user?: string;
  readonly url: string;
  readonly print?: boolean;
  readonly agent: TelemetryAgent | 'all';
}

/** `otel`: what agents need to send their telemetry. */
export function otelCommand(program: Command): void {
  const command = program.command('otel').description('tables for the OpenTelemetry data of agents');
  withDataOptions(
    command
      .command('setup')
      .description('make the tables for metrics, logs and traces, and print the settings for agents')
      .requiredOption('--table-prefix <prefix>', 'the tables are <prefix>_otel_metrics, _otel_logs and _otel_spans')
      .option('--catalog <name>', 'catalog of the tables', 'main')
      .option('--schema <name>', 'schema of the tables', 'default')
      .addOption(
        new Option('--schema-version <version>', 'columns of the tables').choices([...schemaVersions]).default('v1'),
      )
      .option('--user <name>', 'who owns the tables; an admin when left out')
      .option('--url <url>', 'where agents reach the gateway', DEFAULT_URL)
      .addOption(
        new Option('--agent <name>', 'whose settings to print')
          .choices([...Object.keys(titles), 'all'])
          .default('claude_code'),
      )
      .option('--print', 'print the CREATE TABLE statements and change nothing'),
  ).action(reporting(setUp));
}

async function setUp(options: SetupOptions): Promise<void> {
  const plan: OtelTablePlan = {
    catalog: options.catalog,
    schema: options.schema,
    prefix: options.tablePrefix,
    version: options.schemaVersion,
    signals,
  };
  if (options.print)
    for (const signal of signals) console.log(`${ddlFor(signal, plan.version, otelTableName(plan, signal))};\n`);
  else await makeTables(plan, options);
  printSettings(plan, options.url.replace(/\/+$/, ''), options.agent);
}

async function makeTables(plan: OtelTablePlan, { config, data, user }: SetupOptions): Promise<void> {
  // Loaded here only, since it brings the lake's native code with it.
  const { openLocalServices } = await import('../processes/local-services.ts');
  const services = await openLocalServices({
    ...(config === undefined ? {} : { config }),
    ...(data === undefined ? {} : { data }),
    ...(user === undefined ? {} : { user }),
  });
  try {
    for (const { name, created } of await createOtelTables(services.catalog, plan, services.caller))
      console.log(`${created ? 'created' : 'exists '} ${name.join('.')}`);
    console.log('');
  } finally {
    await services.close();
  }
}

function printSettings(plan: OtelTablePlan, origin: string, chosen: TelemetryAgent | 'all'): void {
  const tables = Object.fromEntries(signals.map((signal) => [signal, otelTableName(plan, signal).join('.')])) as Record<
    Signal,
    string
  >;
  const settings = agentSettings({ origin, tables, token: TOKEN_PLACEHOLDER });
  const agents = chosen === 'all' ? (Object.keys(titles) as TelemetryAgent[]) : [chosen];
  for (const agent of agents) console.log(`# ${titles[agent]}\n${settingsText(settings[agent])}\n`);
  console.log(`${TOKEN_PLACEHOLDER} is what \`ucode-gateway token create\` prints.`);
  if (chosen === 'all') return;
  const others = Object.keys(titles).filter((agent) => agent !== chosen);
  console.log(`For other agents: --agent ${[...others, 'all'].join(' | ')}`);
}

function settingsText({ environment, file }: AgentSettings): string {
  const lines = Object.entries(environment).map(([name, value]) => `export ${name}=${shellQuoted(value)}`);
  if (file) lines.push(`# ${file.path}`, file.content);
  return lines.join('\n');
}

function shellQuoted(value: string): string {
  return /^[\w./:-]+$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`;
}
