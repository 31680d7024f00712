import type { Change } from '../../files/formats/format.ts';
import { join } from '../../platform/pathing.ts';
import type { Agent, AgentSetup } from '../agent.ts';
import { HELPER_INTERVAL_MS } from '../helper-interval.ts';
import { firstOfFamily } from '../first-of-family.ts';
import { userAgent } from '../user-agent.ts';

/** Key of our provider, as the original names it. */
const PROVIDER = 'ucode-databricks';
/** Commands that have nothing to do with a model and refuse `--profile`. */
const WITHOUT_PROFILE = new Set(['app-server', 'completion', 'help', 'login', 'logout', 'mcp', 'mcp-server', 'update']);

/** Keys of its `[otel]` table. */
const EXPORTERS = { exporter: 'logs', metrics_exporter: 'metrics', trace_exporter: 'traces' } as const;

/** OpenAI's Codex CLI (agents.md 2). Runs our token command every few minutes, and when it is refused. */
export const agent: Agent = {
  id: 'codex',
  displayName: 'Codex CLI',
  aliases: [],
  binary: 'codex',
  npmPackage: '@openai/codex',
  // Profiles in files of their own came with 0.134.
  versions: { from: '0.134.0', args: ['--version'] },
  auth: 'helper',
  globalAuth: 'helper',
  apiTypes: ['openai/v1/responses'],
  defaultModel: (models) => firstOfFamily(models, ['gpt']),
  privateFiles: (setup) => [
    {
      path: join(setup.environment, codexHome(setup), 'ucode.config.toml'),
      purpose: 'Codex profile',
      format: 'toml',
      changes: changes(setup),
    },
  ],
  globalFiles: (setup) => [
    {
      path: join(setup.environment, codexHome(setup), 'config.toml'),
      purpose: 'Codex configuration',
      format: 'toml',
      changes: changes(setup),
    },
  ],
  launch: (setup, args) => ({
    args: WITHOUT_PROFILE.has(args[0] ?? '') ? args : ['--profile', 'ucode', ...telemetryOverrides(setup), ...args],
    env: {},
  }),
  promptArgs: (prompt) => ['exec', '--skip-git-repo-check', prompt],
  telemetry: { signals: ['metrics', 'logs', 'traces'], auth: 'proxy' },
  mcp: true,
};

function codexHome({ environment }: AgentSetup): string {
  return environment.variables['CODEX_HOME'] || join(environment, environment.home, '.codex');
}

function changes(setup: AgentSetup): Change[] {
  const { endpoint, model, headers } = setup;
  const [command = '', ...args] = endpoint.auth.kind === 'helper' ? endpoint.auth.tokenCommand : [];
  const provider = {
    name: 'AI Gateway',
    base_url: `${endpoint.origin}/ai-gateway/codex/v1`,
    wire_api: 'responses',
    http_headers: { 'User-Agent': userAgent('codex', setup), ...headers },
    auth: { command, args, timeout_ms: 5_000, refresh_interval_ms: HELPER_INTERVAL_MS },
  };
  return [
    [['model_provider'], PROVIDER],
    ...(model === undefined ? [] : [[['model'], spelled(setup, model)] satisfies Change]),
    [['model_providers', PROVIDER], provider],
  ];
}

/**
 * A model by its vendor's name where the gateway says that it takes it: only by that does Codex know the prompt, the
 * context and the tools that go with it; of any other it warns at every start (agents.md 2).
 */
function spelled({ models }: AgentSetup, model: string): string {
  return models.find(({ id }) => id === model)?.vendorName ?? model;
}

/** Codex reads what it exports from its configuration only; it takes parts of that as arguments, so no file has them. */
function telemetryOverrides({ telemetry }: AgentSetup): string[] {
  if (telemetry === undefined) return [];
  const { base, secret } = telemetry;
  return Object.entries(EXPORTERS).flatMap(([key, signal]) => {
    const headers = `{Authorization=${JSON.stringify(`Bearer ${secret ?? ''}`)}}`;
    const exporter = `{otlp-http={endpoint=${JSON.stringify(`${base}/v1/${signal}`)},protocol="binary",headers=${headers}}}`;
    return ['-c', `otel.${key}=${exporter}`];
  });
}
