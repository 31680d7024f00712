import type { Change } from '../../files/formats/format.ts';
import { join } from '../../platform/pathing.ts';
import type { OfferedModel } from '../../workspace/models.ts';
import type { Agent, AgentSetup } from '../agent.ts';
import { exporterVariables } from '../exporter-variables.ts';
import { firstOfFamily } from '../first-of-family.ts';
import { userAgent } from '../user-agent.ts';

/** How OpenCode speaks each API: name of the provider, its package, path below the gateway. */
const PROVIDERS = [
  {
    id: 'ucode-anthropic',
    npm: '@ai-sdk/anthropic',
    path: '/ai-gateway/anthropic/v1',
    apiType: 'anthropic/v1/messages',
  },
  {
    id: 'ucode-google',
    npm: '@ai-sdk/google',
    path: '/ai-gateway/gemini/v1beta',
    apiType: 'gemini/v1/generateContent',
  },
  { id: 'ucode-openai', npm: '@ai-sdk/openai', path: '/ai-gateway/openai/v1', apiType: 'openai/v1/responses' },
  {
    id: 'ucode-chat',
    npm: '@ai-sdk/openai-compatible',
    path: '/ai-gateway/mlflow/v1',
    apiType: 'mlflow/v1/chat/completions',
  },
] as const;

/** OpenCode (agents.md 5). Reads its key once, so it goes through the loopback proxy, named by variables. */
export const agent: Agent = {
  id: 'opencode',
  displayName: 'OpenCode',
  aliases: [],
  binary: 'opencode',
  npmPackage: 'opencode-ai',
  versions: { args: ['--version'] },
  auth: 'proxy',
  apiTypes: PROVIDERS.map(({ apiType }) => apiType),
  defaultModel: (models) => firstOfFamily(models, ['claude-opus', 'claude-sonnet', 'gpt', 'gemini']),
  privateFiles: (setup) => [
    { path: configFile(setup), purpose: 'OpenCode configuration', format: 'json', changes: changes(setup) },
  ],
  globalFiles: () => undefined,
  launch: (setup, args) => ({
    args,
    env: {
      // Read between the user's own configuration and the project's: both stay in force.
      OPENCODE_CONFIG: configFile(setup),
      UCODE_PROXY: setup.endpoint.origin,
      UCODE_PROXY_SECRET: setup.endpoint.auth.kind === 'proxy' ? setup.endpoint.auth.secret : undefined,
      ...(setup.telemetry && exporterVariables(setup.telemetry)),
    },
  }),
  promptArgs: (prompt) => ['run', prompt],
  telemetry: { signals: ['logs', 'traces'], auth: 'proxy' },
  mcp: true,
};

function configFile({ environment }: AgentSetup): string {
  return join(environment, environment.ucodeHome, 'opencode', 'opencode.json');
}

function changes(setup: AgentSetup): Change[] {
  const chosen = setup.models.find(({ id }) => id === setup.model);
  const model = chosen ? `${providerOf(chosen)}/${chosen.id}` : setup.model;
  return [
    // OpenCode would write it into our file itself.
    [['$schema'], 'https://opencode.ai/config.json'],
    ...PROVIDERS.flatMap((provider): Change[] => {
      const models = setup.models.filter((one) => providerOf(one) === provider.id);
      return models.length === 0 ? [] : [[['provider', provider.id], block(setup, provider, models)]];
    }),
    ...(model === undefined ? [] : [[['model'], model] satisfies Change]),
  ];
}

function providerOf(model: OfferedModel): string | undefined {
  return PROVIDERS.find(({ apiType }) => model.apiTypes.includes(apiType))?.id;
}

function block(setup: AgentSetup, provider: (typeof PROVIDERS)[number], models: readonly OfferedModel[]) {
  const headers = { 'User-Agent': userAgent('opencode', setup), ...setup.headers };
  return {
    npm: provider.npm,
    name: 'AI Gateway',
    options: { baseURL: `{env:UCODE_PROXY}${provider.path}`, apiKey: '{env:UCODE_PROXY_SECRET}' },
    models: Object.fromEntries(
      models.map(({ id, name, contextWindow, maxOutputTokens }) => [
        id,
        {
          name,
          headers,
          ...(provider.id === 'ucode-anthropic' ? { options: { toolStreaming: false } } : {}),
          ...(contextWindow && maxOutputTokens ? { limit: { context: contextWindow, output: maxOutputTokens } } : {}),
        },
      ]),
    ),
  };
}
