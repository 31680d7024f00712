import type { Agent } from '../agents/agent.ts';
import { agentSetup, modelsFor, tokenCommand } from '../setup/agent-setup.ts';
import type { Catalogue } from '../setup/catalogue-cache.ts';
import { askVersion, findProgram } from '../setup/find-agent.ts';
import { managedFor } from '../setup/managed-config.ts';
import { planAgent, type AgentPlan } from '../setup/plan-configuration.ts';
import { tablePrefixFor, telemetrySettings } from '../setup/telemetry-settings.ts';
import type { Context } from './context.ts';
import { ensureAgent } from './ensure-agent.ts';

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
  if (modelsFor(agent, catalogue.models).length === 0 && agent.apiTypes.length > 0) {
    throw new Error('the gateway offers you no model that it can use. Ask an admin for EXECUTE on one.');
  }
  const managed = managedFor(agent, catalogue);
  const settings = (await context.settings.read()).workspaces[workspaceUrl] ?? {};
  const binary = install ? await ensureAgent(context, agent) : await lookUp(agent, environment);
  const provider = settings.providers?.[agent.id] ?? managed.provider;
  const setup = agentSetup({
    agent,
    environment,
    workspaceUrl,
    models: catalogue.models,
    wantedModel: managed.model ?? settings.models?.[agent.id],
    endpoint: { origin: workspaceUrl, auth: { kind: 'helper', tokenCommand: tokenCommand(workspaceUrl) } },
    agentVersion: binary?.version,
    telemetry: telemetrySettings(agent, workspaceUrl, tablePrefixFor(agent, settings, managed)),
    headers: {
      ...managed.headers,
      ...(provider === undefined ? {} : { 'Databricks-Model-Provider-Service': provider }),
    },
  });
  return planAgent(agent, setup, global);
}

async function lookUp(
  agent: Agent,
  environment: Context['environment'],
): Promise<{ version: string | undefined } | undefined> {
  const program = await findProgram(agent, environment);
  return program === undefined ? undefined : { version: await askVersion(program, agent, environment) };
}
