import type { Agent } from '../agents/agent.ts';
import { agentSetup, modelsFor, tokenCommand } from '../setup/agent-setup.ts';
import type { Catalogue } from '../setup/catalogue-cache.ts';
import { askVersion, findProgram } from '../setup/find-agent.ts';
import { choicesFor } from '../setup/choices.ts';
import { planAgent, type AgentPlan } from '../setup/plan-configuration.ts';
import { telemetrySettings } from '../setup/telemetry-settings.ts';
import type { Context } from './context.ts';
import { ensureAgent } from './ensure-agent.ts';

/** Stands in a plan for a token that is made when it is carried out. */
const TOKEN_TO_COME = '(a new personal access token)';

export interface PlanOptions {
  /** The agent's own files, for starts without `ucode`, instead of the private profile. */
  readonly global: boolean;
  /** Whether an agent that is missing may be installed. */
  readonly install: boolean;
}

/** What the files of an agent should say, by settings and catalogue. @throws Error that says why there is nothing to write. */
export async function planFor(
  context: Context,
  agent: Agent,
  workspaceUrl: string,
  catalogue: Catalogue,
  { global, install }: PlanOptions,
): Promise<AgentPlan> {
  const { environment } = context;
  const settings = (await context.settings.read()).workspaces[workspaceUrl] ?? {};
  const choices = choicesFor(agent, catalogue, settings);
  if (choices.provider === undefined && agent.apiTypes.length > 0 && modelsFor(agent, choices.models).length === 0) {
    throw new Error('the gateway offers you no model that it can use. Ask an admin for EXECUTE on one.');
  }
  const binary = install ? await ensureAgent(context, agent) : await lookUp(agent, environment);
  const { models, wantedModel, headers, tablePrefix } = choices;
  const setup = agentSetup({
    agent,
    environment,
    workspaceUrl,
    models,
    wantedModel,
    endpoint: {
      origin: workspaceUrl,
      auth:
        global && agent.globalAuth === 'token'
          ? { kind: 'token', token: TOKEN_TO_COME }
          : { kind: 'helper', tokenCommand: tokenCommand(workspaceUrl) },
    },
    agentVersion: binary?.version,
    telemetry: telemetrySettings(agent, workspaceUrl, tablePrefix),
    headers,
  });
  return planAgent(agent, setup, global, context.journal);
}

async function lookUp(
  agent: Agent,
  environment: Context['environment'],
): Promise<{ version: string | undefined } | undefined> {
  const program = await findProgram(agent, environment);
  return program === undefined ? undefined : { version: await askVersion(program, agent, environment) };
}
