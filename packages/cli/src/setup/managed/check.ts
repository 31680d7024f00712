import type { Agent } from '../../agents/agent.ts';
import { asObject, asText } from '../../lib/json-object.ts';
import { modelsFor } from '../agent-setup.ts';
import type { OfferedModel } from '../../workspace/models.ts';
import { agentOfWireName, enabledAgents, modelConfigOf, modelsOf, spendTiers, type Definition } from './definition.ts';

/** A budget that spend tiers can be measured by (workspace-contract 7.4). */
export interface TierBudget {
  readonly id: string;
  readonly name: string;
  /** Dollars per user and period, as decimal text. */
  readonly threshold: string;
}

export interface CheckOptions {
  readonly agents: readonly Agent[];
  /** Models that the admin may use. */
  readonly models: readonly OfferedModel[];
  readonly budgets: readonly TierBudget[];
}

/**
 * What is wrong with a definition, each with its place, before it is published: the rules that the gateway has as well,
 * and whether models and budgets that it names are there.
 */
export function problemsOf(definition: Definition, options: CheckOptions): string[] {
  const problems: string[] = [];
  const enabled = enabledAgents(definition) ?? [];
  if (enabled.length === 0) problems.push("'enabled_agents': at least one agent is needed");
  for (const { agent: name, config } of enabled) {
    const agent = options.agents.find(({ id }) => id === agentOfWireName(name));
    if (agent === undefined) {
      problems.push(`'enabled_agents': there is no agent '${name}'`);
      continue;
    }
    const modelConfig = modelConfigOf(config, agent.id);
    // With a provider service, models are the provider's own.
    if (asText(modelConfig['model_provider_service']) !== undefined) continue;
    const named = [asText(modelConfig['default_model']), ...(modelsOf(modelConfig) ?? [])];
    for (const model of new Set(named.filter((id) => id !== undefined))) {
      problems.push(...modelProblems(`${agent.displayName}`, model, agent, options.models));
    }
  }
  problems.push(...defaultProblems(definition), ...tierProblems(definition, options));
  return problems;
}

function modelProblems(place: string, model: string, agent: Agent, models: readonly OfferedModel[]): string[] {
  if (models.every(({ id }) => id !== model)) return [`${place}: there is no model '${model}'`];
  if (modelsFor(agent, models).every(({ id }) => id !== model))
    return [`${place}: ${agent.displayName} cannot speak to '${model}'`];
  return [];
}

function defaultProblems(definition: Definition): string[] {
  const name = asText(definition['default_agent']);
  if (name === undefined) return ["'default_agent' is needed"];
  const entry = enabledAgents(definition)?.find(({ agent }) => agent === name);
  const id = agentOfWireName(name);
  if (entry === undefined || id === undefined) return [`'default_agent': ${id ?? name} is not enabled`];
  if (asText(modelConfigOf(entry.config, id)['default_model']) === undefined)
    return [`'default_agent': ${id} needs a default model`];
  return [];
}

function tierProblems(definition: Definition, { agents, models, budgets }: CheckOptions): string[] {
  const policy = asObject(definition['budget_policy']);
  if (policy === undefined) return [];
  const problems: string[] = [];
  const budgetId = asText(policy['budget_id']);
  if (budgets.every(({ id }) => id !== budgetId)) {
    problems.push(
      `'budget_policy.budget_id': there is no budget '${budgetId ?? ''}' that blocks each user at a threshold`,
    );
  }
  const enabled = enabledAgents(definition) ?? [];
  const seen = new Set<number>();
  const pairs = new Set<string>();
  for (const [at, { percentage, agent: name, model }] of spendTiers(definition).entries()) {
    const place = `'budget_policy.tiers[${at}]'`;
    if (!(percentage >= 0 && percentage <= 1)) problems.push(`${place}: the percentage must be from 0 to 100`);
    if (seen.has(percentage)) problems.push(`${place}: the percentage is there twice`);
    seen.add(percentage);
    if (pairs.has(`${name} ${model}`)) problems.push(`${place}: another tier has this agent and model already`);
    pairs.add(`${name} ${model}`);
    const agent = agents.find(({ id }) => id === agentOfWireName(name));
    if (agent === undefined || enabled.every((one) => one.agent !== name))
      problems.push(`${place}: ${name} is not enabled`);
    else problems.push(...modelProblems(place, model, agent, models));
  }
  return problems;
}
