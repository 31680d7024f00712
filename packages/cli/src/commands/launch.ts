import { setTimeout as sleep } from 'node:timers/promises';
import type { Agent, Endpoint } from '../agents/agent.ts';
import { userAgent } from '../agents/user-agent.ts';
import { applyEdits, type PlannedEdit } from '../files/apply-edits.ts';
import { endAs, runAgent } from '../platform/run-agent.ts';
import type { LoopbackProxy } from '../proxy/loopback-proxy.ts';
import { agentSetup, tokenCommand } from '../setup/agent-setup.ts';
import { choicesFor, type Choices } from '../setup/choices.ts';
import { ensureAgent } from './ensure-agent.ts';
import { linkPrivateHome } from '../setup/private-home.ts';
import { AgentDisabled } from '../setup/managed-config.ts';
import { spendWarning } from '../setup/spend-warning.ts';
import { telemetrySettings } from '../setup/telemetry-settings.ts';
import { CatalogueSource } from './catalogue-source.ts';
import type { Context } from './context.ts';
import { ensureSignedIn } from './ensure-signed-in.ts';
import { explainFailure } from './explain-failure.ts';

/** What stood before the agent's name. */
export interface LaunchOptions {
  readonly workspace?: string | undefined;
  readonly model?: string | undefined;
  /** Full name of a provider service that requests go to directly. */
  readonly provider?: string | undefined;
}

/** An agent that fails sooner than this, milliseconds, may have failed because of how it was started. */
const SUSPICIOUSLY_SOON_MS = 15_000;
/** How long the end of a short run waits for the catalogue that is being renewed, milliseconds. */
const LAST_WAIT_MS = 1_000;

/**
 * Starts an agent on the gateway and ends as it ends. What was set up before is used as it is, without asking the
 * gateway; what is missing is set up first. The catalogue is renewed while the agent runs.
 */
export async function launch(
  context: Context,
  agent: Agent,
  args: readonly string[],
  options: LaunchOptions,
): Promise<never> {
  const { environment, terminal } = context;
  const workspaceUrl = await ensureSignedIn(context, options.workspace);
  const source = new CatalogueSource(context, workspaceUrl);
  let catalogue = await source.read();
  const settings = (await context.settings.read()).workspaces[workspaceUrl] ?? {};
  let choices: Choices;
  try {
    choices = choicesFor(agent, catalogue, settings, options);
  } catch (error) {
    // Refused by what was published earlier: maybe not by what is published now.
    if (!(error instanceof AgentDisabled) || !source.isFromCache) throw error;
    catalogue = await source.renew();
    choices = choicesFor(agent, catalogue, settings, options);
  }
  const warning = spendWarning(catalogue);
  if (warning !== undefined) terminal.warn(warning);
  const binary = await ensureAgent(context, agent);
  const { models, wantedModel, provider, headers, tablePrefix } = choices;
  const needsProxy = agent.auth === 'proxy' || (tablePrefix !== undefined && agent.telemetry.auth === 'proxy');
  const proxy = needsProxy
    ? await startProxy(context, workspaceUrl, tablePrefix, userAgent(agent.id, { agentVersion: binary.version }))
    : undefined;
  const setup = agentSetup({
    agent,
    environment,
    workspaceUrl,
    models,
    wantedModel,
    endpoint:
      proxy !== undefined && agent.auth === 'proxy'
        ? { origin: proxy.origin, auth: { kind: 'proxy', secret: proxy.secret } }
        : helper(workspaceUrl),
    agentVersion: binary.version,
    telemetry: telemetrySettings(agent, workspaceUrl, tablePrefix, proxy),
    headers,
  });
  if (setup.model === undefined && provider === undefined && agent.apiTypes.length > 0) {
    throw new Error(
      `${workspaceUrl} offers you no model that ${agent.displayName} can use. Ask an admin for EXECUTE on one.`,
    );
  }
  const files = agent.privateFiles(setup);
  announce(terminal, agent, await applyEdits(files, agent.id, context.journal));
  const privateHome = agent.privateHome?.(environment);
  if (privateHome !== undefined) await linkPrivateHome(privateHome, files);
  const { args: allArgs, env } = agent.launch(setup, args);
  const startedAt = Date.now();
  const running = runAgent({ program: binary.program, args: allArgs, env }, environment);
  const renewed = source.renewInBackground();
  const ended = await running;
  await proxy?.close();
  if (proxy?.telemetryProblem !== undefined) {
    terminal.warn(`Telemetry did not arrive: ${proxy.telemetryProblem}`);
    terminal.note('To send none: ucode configure telemetry --disable');
  }
  await Promise.race([renewed, sleep(LAST_WAIT_MS, undefined, { ref: false })]);
  if (ended.code !== 0 && ended.signal === null && Date.now() - startedAt < SUSPICIOUSLY_SOON_MS) {
    await explainFailure(context, agent, workspaceUrl);
  }
  endAs(ended);
}

/** Every file that is new is told, once; later launches say nothing. */
function announce(terminal: Context['terminal'], agent: Agent, changed: readonly PlannedEdit[]): void {
  const made = changed.filter(({ before }) => before === undefined).map(({ edit }) => edit.path);
  if (made.length > 0)
    terminal.done(`${agent.displayName} is set up in ${made.join(' and ')} (ucode revert takes it back)`);
}

function helper(workspaceUrl: string): Endpoint {
  return { origin: workspaceUrl, auth: { kind: 'helper', tokenCommand: tokenCommand(workspaceUrl) } };
}

async function startProxy(
  context: Context,
  workspaceUrl: string,
  tablePrefix: string | undefined,
  userAgent: string,
): Promise<LoopbackProxy> {
  const { LoopbackProxy: Proxy } = await import('../proxy/loopback-proxy.ts');
  return Proxy.start({
    workspaceUrl,
    tablePrefix,
    userAgent,
    tokens: await context.tokens(workspaceUrl),
    transport: context.transport,
    onProblem: (problem) => context.terminal.debug(problem),
  });
}
