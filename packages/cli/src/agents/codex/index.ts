import type { FileEdit } from '../../files/file-edit.ts';
import { editToml } from '../../files/toml-edit.ts';
import { join } from '../../platform/pathing.ts';
import type { Agent, AgentSetup } from '../agent.ts';
import { firstOfFamily } from '../first-of-family.ts';
import { userAgent } from '../user-agent.ts';

/** Key of our provider, as the original names it. */
const PROVIDER = 'ucode-databricks';
/** Commands that have nothing to do with a model and refuse `--profile`. */
const WITHOUT_PROFILE = new Set(['app-server', 'completion', 'help', 'login', 'logout', 'mcp', 'mcp-server', 'update']);

/** OpenAI's Codex CLI (agents.md 2). Runs our token command every quarter of an hour. */
export const agent: Agent = {
  id: 'codex',
  displayName: 'Codex CLI',
  aliases: [],
  binary: 'codex',
  npmPackage: '@openai/codex',
  // Profiles in files of their own came with 0.134.
  versions: { from: '0.134.0', args: ['--version'] },
  auth: 'helper',
  apiTypes: ['openai/v1/responses'],
  defaultModel: (models) => firstOfFamily(models, ['gpt']),
  privateFiles: (setup) => [
    {
      path: join(setup.environment, codexHome(setup), 'ucode.config.toml'),
      purpose: 'Codex profile',
      change: (text) => editToml('ucode.config.toml', text, settings(setup)),
    },
  ],
  globalFiles: (setup): readonly FileEdit[] => {
    const file = join(setup.environment, codexHome(setup), 'config.toml');
    return [{ path: file, purpose: 'Codex configuration', change: (text) => editToml(file, text, settings(setup)) }];
  },
  launch: (_setup, args) => ({
    args: args.some((arg) => WITHOUT_PROFILE.has(arg) && args.indexOf(arg) === 0)
      ? args
      : ['--profile', 'ucode', ...args],
    env: {},
  }),
  promptArgs: (prompt) => ['exec', '--skip-git-repo-check', prompt],
  telemetry: { signals: ['metrics', 'logs', 'traces'] },
  mcp: true,
};

function codexHome({ environment }: AgentSetup): string {
  return environment.variables['CODEX_HOME'] || join(environment, environment.home, '.codex');
}

function settings(setup: AgentSetup) {
  const { endpoint, model, headers, telemetry } = setup;
  const [command = '', ...args] = endpoint.auth.kind === 'helper' ? endpoint.auth.tokenCommand : [];
  const provider = {
    name: 'AI Gateway',
    base_url: `${endpoint.origin}/ai-gateway/codex/v1`,
    wire_api: 'responses',
    http_headers: { 'User-Agent': userAgent('codex', setup), ...headers },
    auth: { command, args, timeout_ms: 5_000, refresh_interval_ms: 900_000 },
  };
  const exporter = (signal: 'metrics' | 'logs' | 'traces') => ({
    'otlp-http': {
      endpoint: telemetry?.endpoint(signal) ?? '',
      protocol: 'binary',
      headers: { 'X-Databricks-UC-Table-Name': telemetry?.table(signal) ?? '' },
    },
  });
  return {
    keys: { model_provider: PROVIDER, ...(model === undefined ? {} : { model }) },
    tables: {
      [`model_providers.${PROVIDER}`]: provider,
      otel: telemetry && {
        exporter: exporter('logs'),
        metrics_exporter: exporter('metrics'),
        trace_exporter: exporter('traces'),
      },
    },
  };
}
