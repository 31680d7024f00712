import path from 'node:path';
import { models, ucodeUserAgent, type AgentRecipe, type Variant } from './recipe.ts';

interface Wire {
  name: string;
  api: string;
  path: string;
  apiType: string;
  model: string;
  /** Whether this API's client sends a session header. */
  session: boolean;
  compat?: Record<string, unknown>;
}

function variant(wire: Wire): Variant {
  return {
    id: `pi:${wire.name}`,
    model: wire.model,
    apiType: wire.apiType,
    identity: { codingAgent: 'pi', version: true, session: wire.session },
    launch: (context) => {
      const provider = `databricks-${wire.name}`;
      const entry = {
        baseUrl: `${context.base}/ai-gateway/${wire.path}`,
        api: wire.api,
        apiKey: context.token,
        authHeader: true,
        headers: { 'User-Agent': ucodeUserAgent('pi', context.version) },
        models: [{ id: context.model }],
        ...(wire.compat ? { compat: wire.compat } : {}),
      };
      return {
        files: {
          '.pi/agent/models.json': JSON.stringify({ providers: { [provider]: entry } }),
          '.pi/agent/settings.json': JSON.stringify({ defaultProvider: provider, defaultModel: context.model }),
        },
        env: { PI_CODING_AGENT_DIR: path.join(context.home, '.pi', 'agent'), PI_OFFLINE: '1', PI_TELEMETRY: '0' },
        argv: [...context.executable, '-p', context.prompt],
      };
    },
  };
}

/** Pi: the three providers ucode writes, and chat completions. */
export const pi: AgentRecipe = {
  name: 'pi',
  variants: [
    variant({
      name: 'claude',
      api: 'anthropic-messages',
      path: 'anthropic',
      apiType: 'anthropic/v1/messages',
      model: models.claude,
      session: false,
      compat: { supportsEagerToolInputStreaming: false },
    }),
    variant({
      name: 'openai',
      api: 'openai-responses',
      path: 'codex/v1',
      apiType: 'codex/v1/responses',
      model: models.gpt,
      session: true,
    }),
    variant({
      name: 'gemini',
      api: 'google-generative-ai',
      path: 'gemini/v1beta',
      apiType: 'gemini/v1/generateContent',
      model: models.gemini,
      session: false,
    }),
    variant({
      name: 'oss',
      api: 'openai-completions',
      path: 'mlflow/v1',
      apiType: 'mlflow/v1/chat/completions',
      model: models.oss,
      session: false,
    }),
  ],
  reactions: {
    unauthorized: { outcome: 'reports', requests: 1, says: /401|token/i, fails: true },
    // Its own backoff: 2 s at first.
    rateLimited: { outcome: 'recovers', requests: 2 },
    // Three retries after 2, 4 and 8 s.
    providerDown: { outcome: 'reports', requests: 4, says: /500/, fails: true },
    streamCut: { outcome: 'recovers', requests: 2 },
  },
};
