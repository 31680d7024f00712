import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Agent, AgentSetup, Endpoint } from '../agents/agent.ts';
import type { Environment } from '../platform/environment.ts';
import type { OfferedModel } from '../workspace/models.ts';
import { byVersion } from '../workspace/read-models.ts';

export interface AgentSetupOptions {
  readonly agent: Agent;
  readonly environment: Environment;
  readonly workspaceUrl: string;
  readonly models: readonly OfferedModel[];
  /** What was asked for by flag, settings or managed configuration, in this order. */
  readonly wantedModel: string | undefined;
  readonly endpoint: Endpoint;
  readonly agentVersion: string | undefined;
  readonly telemetry: AgentSetup['telemetry'];
  readonly headers: Readonly<Record<string, string>>;
}

/** Puts together what an agent's settings are made of. */
export function agentSetup(options: AgentSetupOptions): AgentSetup {
  const { agent, wantedModel, models, ...rest } = options;
  const fitting = modelsFor(agent, models);
  return { ...rest, models: fitting, model: wantedModel ?? agent.defaultModel(fitting)?.id };
}

/** Models that an agent can speak to: those of its preferred API first, newest first. */
export function modelsFor(agent: Agent, models: readonly OfferedModel[]): OfferedModel[] {
  const preference = (model: OfferedModel): number => agent.apiTypes.findIndex((type) => model.apiTypes.includes(type));
  return models
    .filter((model) => preference(model) >= 0)
    .toSorted((left, right) => preference(left) - preference(right) || byVersion(left, right));
}

/** The command that prints a token for a workspace: this Node and a script of ours, both by their full paths. */
export function tokenCommand(workspaceUrl: string): readonly string[] {
  const script = path.join(path.dirname(fileURLToPath(import.meta.url)), 'auth-token.js');
  return [process.execPath, script, '--host', workspaceUrl];
}
