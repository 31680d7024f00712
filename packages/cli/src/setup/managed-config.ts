import type { Agent } from '../agents/agent.ts';
import { asObject, asText } from '../lib/json-object.ts';
import { printable } from '../lib/printable.ts';
import type { Catalogue } from './catalogue-cache.ts';
import { agentOfWireName, enabledAgents, modelConfigOf, modelsOf, wireNames } from './managed/definition.ts';

/** What admins have published for one agent (workspace-contract 7.1). */
export interface Managed {
  /** Whether something is published that this agent is in. */
  readonly applies: boolean;
  /** The model of the spend tier, else the default one. */
  readonly model: string | undefined;
  /** Ids of the models to offer; `undefined`: all. */
  readonly allowed: ReadonlySet<string> | undefined;
  readonly provider: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  /** `catalog.schema.prefix` of the telemetry tables. */
  readonly tablePrefix: string | undefined;
}

const NOTHING: Managed = {
  applies: false,
  model: undefined,
  allowed: undefined,
  provider: undefined,
  headers: {},
  tablePrefix: undefined,
};

type Sources = Pick<Catalogue, 'managed' | 'recommendation'>;

/** Admins have not enabled this agent. */
export class AgentDisabled extends Error {
  override readonly name = 'AgentDisabled';
}

/**
 * What applies to an agent; nothing where admins have published nothing.
 * @throws AgentDisabled naming what is enabled.
 */
export function managedFor(agent: Agent, { managed, recommendation }: Sources): Managed {
  const name = wireNames[agent.id];
  if (managed === null || name === undefined) return NOTHING;
  const enabled = enabledAgents(managed);
  const entry = enabled?.find((one) => one.agent === name);
  if (enabled !== undefined && entry === undefined) {
    const others = enabled.map((one) => agentOfWireName(one.agent)).filter((id) => id !== undefined);
    const where = printable(asText(managed['display_name']) ?? 'the configuration that admins have published');
    throw new AgentDisabled(
      `${agent.displayName} is not enabled in ${where}. Enabled: ${others.join(', ')}. Ask an admin of the gateway.`,
    );
  }
  const config = entry?.config ?? {};
  const modelConfig = modelConfigOf(config, agent.id);
  const recommended =
    recommendation?.['recommended_agent'] === name ? asText(recommendation['recommended_model']) : undefined;
  const model = recommended ?? asText(modelConfig['default_model']);
  const models = modelsOf(modelConfig);
  return {
    applies: true,
    model,
    allowed: models && new Set(model === undefined ? models : [...models, model]),
    provider: asText(modelConfig['model_provider_service']),
    headers: headersOf(config),
    tablePrefix:
      asText(asObject(config['tracing_config'])?.['table']) ?? asText(asObject(managed['tracing'])?.['table']),
  };
}

/** Whether admins let an agent be used; where they have published nothing, they do. */
export function isEnabled(agent: Agent, { managed }: Pick<Catalogue, 'managed'>): boolean {
  const enabled = managed === null ? undefined : enabledAgents(managed);
  return enabled === undefined || enabled.some((one) => one.agent === wireNames[agent.id]);
}

/** The agent to start where nobody names one: of the spend tier, else the default; `undefined` where nothing is published. */
export function managedDefaultAgent({ managed, recommendation }: Sources) {
  if (managed === null) return undefined;
  return agentOfWireName(recommendation?.['recommended_agent']) ?? agentOfWireName(managed['default_agent']);
}

/** Headers whose names and values can be sent as they are. */
function headersOf(config: Readonly<Record<string, unknown>>): Record<string, string> {
  const given = Object.entries(asObject(config['custom_headers']) ?? {});
  return Object.fromEntries(
    given.flatMap(([header, value]) => {
      const text = asText(value);
      return text !== undefined && /^[\w-]+$/.test(header) && /^[\x20-\x7e]*$/.test(text)
        ? [[header, text] as const]
        : [];
    }),
  );
}
