import type { Agent } from '../agents/agent.ts';
import type { OfferedModel } from '../workspace/models.ts';
import type { Catalogue } from './catalogue-cache.ts';
import { managedFor } from './managed-config.ts';
import type { WorkspaceSettings } from './settings.ts';
import { tablePrefixFor } from './telemetry-settings.ts';

/** What was asked for on the command line. */
export interface Asked {
  readonly model?: string | undefined;
  /** Full name of a provider service that requests go to directly. */
  readonly provider?: string | undefined;
}

/** With what an agent is to work. */
export interface Choices {
  /** Models to offer; none where a provider service is called directly, whose models are its own. */
  readonly models: readonly OfferedModel[];
  /** `undefined`: nobody chose one. */
  readonly wantedModel: string | undefined;
  readonly provider: string | undefined;
  /** Headers that every request shall carry. */
  readonly headers: Readonly<Record<string, string>>;
  /** `catalog.schema.prefix` of the telemetry tables; `undefined`: no telemetry. */
  readonly tablePrefix: string | undefined;
}

/**
 * What holds for an agent: what was asked for now, else what admins have published, else what somebody chose earlier.
 * The developer's own choices stay where they are kept, so they hold again when nothing is published any more.
 * @throws AgentDisabled
 */
export function choicesFor(
  agent: Agent,
  catalogue: Pick<Catalogue, 'models' | 'managed' | 'recommendation'>,
  settings: Pick<WorkspaceSettings, 'models' | 'providers' | 'telemetry'>,
  asked: Asked = {},
): Choices {
  const managed = managedFor(agent, catalogue);
  const own = managed.applies ? {} : { model: settings.models?.[agent.id], provider: settings.providers?.[agent.id] };
  const provider = asked.provider ?? managed.provider ?? own.provider;
  const wantedModel = asked.model ?? (asked.provider === undefined ? (managed.model ?? own.model) : undefined);
  const { allowed } = managed;
  const offered = catalogue.models.filter(({ id }) => allowed === undefined || allowed.has(id) || id === wantedModel);
  return {
    models: provider === undefined ? offered : [],
    wantedModel,
    provider,
    headers: {
      ...managed.headers,
      ...(provider === undefined ? {} : { 'Databricks-Model-Provider-Service': provider }),
    },
    tablePrefix: tablePrefixFor(agent, settings, managed),
  };
}
