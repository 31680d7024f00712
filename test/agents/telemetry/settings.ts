import { guideBlocks } from '../../support/guide.ts';
import type { AgentName } from '../install.ts';
import type { Launch, LaunchContext } from '../recipes/recipe.ts';

/** Tables of one agent: `main.default.<prefix>_otel_…`. */
export const tableOf = (prefix: string, signal: 'metrics' | 'logs' | 'spans'): string =>
  `main.default.${prefix}_otel_${signal}`;

/** What a run must leave in the tables. */
export interface TelemetryMarks {
  /** Signals that are exported. */
  readonly signals: readonly ('metrics' | 'logs' | 'spans')[];
  /** A metric's name, where there are any. */
  readonly metric: string | undefined;
  /** A log's name, where they have one. */
  readonly event: string | undefined;
  readonly temporality: 'AGGREGATION_TEMPORALITY_DELTA' | 'AGGREGATION_TEMPORALITY_CUMULATIVE' | undefined;
}

/** Switches an agent's own telemetry on, towards the gateway. */
export interface TelemetrySettings extends TelemetryMarks {
  readonly agent: AgentName;
  apply(launch: Launch, context: LaunchContext): Launch;
}

const headersOf = (context: LaunchContext, table: string) => ({
  Authorization: `Bearer ${context.token}`,
  'X-Databricks-UC-Table-Name': table,
});

const headerList = (context: LaunchContext, table: string): string =>
  Object.entries(headersOf(context, table))
    .map(([name, value]) => `${name}=${value}`)
    .join(',');

/** As the guide says, with the names filled in. */
const claudeCode: TelemetrySettings = {
  agent: 'claude-code',
  signals: ['metrics', 'logs'],
  metric: 'claude_code.token.usage',
  event: 'api_request',
  temporality: 'AGGREGATION_TEMPORALITY_DELTA',
  apply(launch, context) {
    const [block = '{}'] = guideBlocks('telemetry.md', 'json');
    const filled = block
      .replaceAll('<workspace-url>', context.base)
      .replaceAll('<token>', context.token)
      .replaceAll('<catalog>', 'main')
      .replaceAll('<schema>', 'default')
      .replaceAll('<table_prefix>', 'claude');
    return { ...launch, env: { ...launch.env, ...(JSON.parse(filled) as Record<string, string>) } };
  },
};

const codex: TelemetrySettings = {
  agent: 'codex',
  signals: ['metrics', 'logs', 'spans'],
  metric: 'codex.turn.token_usage',
  event: 'codex.sse_event',
  temporality: 'AGGREGATION_TEMPORALITY_DELTA',
  apply(launch, context) {
    const exporter = (path: string, table: string): string => {
      const headers = Object.entries(headersOf(context, table))
        .map(([name, value]) => `${JSON.stringify(name)} = ${JSON.stringify(value)}`)
        .join(', ');
      const endpoint = JSON.stringify(`${context.base}/api/2.0/otel/v1/${path}`);
      return `{ otlp-http = { endpoint = ${endpoint}, protocol = "binary", headers = { ${headers} } } }`;
    };
    const section = [
      '[otel]',
      `exporter = ${exporter('logs', tableOf('codex', 'logs'))}`,
      `metrics_exporter = ${exporter('metrics', tableOf('codex', 'metrics'))}`,
      `trace_exporter = ${exporter('traces', tableOf('codex', 'spans'))}`,
      '',
    ].join('\n');
    const files = Object.fromEntries(
      Object.entries(launch.files).map(([file, text]) => [file, file.endsWith('.toml') ? `${text}\n${section}` : text]),
    );
    return { ...launch, files };
  },
};

const geminiCli: TelemetrySettings = {
  agent: 'gemini-cli',
  signals: ['metrics', 'logs', 'spans'],
  metric: 'gemini_cli.token.usage',
  event: 'gemini_cli.api_response',
  temporality: 'AGGREGATION_TEMPORALITY_CUMULATIVE',
  apply(launch, context) {
    const files = Object.fromEntries(
      Object.entries(launch.files).map(([file, text]) => {
        if (!file.endsWith('settings.json')) return [file, text];
        const settings = JSON.parse(text) as Record<string, unknown>;
        const otlpEndpoint = `${context.base}/api/2.0/otel`;
        const telemetry = { enabled: true, target: 'local', otlpEndpoint, otlpProtocol: 'http', logPrompts: false };
        return [file, JSON.stringify({ ...settings, telemetry })];
      }),
    );
    const env = {
      ...launch.env,
      OTEL_EXPORTER_OTLP_METRICS_HEADERS: headerList(context, tableOf('gemini', 'metrics')),
      OTEL_EXPORTER_OTLP_LOGS_HEADERS: headerList(context, tableOf('gemini', 'logs')),
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: headerList(context, tableOf('gemini', 'spans')),
    };
    return { ...launch, files, env };
  },
};

const copilot: TelemetrySettings = {
  agent: 'copilot',
  signals: ['metrics'],
  metric: 'gen_ai.client.inference.usage.input_tokens',
  event: undefined,
  temporality: 'AGGREGATION_TEMPORALITY_CUMULATIVE',
  apply(launch, context) {
    const env = {
      ...launch.env,
      COPILOT_OTEL_ENABLED: 'true',
      OTEL_METRICS_EXPORTER: 'otlp',
      OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: 'http/protobuf',
      OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: `${context.base}/api/2.0/otel/v1/metrics`,
      OTEL_EXPORTER_OTLP_METRICS_HEADERS: headerList(context, tableOf('copilot', 'metrics')),
    };
    return { ...launch, env };
  },
};

/** The agents whose telemetry the suite takes in, with the prefix of their tables. */
export const telemetrySettings = { claude: claudeCode, codex, gemini: geminiCli, copilot } as const;
