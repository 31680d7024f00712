import path from 'node:path';
import { models, ucodeUserAgent, type AgentRecipe, type Variant } from './recipe.ts';

interface Wire {
  name: string;
  npm: string;
  path: string;
  apiType: string;
  model: string;
  options?: Record<string, unknown>;
}

function variant(wire: Wire): Variant {
  return {
    id: `opencode:${wire.name}`,
    model: wire.model,
    apiType: wire.apiType,
    identity: { codingAgent: 'opencode', version: true, session: true },
    launch: (context) => {
      const provider = `databricks-${wire.name}`;
      const headers = { Authorization: `Bearer ${context.token}` };
      const model = {
        headers: { 'User-Agent': ucodeUserAgent('opencode', context.version) },
        ...(wire.options ? { options: wire.options } : {}),
      };
      const options = { baseURL: `${context.base}/ai-gateway/${wire.path}`, apiKey: context.token, headers };
      const config = {
        model: `${provider}/${context.model}`,
        autoupdate: false,
        share: 'disabled',
        provider: { [provider]: { npm: wire.npm, options, models: { [context.model]: model } } },
      };
      return {
        files: { '.config/opencode/opencode.json': JSON.stringify(config) },
        env: {
          XDG_CONFIG_HOME: path.join(context.home, '.config'),
          OPENCODE_DISABLE_MODELS_FETCH: '1',
          OPENCODE_DISABLE_AUTOUPDATE: '1',
          OPENCODE_DISABLE_LSP_DOWNLOAD: '1',
          OPENCODE_DISABLE_DEFAULT_PLUGINS: '1',
        },
        // A given title saves the title request, which would meet the failures first.
        argv: [
          ...context.executable,
          'run',
          '--auto',
          ...(context.answerOnly ? ['--title', 'test'] : []),
          context.prompt,
        ],
      };
    },
  };
}

/** OpenCode: the three providers ucode writes, and the OpenAI-compatible one. */
export const opencode: AgentRecipe = {
  name: 'opencode',
  variants: [
    variant({
      name: 'anthropic',
      npm: '@ai-sdk/anthropic',
      path: 'anthropic/v1',
      apiType: 'anthropic/v1/messages',
      model: models.claude,
      options: { toolStreaming: false },
    }),
    variant({
      name: 'google',
      npm: '@ai-sdk/google',
      path: 'gemini/v1beta',
      apiType: 'gemini/v1/generateContent',
      model: models.gemini,
    }),
    variant({
      name: 'oss',
      npm: '@ai-sdk/openai',
      path: 'mlflow/v1',
      apiType: 'mlflow/v1/responses',
      model: models.oss,
    }),
    variant({
      name: 'compat',
      npm: '@ai-sdk/openai-compatible',
      path: 'mlflow/v1',
      apiType: 'mlflow/v1/chat/completions',
      model: models.oss,
    }),
  ],
  reactions: {
    unauthorized: { outcome: 'reports', requests: 1, says: /token|unauthorized|401/i, fails: true },
    rateLimited: { outcome: 'recovers', requests: 2 },
    // 2, 4, 8, 16, 32 s between attempts.
    providerDown: { outcome: 'keeps-trying', requests: 3 },
    streamCut: { outcome: 'recovers', requests: 2 },
  },
};
