import type { Command } from 'commander';
import type { Agent } from '../agents/agent.ts';
import { loadAgents } from '../agents/registry.ts';
import { printable } from '../lib/printable.ts';
import type { Catalogue } from '../setup/catalogue-cache.ts';
import { managedFor } from '../setup/managed-config.ts';
import type { WorkspaceSettings } from '../setup/settings.ts';
import { tablePrefixFor } from '../setup/telemetry-settings.ts';
import { UsageError } from '../terminal/terminal.ts';
import { createOtelTables, type OtelTable } from '../workspace/create-otel-tables.ts';
import { isTablePrefix, otelTable, type Signal } from '../workspace/otel.ts';
import { agentList } from './agent-list.ts';
import { CatalogueSource } from './catalogue-source.ts';
import type { Context } from './context.ts';
import { ensureSignedIn } from './ensure-signed-in.ts';
import { rewriteTelemetry } from './rewrite-telemetry.ts';

interface TelemetryOptions {
  readonly tablePrefix?: string;
  readonly disable?: boolean;
  readonly agents?: string;
  readonly workspace?: string;
  readonly json?: boolean;
}

/** What an agent exports from its next start on. */
interface AgentTelemetry {
  readonly id: string;
  readonly name: string;
  readonly tables: Readonly<Partial<Record<Signal, string>>>;
  /** Whether it does so when it is started without `ucode`, too, after `ucode configure --global`. */
  readonly withoutUcode: boolean;
}

/** `configure telemetry`: makes the tables for the agents' own telemetry, and has agents export into them. */
export function configureTelemetryCommand(configure: Command, context: Context): void {
  configure
    .command('telemetry')
    .description("have agents export their OpenTelemetry metrics, logs and spans into the gateway's tables")
    .option('--table-prefix <name>', 'catalog.schema.prefix of the tables; default: main.default and your name')
    .option('--disable', 'stop it, and take it out of every file')
    .option('--agents <names>', 'only these, separated by commas')
    .option('--workspace <url>', 'another workspace than the one in use')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  ucode configure telemetry\n  ucode configure telemetry --table-prefix main.team.agents --agents claude,codex\n  ucode configure telemetry --disable\n',
    )
    .action((options: TelemetryOptions) => (options.disable ? disable(context, options) : enable(context, options)));
}

async function enable(context: Context, options: TelemetryOptions): Promise<void> {
  const agents = options.agents === undefined ? undefined : await exporters(agentList(options.agents));
  if (options.tablePrefix !== undefined && !isTablePrefix(options.tablePrefix))
    throw new UsageError(
      `--table-prefix ${printable(options.tablePrefix)} is not catalog.schema.prefix, such as main.default.agents: letters, digits and _, and - before the last dot.`,
    );
  const workspaceUrl = await ensureSignedIn(context, options.workspace);
  const catalogue = await new CatalogueSource(context, workspaceUrl).read();
  const known = (await context.settings.read()).workspaces[workspaceUrl];
  const published = (await exporters(undefined)).map((agent) => managedOf(agent, catalogue).tablePrefix);
  const tablePrefix =
    options.tablePrefix ??
    known?.telemetry?.tablePrefix ??
    published.find(Boolean) ??
    defaultPrefix(known?.userName ?? catalogue.userName);
  const tables = await createOtelTables(await context.client(workspaceUrl), tablePrefix);
  const telemetry = { tablePrefix, ...(agents && { agents: agents.map(({ id }) => id) }) };
  await context.settings.changeWorkspace(workspaceUrl, (settings) => ({ ...settings, telemetry }));
  await rewriteTelemetry(context, workspaceUrl, catalogue);
  await report(context, workspaceUrl, catalogue, tables, options);
}

async function disable(context: Context, options: TelemetryOptions): Promise<void> {
  if (options.tablePrefix !== undefined) throw new UsageError('Give --table-prefix or --disable, not both.');
  const stopped = await exporters(options.agents === undefined ? undefined : agentList(options.agents));
  const workspaceUrl = await ensureSignedIn(context, options.workspace);
  const all = (await exporters(undefined)).map(({ id }) => id as string);
  await context.settings.changeWorkspace(workspaceUrl, ({ telemetry, ...settings }) => {
    const left = (telemetry?.agents ?? all).filter((id) => !stopped.some((agent) => agent.id === id));
    return telemetry === undefined || left.length === 0
      ? settings
      : { ...settings, telemetry: { ...telemetry, agents: left } };
  });
  const catalogue = await new CatalogueSource(context, workspaceUrl).read();
  await rewriteTelemetry(context, workspaceUrl, catalogue);
  await report(context, workspaceUrl, catalogue, [], options);
}

/** The agents that can export, of those that are named. @throws UsageError where one of these cannot. */
async function exporters(ids: ReturnType<typeof agentList> | undefined): Promise<Agent[]> {
  const agents = await loadAgents(ids);
  const able = agents.filter(({ telemetry }) => telemetry.auth !== 'none');
  const unable = agents.find((agent) => !able.includes(agent));
  if (ids !== undefined && unable !== undefined)
    throw new UsageError(`${unable.displayName} exports no telemetry, so there is nothing to set up for it.`);
  return able;
}

/** Tables belong to who makes them, so everybody has their own: `main.default.ada_example_com`. */
function defaultPrefix(userName: string): string {
  return `main.default.${userName
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .slice(0, 100)}`;
}

async function report(
  { terminal, settings }: Context,
  workspaceUrl: string,
  catalogue: Catalogue,
  made: readonly OtelTable[],
  options: TelemetryOptions,
): Promise<void> {
  const own = (await settings.read()).workspaces[workspaceUrl] ?? {};
  const agents = (await loadAgents()).map((agent) => telemetryOf(agent, own, catalogue));
  const exporting = agents.filter(({ tables }) => Object.keys(tables).length > 0);
  if (options.json) {
    const answer = { workspace: workspaceUrl, tablePrefix: own.telemetry?.tablePrefix ?? null, tables: made, agents };
    return terminal.data(JSON.stringify(answer, undefined, 2));
  }
  for (const { name, created } of made) terminal.done(`${name} ${created === true ? 'was made' : 'is there'}`);
  if (exporting.length === 0) return terminal.done('No agent exports telemetry to this gateway');
  terminal.table(
    agents.map(({ name, tables, withoutUcode }) => ({
      agent: name,
      exports: Object.keys(tables).join(', ') || 'nothing',
      'started without ucode': withoutUcode ? 'too, after: ucode configure --global' : 'nothing',
    })),
    ['agent', 'exports', 'started without ucode'],
  );
  if (options.disable && own.telemetry === undefined)
    terminal.warn('The admins of this gateway have published where telemetry goes: it goes on.');
}

function telemetryOf(agent: Agent, own: WorkspaceSettings, catalogue: Catalogue): AgentTelemetry {
  const prefix = tablePrefixFor(agent, own, managedOf(agent, catalogue));
  const signals = prefix === undefined ? [] : agent.telemetry.signals;
  return {
    id: agent.id,
    name: agent.displayName,
    tables: Object.fromEntries(signals.map((signal) => [signal, otelTable(prefix ?? '', signal)])),
    withoutUcode: prefix !== undefined && agent.telemetry.auth === 'helper',
  };
}

/** An agent that admins have not enabled is not started at all. */
function managedOf(agent: Agent, catalogue: Catalogue): { readonly tablePrefix: string | undefined } {
  try {
    return managedFor(agent, catalogue);
  } catch {
    return { tablePrefix: undefined };
  }
}
