import { agentNamed } from '../../agents/names.ts';
import type { AgentId } from '../../agents/agent.ts';
import { asObject, asText } from '../../lib/json-object.ts';
import { familyOf } from '../../workspace/read-models.ts';
import { agentOfWireName, wireNames, type Definition } from './definition.ts';

/** A definition in a file that cannot be understood. */
export class DefinitionUnreadable extends Error {
  override readonly name = 'DefinitionUnreadable';
}

/** Names of MCP servers' types in the original's own files, and on the wire. */
const MCP_TYPES: Readonly<Record<string, string>> = {
  'mcp-service': 'MCP_SERVER_TYPE_UC_SERVICE',
  external: 'MCP_SERVER_TYPE_EXTERNAL',
  'genie-space': 'MCP_SERVER_TYPE_GENIE',
  'vector-search': 'MCP_SERVER_TYPE_VECTOR_SEARCH',
  'uc-functions': 'MCP_SERVER_TYPE_UC_FUNCTIONS',
  app: 'MCP_SERVER_TYPE_DATABRICKS_APP',
  sql: 'MCP_SERVER_TYPE_DATABRICKS_SQL',
};

const KNOWN = new Set([
  'display_name',
  'default_agent',
  'enabled_agents',
  'mcp_servers',
  'skills',
  'tracing',
  'tracing_table',
  'budget_policy',
  // What the gateway says itself: so that what it sent can be given back.
  'name',
  'workspace_id',
  'etag',
  'create_time',
  'created_by',
  'update_time',
  'updated_by',
  'spec_version',
  'smart_defaults',
]);

/**
 * A definition from JSON, in the gateway's shape or in the shorter one of the original's `setup --from-file`
 * (ucode-cli 10): agents by name, `tracing_table`, short types of MCP servers.
 * @throws DefinitionUnreadable naming the place.
 */
export function definitionFromJson(text: string): Definition {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch (error) {
    throw new DefinitionUnreadable(`it is not JSON (${error instanceof Error ? error.message : 'unknown'})`);
  }
  const file = asObject(given);
  if (file === undefined) throw new DefinitionUnreadable('it is not a JSON object');
  const unknown = Object.keys(file).find((key) => !KNOWN.has(key));
  if (unknown !== undefined) throw new DefinitionUnreadable(`'${unknown}' is not known`);
  const table = file['tracing_table'];
  const fields: Record<string, unknown> = {
    ...file,
    default_agent: file['default_agent'] === undefined ? undefined : wireName(file['default_agent'], 'default_agent'),
    enabled_agents: file['enabled_agents'] && readAgents(file['enabled_agents']),
    mcp_servers: file['mcp_servers'] && readServers(file['mcp_servers']),
    budget_policy: file['budget_policy'] && readPolicy(file['budget_policy']),
    tracing: table === undefined ? file['tracing'] : { table: needText(table, 'tracing_table') },
  };
  delete fields['tracing_table'];
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function readAgents(value: unknown): unknown[] {
  const entries: readonly (readonly [place: string, name: unknown, config: unknown])[] = Array.isArray(value)
    ? value.map((entry: unknown, at) => [
        `enabled_agents[${at}]`,
        asObject(entry)?.['agent'],
        asObject(entry)?.['config'],
      ])
    : Object.entries(needObject(value, 'enabled_agents')).map(([name, config]) => [
        `enabled_agents.${name}`,
        name,
        config,
      ]);
  return entries.map(([place, name, config]) => {
    const agent = wireName(name, place);
    return { agent, config: readConfig(config ?? {}, place, agentOfWireName(agent)) };
  });
}

function readConfig(value: unknown, place: string, id: AgentId | undefined): Record<string, unknown> {
  const { tracing_table: table, model_config: given, ...rest } = needObject(value, place);
  const config: Record<string, unknown> = { ...rest };
  if (table !== undefined) config['tracing_config'] = { table: needText(table, `${place}.tracing_table`) };
  if (given === undefined || id === undefined) return config;
  const model = needObject(given, `${place}.model_config`);
  // On the wire it lies below the agent's name; in the short form directly there.
  const inner = asObject(model[id]);
  config['model_config'] = { [id]: inner ?? shortModels(model, id) };
  return config;
}

/** `models` and `custom_models` as lists or by family, as the wire has them for this agent. */
function shortModels(model: Readonly<Record<string, unknown>>, id: AgentId): Record<string, unknown> {
  const { models, custom_models: custom, ...rest } = model;
  const listed = [...texts(models), ...texts(custom)];
  const byFamily = Array.isArray(models) ? {} : (asObject(models) ?? {});
  if (listed.length === 0 && Object.keys(byFamily).length === 0) return rest;
  if (id !== 'claude') return { ...rest, models: [...listed, ...texts(Object.values(byFamily))] };
  const named = Object.entries(byFamily).map(([family, model_]) => [claudeKey(family), model_]);
  const guessed = listed.map((model_) => [
    claudeKey(familyOf(model_.split('.').at(-1) ?? '').replace(/^claude-/, '')),
    model_,
  ]);
  return { ...rest, models: Object.fromEntries([...guessed, ...named]) };
}

function claudeKey(family: string): string {
  return family.startsWith('default_') ? family : `default_${family}_model`;
}

function readServers(value: unknown): unknown[] {
  if (!Array.isArray(value)) throw new DefinitionUnreadable("'mcp_servers' must be a list");
  return value.map((entry: unknown, at) => {
    const server = needObject(entry, `mcp_servers[${at}]`);
    const type = needText(server['type'], `mcp_servers[${at}].type`);
    return { ...server, type: MCP_TYPES[type] ?? type };
  });
}

function readPolicy(value: unknown): Record<string, unknown> {
  const policy = needObject(value, 'budget_policy');
  if (policy['tiers'] === undefined) return policy;
  if (!Array.isArray(policy['tiers'])) throw new DefinitionUnreadable("'budget_policy.tiers' must be a list");
  const tiers = policy['tiers'].map((entry: unknown, at) => {
    const place = `budget_policy.tiers[${at}]`;
    const { percentage, agent, model, ...tier } = needObject(entry, place);
    const share = Number(tier['spending_percentage'] ?? percentage);
    if (!(share >= 0 && share <= 100)) throw new DefinitionUnreadable(`'${place}' has no percentage from 0 to 100`);
    return {
      ...tier,
      // In the short form, percentages are written as people do.
      spending_percentage: tier['spending_percentage'] === undefined || share > 1 ? share / 100 : share,
      default_agent: wireName(tier['default_agent'] ?? agent, `${place}.default_agent`),
      default_model: needText(tier['default_model'] ?? model, `${place}.default_model`),
    };
  });
  return { ...policy, tiers };
}

/** `CODING_AGENT_CLAUDE_CODE` from that, or from `claude`. */
function wireName(value: unknown, place: string): string {
  const text = needText(value, place);
  if (agentOfWireName(text) !== undefined) return text;
  const id = agentNamed(text);
  const name = id && wireNames[id];
  if (name === undefined) {
    throw new DefinitionUnreadable(
      `'${place}': there is no agent '${text}' to manage; there are ${Object.keys(wireNames).join(', ')}`,
    );
  }
  return name;
}

function texts(value: unknown): string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [];
  return list.map(asText).filter((text) => text !== undefined);
}

function needText(value: unknown, place: string): string {
  const text = asText(value);
  if (text === undefined) throw new DefinitionUnreadable(`'${place}' must be a text`);
  return text;
}

function needObject(value: unknown, place: string): Record<string, unknown> {
  const object = asObject(value);
  if (object === undefined) throw new DefinitionUnreadable(`'${place}' must be an object`);
  return object;
}
