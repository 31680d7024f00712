import { models, type AgentRecipe } from './recipe.ts';

/** Gemini CLI, with the environment ucode gives it but for the user agent: its own one is to be recognised. */
export const geminiCli: AgentRecipe = {
  name: 'gemini-cli',
  variants: [
    {
      id: 'gemini',
      model: models.gemini,
      apiType: 'gemini/v1/generateContent',
      identity: { codingAgent: 'gemini-cli', version: true, session: false },
      launch: (context) => ({
        files: {
          '.gemini/settings.json': JSON.stringify({
            security: { auth: { selectedType: 'gemini-api-key' } },
            general: { enableAutoUpdate: false, disableAutoUpdate: true },
            privacy: { usageStatisticsEnabled: false },
          }),
        },
        env: {
          GEMINI_MODEL: context.model,
          GOOGLE_GEMINI_BASE_URL: `${context.base}/ai-gateway/gemini`,
          GEMINI_API_KEY_AUTH_MECHANISM: 'bearer',
          GEMINI_API_KEY: context.token,
          GEMINI_CLI_TRUST_WORKSPACE: 'true',
          GEMINI_CLI_HOME: context.home,
        },
        argv: [...context.executable, '-p', context.prompt, '--yolo'],
      }),
    },
  ],
  reactions: {
    unauthorized: { outcome: 'reports', requests: 1, says: /401|UNAUTHENTICATED/, fails: true },
    // Its own backoff: 5 s at first.
    rateLimited: { outcome: 'recovers', requests: 2 },
    // Up to ten attempts, 5 s doubling to 30 s.
    providerDown: { outcome: 'keeps-trying', requests: 3 },
    streamCut: { outcome: 'recovers', requests: 2 },
  },
};
