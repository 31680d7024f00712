import type { TelemetrySettings } from '../agents/agent.ts';
import type { Managed } from './managed-config.ts';
import type { WorkspaceSettings } from './settings.ts';

/** Telemetry as somebody switched it on here, else as admins have published it, else none. */
export function telemetrySettings(
  workspaceUrl: string,
  settings: Pick<WorkspaceSettings, 'telemetry'>,
  managed: Pick<Managed, 'tablePrefix'>,
): TelemetrySettings | undefined {
  const prefix = settings.telemetry?.tablePrefix ?? managed.tablePrefix;
  if (prefix === undefined) return undefined;
  return {
    endpoint: (signal) => `${workspaceUrl}/api/2.0/otel/v1/${signal}`,
    table: (signal) => `${prefix}_otel_${signal === 'traces' ? 'spans' : signal}`,
  };
}
