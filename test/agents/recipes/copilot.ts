import path from 'node:path';
import { models, type AgentRecipe, type Variant } from './recipe.ts';

function variant(id: string, model: string, apiType: string, base: string, env: Record<string, string>): Variant {
  return {
    id: `copilot:${id}`,
    model,
    apiType,
    // It names neither its version nor a session on the wire.
    identity: { codingAgent: 'copilot-cli', version: false, session: false },
    launch: (context) => ({
      files: {},
      env: {
        COPILOT_PROVIDER_TYPE: 'openai',
        COPILOT_PROVIDER_BASE_URL: `${context.base}/ai-gateway/${base}`,
        COPILOT_PROVIDER_BEARER_TOKEN: context.token,
        COPILOT_MODEL: context.model,
        COPILOT_OFFLINE: 'true',
        COPILOT_HOME: path.join(context.home, '.copilot'),
        ...env,
      },
      argv: [...context.executable, '-p', context.prompt, '--allow-all-tools', '--allow-all-paths', '--no-color'],
    }),
  };
}

/** GitHub Copilot CLI with a provider of one's own: its three wire APIs. */
export const copilot: AgentRecipe = {
  name: 'copilot',
  variants: [
    variant('completions', models.gpt, 'mlflow/v1/chat/completions', 'mlflow/v1', {}),
    variant('responses', models.gpt, 'codex/v1/responses', 'codex/v1', { COPILOT_PROVIDER_WIRE_API: 'responses' }),
    variant('anthropic', models.claude, 'anthropic/v1/messages', 'anthropic', { COPILOT_PROVIDER_TYPE: 'anthropic' }),
  ],
  reactions: {
    unauthorized: { outcome: 'reports', requests: 1, says: /Authentication failed|401/i, fails: true },
    rateLimited: { outcome: 'recovers', requests: 2 },
    // Five retries, about 15 s in all.
    providerDown: { outcome: 'reports', requests: 3, says: /500|failed|error/i, fails: true },
    streamCut: { outcome: 'recovers', requests: 2 },
  },
};
