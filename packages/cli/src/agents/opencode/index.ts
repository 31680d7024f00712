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
  globalAuth: 'token',
  apiTypes: PROVIDERS.map(({ apiType }) => apiType),
  defaultModel: (models) => firstOfFamily(models, ['claude-opus', 'claude-sonnet', 'gpt', 'gemini']),
  privateFiles: (setup) => [
    { path: configFile(setup), purpose: 'OpenCode configuration', format: 'json', changes: changes(setup, PROXY) },
  ],
  globalFiles: (setup) => {
    const { environment, endpoint } = setup;
    const directory = environment.variables['XDG_CONFIG_HOME'] || join(environment, environment.home, '.config');
    const token = endpoint.auth.kind === 'token' ? endpoint.auth.token : '';
    return [
      {
        path: tokenFile(setup),
        secret: true,
        purpose: 'OpenCode token',
        format: 'plain',
        changes: [[['text'], token]],
      },
      {
        path: join(environment, directory, 'opencode', 'opencode.json'),
        purpose: 'OpenCode configuration',
        format: 'json',
        changes: changes(setup, { origin: endpoint.origin, key: `{file:${tokenFile(setup)}}` }),
      },
    ];
  },
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

function tokenFile({ environment }: AgentSetup): string {
  return join(environment, environment.ucodeHome, 'tokens', 'opencode');
}

/** Where requests go and with which key, as OpenCode's file has it. */
interface Access {
  readonly origin: string;
  readonly key: string;
}

/** By variables that a launch gives. */
const PROXY: Access = { origin: '{env:UCODE_PROXY}', key: '{env:UCODE_PROXY_SECRET}' };

function changes(setup: AgentSetup, access: Access): Change[] {
  const chosen = setup.models.find(({ id }) => id === setup.model);
  const model = chosen ? `${providerOf(chosen)}/${chosen.id}` : setup.model;
  return [
    // OpenCode would write it into our file itself.
    [['$schema'], 'https://opencode.ai/config.json'],
    ...PROVIDERS.flatMap((provider): Change[] => {
      const models = setup.models.filter((one) => providerOf(one) === provider.id);
      return models.length === 0 ? [] : [[['provider', provider.id], block(setup, access, provider, models)]];
    }),
    ...(model === undefined ? [] : [[['model'], model] satisfies Change]),
  ];
}

function providerOf(model: OfferedModel): string | undefined {
  return PROVIDERS.find(({ apiType }) => model.apiTypes.includes(apiType))?.id;
}

function block(
  setup: AgentSetup,
  access: Access,
  provider: (typeof PROVIDERS)[number],
  models: readonly OfferedModel[],
) {
  const headers = { 'User-Agent': userAgent('opencode', setup), ...setup.headers };
  return {
    npm: provider.npm,
    name: 'AI Gateway',
    options: { baseURL: access.origin + provider.path, apiKey: access.key },
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
