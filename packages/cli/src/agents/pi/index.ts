import type { FileEdit } from '../../files/file-edit.ts';
import type { Change } from '../../files/formats/format.ts';
import { join } from '../../platform/pathing.ts';
import type { OfferedModel } from '../../workspace/models.ts';
import type { Environment } from '../../platform/environment.ts';
import type { Agent, AgentSetup } from '../agent.ts';
import { firstOfFamily } from '../first-of-family.ts';
import { shellQuoted } from '../shell-quoted.ts';
import { userAgent } from '../user-agent.ts';

/** How Pi speaks each API. */
const PROVIDERS = [
  { id: 'ucode-claude', api: 'anthropic-messages', path: '/ai-gateway/anthropic', apiType: 'anthropic/v1/messages' },
  { id: 'ucode-openai', api: 'openai-responses', path: '/ai-gateway/codex/v1', apiType: 'openai/v1/responses' },
  {
    id: 'ucode-gemini',
    api: 'google-generative-ai',
    path: '/ai-gateway/gemini/v1beta',
    apiType: 'gemini/v1/generateContent',
  },
  { id: 'ucode-chat', api: 'openai-completions', path: '/ai-gateway/mlflow/v1', apiType: 'mlflow/v1/chat/completions' },
] as const;

/** Pi (agents.md 6). Runs our token command before every request. */
export const agent: Agent = {
  id: 'pi',
  displayName: 'Pi',
  aliases: [],
  binary: 'pi',
  npmPackage: '@earendil-works/pi-coding-agent',
  versions: { args: ['--version'] },
  auth: 'helper',
  globalAuth: 'helper',
  apiTypes: PROVIDERS.map(({ apiType }) => apiType),
  defaultModel: (models) => firstOfFamily(models, ['claude-opus', 'claude-sonnet', 'gpt', 'gemini']),
  privateFiles: (setup) => {
    const { environment } = setup;
    const copy = (name: string, purpose: string, changes: readonly Change[]): FileEdit => {
      const from = join(environment, usersDirectory(environment), name);
      const path = join(environment, ourDirectory(environment), name);
      return { path, from, purpose, format: 'json', changes };
    };
    return [
      copy('models.json', 'Pi models', modelChanges(setup)),
      copy('settings.json', 'Pi settings', defaultChanges(setup)),
    ];
  },
  privateHome: (environment) => ({ of: usersDirectory(environment), at: ourDirectory(environment) }),
  globalFiles: (setup) => {
    const edit = (name: string, purpose: string, changes: readonly Change[]): FileEdit => {
      const path = join(setup.environment, usersDirectory(setup.environment), name);
      return { path, purpose, format: 'json', changes };
    };
    return [
      edit('models.json', 'Pi models', modelChanges(setup)),
      edit('settings.json', 'Pi settings', defaultChanges(setup)),
    ];
  },
  launch: (setup, args) => ({ args, env: { PI_CODING_AGENT_DIR: ourDirectory(setup.environment) } }),
  promptArgs: (prompt) => ['--print', prompt],
  telemetry: { signals: [], auth: 'none' },
  mcp: true,
};

function ourDirectory(environment: Environment): string {
  return join(environment, environment.ucodeHome, 'pi', 'agent');
}

/** Within ucode's own Pi the variable names our directory: the user's is still the usual one then. */
function usersDirectory(environment: Environment): string {
  const named = environment.variables['PI_CODING_AGENT_DIR'];
  return named && named !== ourDirectory(environment) ? named : join(environment, environment.home, '.pi', 'agent');
}

function modelChanges(setup: AgentSetup): Change[] {
  return PROVIDERS.flatMap((provider): Change[] => {
    const models = setup.models.filter((model) => providerOf(model) === provider.id);
    return models.length === 0 ? [] : [[['providers', provider.id], block(setup, provider, models)]];
  });
}

function defaultChanges({ models, model }: AgentSetup): Change[] {
  const chosen = models.find(({ id }) => id === model);
  const wanted: Change[] = [
    [['defaultProvider'], chosen && providerOf(chosen)],
    [['defaultModel'], model],
  ];
  return wanted.filter(([, value]) => value !== undefined);
}

function providerOf(model: OfferedModel): string | undefined {
  return PROVIDERS.find(({ apiType }) => model.apiTypes.includes(apiType))?.id;
}

function block(setup: AgentSetup, provider: (typeof PROVIDERS)[number], models: readonly OfferedModel[]) {
  const { endpoint, headers } = setup;
  const command = endpoint.auth.kind === 'helper' ? endpoint.auth.tokenCommand.map(shellQuoted).join(' ') : '';
  return {
    baseUrl: endpoint.origin + provider.path,
    api: provider.api,
    apiKey: `!${command}`,
    authHeader: true,
    headers: { 'User-Agent': userAgent('pi', setup), ...headers },
    ...(provider.id === 'ucode-claude' ? { compat: { supportsEagerToolInputStreaming: false } } : {}),
    models: models.map(({ id, contextWindow, maxOutputTokens }) => ({
      id,
      ...(contextWindow ? { contextWindow } : {}),
      ...(maxOutputTokens ? { maxTokens: maxOutputTokens } : {}),
    })),
  };
}
