import type { Agent } from '../agent.ts';
import { exporterVariables } from '../exporter-variables.ts';
import { firstOfFamily } from '../first-of-family.ts';
import { shellQuoted } from '../shell-quoted.ts';

/**
 * GitHub's Copilot CLI (agents.md 6). Everything goes through variables. Started by `ucode` it uses the loopback proxy, which gives the user agent
 * that it does not let be set; by itself it runs our token command for every request.
 */
export const agent: Agent = {
  id: 'copilot',
  displayName: 'GitHub Copilot CLI',
  aliases: [],
  binary: 'copilot',
  npmPackage: '@github/copilot',
  versions: { args: ['--version'] },
  auth: 'proxy',
  globalAuth: 'helper',
  apiTypes: ['mlflow/v1/chat/completions'],
  defaultModel: (models) => firstOfFamily(models, ['claude-sonnet', 'claude-opus', 'gpt']),
  privateFiles: () => [],
  globalFiles: () => [],
  globalVariables: ({ endpoint, model, headers }) => ({
    COPILOT_PROVIDER_TYPE: 'openai',
    COPILOT_PROVIDER_BASE_URL: `${endpoint.origin}/ai-gateway/mlflow/v1`,
    ...(model === undefined ? {} : { COPILOT_MODEL: model }),
    COPILOT_PROVIDER_API_KEY_COMMAND:
      endpoint.auth.kind === 'helper' ? endpoint.auth.tokenCommand.map(shellQuoted).join(' ') : '',
    COPILOT_PROVIDER_HEADERS: JSON.stringify(headers),
  }),
  launch: (setup, args) => ({
    args,
    env: {
      COPILOT_PROVIDER_TYPE: 'openai',
      COPILOT_PROVIDER_BASE_URL: `${setup.endpoint.origin}/ai-gateway/mlflow/v1`,
      COPILOT_MODEL: setup.model,
      COPILOT_PROVIDER_BEARER_TOKEN: setup.endpoint.auth.kind === 'proxy' ? setup.endpoint.auth.secret : undefined,
      // A user agent here is not sent: the proxy gives it.
      COPILOT_PROVIDER_HEADERS: JSON.stringify(setup.headers),
      COPILOT_OFFLINE: 'true',
      ...(setup.telemetry && { COPILOT_OTEL_ENABLED: 'true', ...exporterVariables(setup.telemetry) }),
    },
  }),
  promptArgs: (prompt) => ['--prompt', prompt, '--allow-all-tools'],
  telemetry: { signals: ['metrics', 'traces'], auth: 'proxy' },
  mcp: true,
};
