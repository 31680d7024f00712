import type { Signal } from './signal.ts';

/** What agents must know to send their telemetry to tables. */
export interface TelemetryTarget {
  /** Where agents reach the gateway, without a slash at its end. */
  readonly origin: string;
  /** Full names of the tables. */
  readonly tables: Readonly<Partial<Record<Signal, string>>>;
  /** Token, or a placeholder for it. */
  readonly token: string;
}

/** Settings of one agent: environment variables, and what belongs into a file of the agent. */
export interface AgentSettings {
  readonly environment: Readonly<Record<string, string>>;
  readonly file?: { readonly path: string; readonly content: string };
}

export type TelemetryAgent = 'claude_code' | 'codex' | 'gemini_cli' | 'copilot_cli' | 'other';

/** Settings of the agents that export telemetry (unity-ai-gateway 9.4; agents 2 to 6 for what differs). */
export function agentSettings(target: TelemetryTarget): Record<TelemetryAgent, AgentSettings> {
  const environment = exporterVariables(target);
  return {
    claude_code: { environment: { CLAUDE_CODE_ENABLE_TELEMETRY: '1', ...environment } },
    codex: { environment: {}, file: { path: '~/.codex/config.toml', content: codexConfig(target) } },
    gemini_cli: { environment, file: { path: '~/.gemini/settings.json', content: geminiSettings(target) } },
    copilot_cli: { environment: { COPILOT_OTEL_ENABLED: 'true', ...environment } },
    other: { environment },
  };
}

const names = { metrics: 'METRICS', logs: 'LOGS', traces: 'TRACES' } as const satisfies Record<Signal, string>;

/** Milliseconds between two exports. Traces have no such variable of their own. */
const intervals: Readonly<Partial<Record<Signal, readonly [name: string, milliseconds: string]>>> = {
  metrics: ['OTEL_METRIC_EXPORT_INTERVAL', '10000'],
  logs: ['OTEL_LOGS_EXPORT_INTERVAL', '5000'],
};

/** The variables of the OpenTelemetry exporters, one set per signal that has a table. */
export function exporterVariables({ origin, tables, token }: TelemetryTarget): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const [signal, name] of Object.entries(names) as [Signal, string][]) {
    const table = tables[signal];
    if (table === undefined) continue;
    variables[`OTEL_${name}_EXPORTER`] = 'otlp';
    variables[`OTEL_EXPORTER_OTLP_${name}_PROTOCOL`] = 'http/protobuf';
    variables[`OTEL_EXPORTER_OTLP_${name}_ENDPOINT`] = endpoint(origin, signal);
    variables[`OTEL_EXPORTER_OTLP_${name}_HEADERS`] =
      `content-type=application/x-protobuf,Authorization=Bearer ${token},X-Databricks-UC-Table-Name=${table}`;
    const interval = intervals[signal];
    if (interval) variables[interval[0]] = interval[1];
  }
  return variables;
}

function endpoint(origin: string, signal: Signal): string {
  return `${origin}/api/2.0/otel/v1/${signal}`;
}

/** Codex reads no OTEL variables, only its configuration file. */
function codexConfig({ origin, tables, token }: TelemetryTarget): string {
  const keys = { logs: 'exporter', metrics: 'metrics_exporter', traces: 'trace_exporter' } as const;
  const lines = (Object.keys(keys) as (keyof typeof keys)[]).flatMap((signal) => {
    const table = tables[signal];
    if (table === undefined) return [];
    const headers = `{ "Authorization" = ${quote(`Bearer ${token}`)}, "X-Databricks-UC-Table-Name" = ${quote(table)} }`;
    const exporter = `endpoint = ${quote(endpoint(origin, signal))}, protocol = "binary", headers = ${headers}`;
    return [`${keys[signal]} = { otlp-http = { ${exporter} } }`];
  });
  return ['[otel]', ...lines].join('\n');
}

/** TOML's basic strings are quoted as JSON's are. */
function quote(text: string): string {
  return JSON.stringify(text);
}

function geminiSettings({ origin }: TelemetryTarget): string {
  const telemetry = {
    enabled: true,
    target: 'local',
    otlpEndpoint: `${origin}/api/2.0/otel`,
    otlpProtocol: 'http',
    logPrompts: false,
  };
  return JSON.stringify({ telemetry }, null, 2);
}
