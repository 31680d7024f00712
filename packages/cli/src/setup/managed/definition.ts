import type { AgentId } from '../../agents/agent.ts';
import { asObject, asText } from '../../lib/json-object.ts';

/**
 * What admins say of the coding agents of a workspace, as the gateway sends and takes it (workspace-contract 7.1). Fields
 * that we do not know are kept as they are, so that nothing of a newer client is lost.
 */
export type Definition = Readonly<Record<string, unknown>>;

/** Fields that can be published, in the order of the update mask that the contract names (7.2). */
export const publishedFields = [
  'display_name',
  'default_agent',
  'enabled_agents',
  'mcp_servers',
  'skills',
  'tracing',
  'budget_policy',
] as const;

/** How the gateway calls the agents it knows; Cursor is not among them. */
export const wireNames: Readonly<Partial<Record<AgentId, string>>> = {
  claude: 'CODING_AGENT_CLAUDE_CODE',
  codex: 'CODING_AGENT_CODEX',
  gemini: 'CODING_AGENT_GEMINI',
  copilot: 'CODING_AGENT_COPILOT',
  pi: 'CODING_AGENT_PI',
  opencode: 'CODING_AGENT_OPENCODE',
};

/** The agent of a name on the wire, or `undefined`. */
export function agentOfWireName(name: unknown): AgentId | undefined {
  return (Object.keys(wireNames) as AgentId[]).find((id) => wireNames[id] === name);
}

/** What is said of one agent. */
export interface EnabledAgent {
  readonly agent: string;
  /** The `config` of the entry; empty where it has none. */
  readonly config: Readonly<Record<string, unknown>>;
}

/** The agents that are enabled. `undefined`: nothing is said, so all of them are. */
export function enabledAgents(definition: Definition): readonly EnabledAgent[] | undefined {
  const entries = listOf(definition['enabled_agents']);
  if (entries.length === 0) return undefined;
  return entries.map((entry) => ({ agent: asText(entry['agent']) ?? '', config: asObject(entry['config']) ?? {} }));
}

/** The model settings of an agent in its `config`. */
export function modelConfigOf(config: Readonly<Record<string, unknown>>, id: AgentId): Record<string, unknown> {
  return asObject(asObject(config['model_config'])?.[id]) ?? {};
}

/** Ids of the models that an agent's settings name; `undefined` where they name none. */
export function modelsOf(modelConfig: Readonly<Record<string, unknown>>): readonly string[] | undefined {
  const { models } = modelConfig;
  const named: readonly unknown[] = Array.isArray(models) ? models : Object.values(asObject(models) ?? {});
  const ids = named.map(asText).filter((id) => id !== undefined);
  return ids.length === 0 ? undefined : ids;
}

/** One step of what may be used at which spend. */
export interface SpendTier {
  /** Share of the budget from which it holds, 0 to 1. */
  readonly percentage: number;
  readonly agent: string;
  readonly model: string;
}

/** The tiers of a definition, as they stand there. */
export function spendTiers(definition: Definition): readonly SpendTier[] {
  return listOf(asObject(definition['budget_policy'])?.['tiers']).map((tier) => ({
    percentage: Number(tier['spending_percentage']),
    agent: asText(tier['default_agent']) ?? '',
    model: asText(tier['default_model']) ?? '',
  }));
}

/** A list's objects; empty for everything that is no list. */
export function listOf(value: unknown): Record<string, unknown>[] {
  const entries: readonly unknown[] = Array.isArray(value) ? value : [];
  return entries.map(asObject).filter((entry) => entry !== undefined);
}

/** Only what can be published: without the fields that the gateway says (`name`, `etag`, times). */
export function publishable(definition: Definition): Definition {
  return Object.fromEntries(
    publishedFields.flatMap((field) => {
      const value = definition[field];
      return value === undefined || value === null ? [] : [[field, value]];
    }),
  );
}
