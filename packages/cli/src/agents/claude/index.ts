import type { Change } from '../../files/formats/format.ts';
import { join } from '../../platform/pathing.ts';
import type { OfferedModel } from '../../workspace/models.ts';
import { signals, TABLE_HEADER } from '../../workspace/otel.ts';
import type { Agent, AgentSetup } from '../agent.ts';
import { HELPER_INTERVAL_MS } from '../helper-interval.ts';
import { firstOfFamily } from '../first-of-family.ts';
import { shellQuoted } from '../shell-quoted.ts';
import { userAgent } from '../user-agent.ts';
import { mergedSettings } from './merged-settings.ts';

const FAMILIES = ['opus', 'sonnet', 'haiku', 'fable'] as const;
/** From here on Opus and Sonnet take a million tokens of context, which Claude Code asks for by this ending. */
const LONG_CONTEXT = '[1m]';
/** The same for its exporters, which do not run it again when a token is refused: less than a token lives at least. */
const OTEL_HELPER_TTL_MS = '240000';

/** Anthropic's Claude Code (agents.md 3). Runs our token command as its `apiKeyHelper`. */
export const agent: Agent = {
  id: 'claude',
  displayName: 'Claude Code',
  aliases: ['claude-code'],
  binary: 'claude',
  npmPackage: '@anthropic-ai/claude-code',
  versions: { args: ['--version'] },
  auth: 'helper',
  globalAuth: 'helper',
  apiTypes: ['anthropic/v1/messages'],
  defaultModel: (models) => firstOfFamily(models, ['claude-opus', 'claude-sonnet', 'claude-haiku']),
  privateFiles: (setup) => [
    { path: settingsFile(setup), purpose: 'Claude Code settings', format: 'json', changes: changes(setup) },
  ],
  globalFiles: (setup) => [
    {
      path: join(setup.environment, claudeHome(setup), 'settings.json'),
      purpose: 'Claude Code settings',
      format: 'json',
      changes: changes(setup),
    },
  ],
  launch: (setup, args) => ({
    args: mergedSettings(settingsFile(setup), changes(setup), args, setup.environment),
    // What would go before our settings: another endpoint, another key.
    env: { ANTHROPIC_BASE_URL: undefined, ANTHROPIC_AUTH_TOKEN: undefined, ANTHROPIC_API_KEY: undefined },
  }),
  promptArgs: (prompt) => ['-p', prompt, '--max-turns', '1'],
  telemetry: { signals, auth: 'helper' },
  mcp: true,
};

function claudeHome({ environment }: AgentSetup): string {
  return environment.variables['CLAUDE_CONFIG_DIR'] || join(environment, environment.home, '.claude');
}

function settingsFile(setup: AgentSetup): string {
  return join(setup.environment, claudeHome(setup), 'ucode-settings.json');
}

function changes(setup: AgentSetup): Change[] {
  const { endpoint, headers } = setup;
  const command = endpoint.auth.kind === 'helper' ? endpoint.auth.tokenCommand.map(shellQuoted).join(' ') : undefined;
  const customHeaders = {
    'x-databricks-use-coding-agent-mode': 'true',
    'User-Agent': userAgent('claude', setup),
    ...headers,
  };
  const env: Record<string, string | undefined> = {
    ANTHROPIC_BASE_URL: `${endpoint.origin}/ai-gateway/anthropic`,
    ANTHROPIC_CUSTOM_HEADERS: Object.entries(customHeaders)
      .map(([name, value]) => `${name}: ${value}`)
      .join('\n'),
    CLAUDE_CODE_API_KEY_HELPER_TTL_MS: String(HELPER_INTERVAL_MS),
    ENABLE_PROMPT_CACHING_1H: '1',
    ENABLE_TOOL_SEARCH: '1',
    CLAUDE_CODE_USE_GATEWAY: '1',
    ...modelVariables(setup),
    ...telemetryVariables(setup),
  };
  const wanted: Change[] = [
    [['apiKeyHelper'], command],
    ...Object.entries(env).map(([name, value]): Change => [['env', name], value]),
    [['otelHeadersHelper'], setup.telemetry && command && `${command} --otel-headers`],
  ];
  return wanted.filter(([, value]) => value !== undefined);
}

function modelVariables({ models, model }: AgentSetup): Record<string, string | undefined> {
  const named = (family: string): string | undefined => {
    const found = models.find((one) => one.family === `claude-${family}`);
    return found && withContext(found);
  };
  const chosen = models.find((one) => one.id === model);
  return {
    ...Object.fromEntries(FAMILIES.map((family) => [`ANTHROPIC_DEFAULT_${family.toUpperCase()}_MODEL`, named(family)])),
    ANTHROPIC_MODEL: chosen === undefined ? model : withContext(chosen),
  };
}

function withContext({ id, contextWindow }: OfferedModel): string {
  return (contextWindow ?? 0) >= 1_000_000 ? id + LONG_CONTEXT : id;
}

/** One set per signal, since each has a table of its own; the token comes from `otelHeadersHelper`. */
function telemetryVariables({ telemetry }: AgentSetup): Record<string, string | undefined> {
  const when = (value: string): string | undefined => telemetry && value;
  return {
    CLAUDE_CODE_ENABLE_TELEMETRY: when('1'),
    // Spans.
    CLAUDE_CODE_ENHANCED_TELEMETRY_BETA: when('1'),
    CLAUDE_CODE_OTEL_HEADERS_HELPER_DEBOUNCE_MS: when(OTEL_HELPER_TTL_MS),
    ...Object.fromEntries(
      signals.flatMap((signal) => {
        const name = signal.toUpperCase();
        const headers = telemetry && `content-type=application/x-protobuf,${TABLE_HEADER}=${telemetry.table(signal)}`;
        return [
          [`OTEL_${name}_EXPORTER`, when('otlp')],
          [`OTEL_EXPORTER_OTLP_${name}_PROTOCOL`, when('http/protobuf')],
          [`OTEL_EXPORTER_OTLP_${name}_ENDPOINT`, telemetry && `${telemetry.base}/v1/${signal}`],
          [`OTEL_EXPORTER_OTLP_${name}_HEADERS`, headers],
        ];
      }),
    ),
    // What others are for another backend, its key perhaps, would be sent along.
    OTEL_EXPORTER_OTLP_HEADERS: when(''),
    OTEL_METRIC_EXPORT_INTERVAL: when('10000'),
    OTEL_LOGS_EXPORT_INTERVAL: when('5000'),
    OTEL_TRACES_EXPORT_INTERVAL: when('5000'),
  };
}
