import type { Agent, TelemetrySettings } from '../agents/agent.ts';
import type { LoopbackProxy } from '../proxy/loopback-proxy.ts';
import { isTablePrefix, OTEL_PATH, otelTable } from '../workspace/otel.ts';
import type { Managed } from './managed-config.ts';
import type { WorkspaceSettings } from './settings.ts';

/**
 * `catalog.schema.prefix` of the tables that an agent's telemetry goes to: as somebody switched it on here, else as
 * admins have published it; `undefined` where it sends none, or cannot.
 */
export function tablePrefixFor(
  agent: Agent,
  { telemetry }: Pick<WorkspaceSettings, 'telemetry'>,
  { tablePrefix }: Pick<Managed, 'tablePrefix'>,
): string | undefined {
  if (agent.telemetry.auth === 'none') return undefined;
  const own = telemetry?.agents?.includes(agent.id) === false ? undefined : telemetry?.tablePrefix;
  return [own, tablePrefix].find((prefix) => prefix !== undefined && isTablePrefix(prefix));
}

/**
 * What an agent is told of its telemetry.
 * @param proxy that of the launch; without one, agents that need it are told nothing.
 */
export function telemetrySettings(
  agent: Agent,
  workspaceUrl: string,
  tablePrefix: string | undefined,
  proxy?: Pick<LoopbackProxy, 'origin' | 'telemetrySecret'>,
): TelemetrySettings | undefined {
  if (tablePrefix === undefined) return undefined;
  const table: TelemetrySettings['table'] = (signal) => otelTable(tablePrefix, signal);
  if (agent.telemetry.auth === 'helper') return { base: workspaceUrl + OTEL_PATH, table, secret: undefined };
  return proxy && { base: proxy.origin + OTEL_PATH, table, secret: proxy.telemetrySecret };
}
