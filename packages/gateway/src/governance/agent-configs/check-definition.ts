import type { z } from 'zod';
import { GatewayError } from '../../errors/gateway-error.ts';
import { toolOfAgent, type CodingAgent } from './agents.ts';
import { definitionBody, type Definition } from './definition.ts';

/** Longest definition, as JSON. */
const LONGEST_BYTES = 256 * 1024;
const UC_SERVICE = 'MCP_SERVER_TYPE_UC_SERVICE';

/**
 * The body of a create or update: types and values of each field.
 * @throws GatewayError `caller_invalid_parameter`, naming the field
 */
export function readDefinition(body: Readonly<Record<string, unknown>>): z.output<typeof definitionBody> {
  // In a message of protobuf, null is the same as left out.
  const given = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null));
  const { data, error } = definitionBody.safeParse(given);
  if (!data) {
    const issue = error.issues[0]!;
    if (issue.code === 'unrecognized_keys') throw invalid((issue.keys[0] ?? '').slice(0, 100), 'is not known');
    throw invalid(fieldName(issue.path), issue.message);
  }
  if (Buffer.byteLength(JSON.stringify(data)) > LONGEST_BYTES) throw invalid('config', 'is longer than 256 KiB');
  return data;
}

/**
 * A definition that makes sense as a whole (workspace-contract 7.2), with the names of MCP services as clients register them.
 * @throws GatewayError `caller_invalid_parameter`, naming the field
 */
export function checkDefinition(definition: Definition): Definition {
  checkDefaultAgent(definition);
  checkTiers(definition);
  if (definition.mcp_servers === undefined) return definition;
  return {
    ...definition,
    mcp_servers: definition.mcp_servers.map((server, at) =>
      server.type === UC_SERVICE ? { ...server, name: dashed(server.name, at) } : server,
    ),
  };
}

/** The model an agent starts with; `undefined` where the agent is not enabled or has none. */
export function defaultModelOf({ enabled_agents }: Definition, agent: CodingAgent): string | undefined {
  const entry = enabled_agents?.find((one) => one.agent === agent);
  const model = entry?.config?.model_config?.[toolOfAgent[agent]]?.default_model;
  return model === '' ? undefined : model;
}

function checkDefaultAgent(definition: Definition): void {
  const { default_agent: agent, enabled_agents: enabled = [] } = definition;
  if (agent === undefined) throw invalid('default_agent', 'is needed');
  const twice = enabled.find((one, at) => enabled.findIndex((other) => other.agent === one.agent) !== at);
  if (twice) throw invalid('enabled_agents', `has ${twice.agent} twice`);
  if (!enabled.some((one) => one.agent === agent)) throw invalid('default_agent', `must be one of enabled_agents`);
  if (defaultModelOf(definition, agent) === undefined) {
    const field = `enabled_agents[${agent}].config.model_config.${toolOfAgent[agent]}.default_model`;
    throw invalid(field, 'is needed, since it is the default agent');
  }
}

function checkTiers({ budget_policy: policy, enabled_agents: enabled = [] }: Definition): void {
  const tiers = policy?.tiers ?? [];
  for (const [at, { spending_percentage: percentage, default_agent: agent }] of tiers.entries()) {
    const field = `budget_policy.tiers[${at}]`;
    if (tiers.findIndex((other) => other.spending_percentage === percentage) !== at) {
      throw invalid(`${field}.spending_percentage`, 'is there twice; each tier needs its own');
    }
    if (!enabled.some((one) => one.agent === agent)) {
      throw invalid(`${field}.default_agent`, 'must be one of enabled_agents');
    }
  }
}

/** `system.ai.slack` as `system-ai-slack`: clients cannot register a name with dots (workspace-contract 7.1). */
function dashed(name: string, at: number): string {
  const parts = name.split('.');
  if (parts.length === 1) return name;
  if (parts.length < 3 || parts.includes('')) {
    throw invalid(`mcp_servers[${at}].name`, 'must be a full name, catalog.schema.name or catalog-schema-name');
  }
  return `${parts[0]}-${parts[1]}-${parts.slice(2).join('.')}`;
}

/** `enabled_agents[0].agent` */
function fieldName(path: readonly PropertyKey[]): string {
  return path
    .map((step, at) => (typeof step === 'number' ? `[${step}]` : `${at === 0 ? '' : '.'}${String(step).slice(0, 100)}`))
    .join('');
}

function invalid(field: string, what: string): GatewayError {
  return new GatewayError('caller_invalid_parameter', `The field '${field}' ${what}.`, { param: field });
}
