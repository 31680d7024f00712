import path from 'node:path';
import { models, ucodeUserAgent, type AgentRecipe, type LaunchContext } from './recipe.ts';

const SETTINGS = '.claude/ucode-settings.json';
const identity = { codingAgent: 'claude-code', version: true, session: true };
const quiet = { DISABLE_AUTOUPDATER: '1', CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1' };
// Its "skip permissions" flag refuses to run as root outside a sandbox. This is one.
const sandboxed = { IS_SANDBOX: '1' };

function argv(context: LaunchContext): string[] {
  const settings = path.join(context.home, SETTINGS);
  return [...context.executable, '--settings', settings, '-p', context.prompt, '--dangerously-skip-permissions'];
}

/** Claude Code: ucode's settings file with a token helper, and a token from the environment. */
export const claudeCode: AgentRecipe = {
  name: 'claude-code',
  variants: [
    {
      id: 'claude',
      model: models.claude,
      apiType: 'anthropic/v1/messages',
      identity,
      launch: (context) => ({
        files: {
          [SETTINGS]: JSON.stringify({
            apiKeyHelper: `echo ${context.token}`,
            env: {
              ...quiet,
              ANTHROPIC_BASE_URL: `${context.base}/ai-gateway/anthropic`,
              ANTHROPIC_CUSTOM_HEADERS: `x-databricks-use-coding-agent-mode: true\nUser-Agent: ${ucodeUserAgent('claude', context.version)}`,
              ANTHROPIC_DEFAULT_OPUS_MODEL: context.model,
              ANTHROPIC_DEFAULT_SONNET_MODEL: context.model,
              ANTHROPIC_DEFAULT_HAIKU_MODEL: models.claudeSmall,
              CLAUDE_CODE_API_KEY_HELPER_TTL_MS: '900000',
              CLAUDE_CODE_USE_GATEWAY: '1',
              ENABLE_PROMPT_CACHING_1H: '1',
              ENABLE_TOOL_SEARCH: '1',
            },
          }),
        },
        env: sandboxed,
        argv: argv(context),
      }),
    },
    {
      id: 'claude:env',
      model: models.claude,
      apiType: 'anthropic/v1/messages',
      identity,
      launch: (context) => ({
        files: { [SETTINGS]: '{}' },
        env: {
          ...quiet,
          ...sandboxed,
          ANTHROPIC_BASE_URL: `${context.base}/ai-gateway/anthropic`,
          ANTHROPIC_AUTH_TOKEN: context.token,
          ANTHROPIC_MODEL: context.model,
          ANTHROPIC_DEFAULT_HAIKU_MODEL: models.claudeSmall,
        },
        argv: argv(context),
      }),
    },
  ],
  reactions: {
    // Eleven attempts over more than three minutes, its helper asked again each time.
    unauthorized: { outcome: 'keeps-trying', requests: 3 },
    rateLimited: { outcome: 'recovers', requests: 2 },
    // Ten retries over about three minutes.
    providerDown: { outcome: 'keeps-trying', requests: 3 },
    streamCut: { outcome: 'recovers', requests: 2 },
  },
};
