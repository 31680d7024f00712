import type { Agent, AgentId } from '../agents/agent.ts';
import { asObject, asText } from '../lib/json-object.ts';
import { printable } from '../lib/printable.ts';
import type { Catalogue } from './catalogue-cache.ts';

/** What admins have published for one agent (workspace-contract 7.1). */
export interface Managed {
  /** The model of the spend tier, else the default one. */
  readonly model: string | undefined;
  readonly provider: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  /** `catalog.schema.prefix` of the telemetry tables. */
  readonly tablePrefix: string | undefined;
}

/** How the gateway calls the agents it knows; Cursor is not among them. */
export const managedNames: Readonly<Partial<Record<AgentId, string>>> = {
  claude: 'CODING_AGENT_CLAUDE_CODE',
  codex: 'CODING_AGENT_CODEX',
  gemini: 'CODING_AGENT_GEMINI',
  copilot: 'CODING_AGENT_COPILOT',
  pi: 'CODING_AGENT_PI',
  opencode: 'CODING_AGENT_OPENCODE',
};

const NOTHING: Managed = { model: undefined, provider: undefined, headers: {}, tablePrefix: undefined };

/** Admins have not enabled this agent. */
export class AgentDisabled extends Error {
  override readonly name = 'AgentDisabled';
}

/**
 * What applies to an agent; nothing where admins have published nothing.
 * @throws AgentDisabled naming what is enabled.
 */
export function managedFor(
  agent: Agent,
  { managed, recommendation }: Pick<Catalogue, 'managed' | 'recommendation'>,
): Managed {
  const name = managedNames[agent.id];
  if (managed === null || name === undefined) return NOTHING;
  const enabled = list(managed['enabled_agents']);
  const entry = enabled.find((one) => one['agent'] === name);
  if (enabled.length > 0 && entry === undefined) {
    const others = Object.entries(managedNames).filter(([, other]) => enabled.some((one) => one['agent'] === other));
    throw new AgentDisabled(
      `${agent.displayName} is not enabled in ${printable(asText(managed['display_name']) ?? 'the configuration of this gateway')}. Enabled: ${others.map(([id]) => id).join(', ')}.`,
    );
  }
  const config = asObject(entry?.['config']) ?? {};
  const model = asObject(asObject(config['model_config'])?.[agent.id]) ?? {};
  const recommended =
    recommendation?.['recommended_agent'] === name ? asText(recommendation['recommended_model']) : undefined;
  const headers = Object.entries(asObject(config['custom_headers']) ?? {}).flatMap(([header, value]) => {
    const text = asText(value);
    return text !== undefined && /^[\w-]+$/.test(header) && printable(text) === text ? [[header, text] as const] : [];
  });
  const table =
    asText(asObject(config['tracing_config'])?.['table']) ?? asText(asObject(managed['tracing'])?.['table']);
  return {
    model: recommended ?? asText(model['default_model']),
    provider: asText(model['model_provider_service']),
    headers: Object.fromEntries(headers),
    tablePrefix: table,
  };
}

function list(value: unknown): Record<string, unknown>[] {
  const entries: readonly unknown[] = Array.isArray(value) ? value : [];
  return entries.map(asObject).filter((entry) => entry !== undefined);
}
