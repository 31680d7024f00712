import path from 'node:path';
import type { Command } from 'commander';
import type { Agent, AgentId, AgentSetup } from '../agents/agent.ts';
import { agentNames } from '../agents/names.ts';
import { loadAgents } from '../agents/registry.ts';
import { unifiedDiff } from '../files/diff-text.ts';
import { applyEdits } from '../files/apply-edits.ts';
import { withoutTokens } from '../lib/without-secrets.ts';
import { modelsFor } from '../setup/agent-setup.ts';
import { CatalogueCache, type Catalogue } from '../setup/catalogue-cache.ts';
import { findProgram } from '../setup/find-agent.ts';
import { isEnabled } from '../setup/managed-config.ts';
import type { AgentPlan } from '../setup/plan-configuration.ts';
import { readCatalogue } from '../setup/read-catalogue.ts';
import { Cancelled } from '../terminal/console-terminal.ts';
import { exitCodes, UsageError } from '../terminal/terminal.ts';
import { shellAssignment } from '../platform/shell-assignment.ts';
import { agentList } from './agent-list.ts';
import { DEFAULT_LIFETIME, lifetimeSeconds, withAgentToken } from './agent-tokens.ts';
import type { Context } from './context.ts';
import { chooseWorkspaces } from './choose-workspaces.ts';
import { configureCursorIdeCommand } from './configure-cursor-ide.ts';
import { configureTelemetryCommand } from './configure-telemetry.ts';
import { addOriginalOptions } from './original-options.ts';
import { planFor } from './plan-for.ts';
import { verifyAgent } from './verify-agent.ts';

interface ConfigureOptions {
  readonly agent?: string;
  readonly agents?: string;
  readonly workspaces?: string;
  readonly profiles?: string;
  readonly usePat?: boolean;
  readonly skipValidate?: boolean;
  readonly skipUnavailable?: boolean;
  readonly dryRun?: boolean;
  readonly global?: boolean;
  readonly tokenLifetime: string;
}

/** `configure`: signs in, writes the agents' settings, and tries each with a real prompt. */
export function configureCommand(program: Command, context: Context): void {
  const command = program
    .command('configure')
    .enablePositionalOptions()
    .description('sign in, set up agents, and try each with a real prompt')
    .option('--agent <name>', 'one agent')
    .option('--agents <names>', `agents, separated by commas: ${agentNames.join(', ')}`)
    .option('--workspaces <urls>', 'workspaces to sign in to, separated by commas; the first is used from then on')
    .option('--profiles <names>', 'profiles of ~/.databrickscfg, separated by commas')
    .option('--use-pat', "use the profiles' personal access tokens; needs --profiles")
    .option('--skip-validate', 'do not try the agents')
    .option('--skip-unavailable', 'pass over agents that cannot be set up; needs --agents')
    .option('--global', "write the agents' own files, for starts without ucode")
    .option(
      '--token-lifetime <time>',
      'with --global: how long the personal access token lasts that is made for agents without a token command',
      DEFAULT_LIFETIME,
    )
    .option('--dry-run', 'show what would be written, and write nothing')
    .addHelpText(
      'after',
      '\nExamples:\n  ucode configure\n  ucode configure --agents codex,claude --workspaces https://gateway.example.com\n  ucode configure --agents claude --global --dry-run\n',
    )
    .action((options: ConfigureOptions) => configure(context, options));
  addOriginalOptions(command);
  configureTelemetryCommand(command, context);
  configureCursorIdeCommand(command, context);
}

async function configure(context: Context, options: ConfigureOptions): Promise<void> {
  const wanted = namedAgents(options);
  const lifetime = lifetimeSeconds(options.tokenLifetime);
  const workspaceUrl = await chooseWorkspaces(context, options);
  const catalogue = await readCatalogue(await context.client(workspaceUrl));
  const agents = await chooseAgents(context, wanted, catalogue);
  // One after the other: each may ask whether to install something, and do it.
  const plans: Outcome<AgentPlan>[] = [];
  const how = { global: options.global ?? false, install: !options.dryRun };
  for (const agent of agents) plans.push(await settle(() => planFor(context, agent, workspaceUrl, catalogue, how)));
  if (options.dryRun) return showPlans(context, plans);
  await new CatalogueCache(path.join(context.environment.ucodeHome, 'cache')).write(workspaceUrl, catalogue);
  const failures: string[] = [];
  const written: AgentPlan[] = [];
  for (const [index, plan] of plans.entries()) {
    const name = agents[index]?.displayName ?? '';
    const outcome = 'error' in plan ? plan : await settle(() => write(context, plan.value, workspaceUrl, lifetime));
    if ('error' in outcome) failures.push(`${name}: ${outcome.error.message}`);
    else written.push(outcome.value);
  }
  if (!options.skipValidate) failures.push(...(await verifyAll(context, written, workspaceUrl)));
  for (const failure of failures) {
    if (options.skipUnavailable) context.terminal.warn(failure);
    else context.terminal.fail(failure);
  }
  const done = written.filter(({ agent }) => !failures.some((failure) => failure.startsWith(`${agent.displayName}:`)));
  await context.settings.change((settings) => ({
    ...settings,
    agents: [...new Set([...(settings.agents ?? []), ...done.map(({ agent }) => agent.id)])],
  }));
  if (done.length === 0 || (failures.length > 0 && !options.skipUnavailable)) context.exitCode = exitCodes.failed;
}

function namedAgents({
  agent,
  agents,
  skipUnavailable,
  usePat,
  profiles,
  workspaces,
}: ConfigureOptions): AgentId[] | undefined {
  if (agent !== undefined && agents !== undefined) throw new UsageError('Give --agent or --agents, not both.');
  if (workspaces !== undefined && profiles !== undefined)
    throw new UsageError('Give --workspaces or --profiles, not both.');
  if (usePat && profiles === undefined) throw new UsageError('--use-pat needs --profiles.');
  if (skipUnavailable && agents === undefined) throw new UsageError('--skip-unavailable needs --agents.');
  const names = agent ?? agents;
  return names === undefined ? undefined : agentList(names);
}

/** Those that were named, else those that somebody picks, else every installed one that has a model. */
async function chooseAgents(context: Context, wanted: AgentId[] | undefined, catalogue: Catalogue): Promise<Agent[]> {
  if (wanted !== undefined) return loadAgents([...new Set(wanted)]);
  const all = (await loadAgents()).filter(
    (agent) => isEnabled(agent, catalogue) && modelsFor(agent, catalogue.models).length > 0,
  );
  const found = await Promise.all(all.map((agent) => findProgram(agent, context.environment)));
  const choices = all.map((agent, index) => ({
    value: agent,
    label: found[index] === undefined ? `${agent.displayName} (not installed)` : agent.displayName,
    selected: found[index] !== undefined,
  }));
  if (choices.length === 0)
    throw new Error('The gateway offers you no model that any agent can use. Ask an admin for EXECUTE on one.');
  if (!context.terminal.interactive) {
    const installed = choices.filter(({ selected }) => selected).map(({ value }) => value);
    if (installed.length === 0)
      throw new Error('No agent is installed. Install one, for example: npm install -g @openai/codex');
    return installed;
  }
  return context.terminal.chooseSeveral('Which agents?', choices, { flag: '--agents' });
}

/** @returns the plan as it was carried out: with the token that was made for it. */
async function write(context: Context, plan: AgentPlan, workspaceUrl: string, lifetime: number): Promise<AgentPlan> {
  const { agent, setup } = plan;
  if (setup.endpoint.auth.kind !== 'token') {
    await apply(context, plan);
    const variables = plan.global ? agent.globalVariables?.(setup) : undefined;
    if (variables !== undefined) showVariables(context, agent, variables);
    return plan;
  }
  return withAgentToken(context, agent, workspaceUrl, lifetime, async ({ value, expiresAt }) => {
    const withToken: AgentSetup = { ...setup, endpoint: { ...setup.endpoint, auth: { kind: 'token', token: value } } };
    const edits = agent.globalFiles(withToken);
    await apply(context, { ...plan, edits });
    const until = expiresAt === undefined ? '' : ` until ${new Date(expiresAt).toISOString().slice(0, 10)}`;
    context.terminal.note(
      `    It cannot run a command for its token, so a personal access token was made for it, valid${until}. It is in\n` +
        '    that file alone, which only you can read; ucode revert takes it away, at the gateway too.',
    );
    return { ...plan, setup: withToken, edits };
  });
}

function showVariables(
  { terminal, environment }: Context,
  agent: Agent,
  variables: Readonly<Record<string, string>>,
): void {
  terminal.note(
    `    ${agent.displayName} reads these settings from variables alone, so no file was written. For your shell:`,
  );
  for (const [name, value] of Object.entries(variables)) terminal.data(shellAssignment(name, value, environment));
}

async function apply({ journal, terminal }: Context, { agent, setup, edits }: AgentPlan): Promise<void> {
  const changed = await applyEdits(edits, agent.id, journal);
  const model = setup.model === undefined ? '' : `, model ${setup.model}`;
  terminal.done(`${agent.displayName} is set up${model}`);
  for (const { edit } of changed) terminal.note(`    ${edit.path}`);
}

async function verifyAll(context: Context, plans: readonly AgentPlan[], workspaceUrl: string): Promise<string[]> {
  const outcomes = await Promise.all(
    plans
      .filter(({ agent }) => agent.apiTypes.length > 0)
      .map(async (plan) => {
        const { agent } = plan;
        const outcome = await settle(() => verifyAgent(context, plan, workspaceUrl));
        if ('error' in outcome) return [`${agent.displayName}: ${outcome.error.message}`];
        context.terminal.done(`${agent.displayName} has answered a prompt`);
        return [];
      }),
  );
  return outcomes.flat();
}

function showPlans(context: Context, plans: readonly Outcome<AgentPlan>[]): void {
  const { terminal } = context;
  for (const outcome of plans) {
    if ('error' in outcome) {
      terminal.fail(outcome.error.message);
      context.exitCode = exitCodes.failed;
      continue;
    }
    const { agent, setup, global, planned } = outcome.value;
    const variables = global ? agent.globalVariables?.(setup) : undefined;
    if (variables !== undefined) showVariables(context, agent, variables);
    else if (planned.length === 0) terminal.note(`${agent.displayName}: nothing would change.`);
    for (const { edit, before, after } of planned) terminal.data(withoutTokens(unifiedDiff(edit.path, before, after)));
  }
}

type Outcome<T> = { readonly value: T } | { readonly error: Error };

async function settle<T>(work: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { value: await work() };
  } catch (error) {
    if (error instanceof UsageError || error instanceof Cancelled) throw error;
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }
}
