import { editDotenv } from '../../files/dotenv-edit.ts';
import { editJson } from '../../files/json-edit.ts';
import { join } from '../../platform/pathing.ts';
import type { Agent, AgentSetup } from '../agent.ts';
import { exporterVariables } from '../exporter-variables.ts';
import { firstOfFamily } from '../first-of-family.ts';
import { userAgent } from '../user-agent.ts';

/** Google's Gemini CLI (agents.md 4). Its key is fixed for a session, so it goes through the loopback proxy. */
export const agent: Agent = {
  id: 'gemini',
  displayName: 'Gemini CLI',
  aliases: ['gemini-cli'],
  binary: 'gemini',
  npmPackage: '@google/gemini-cli',
  versions: { args: ['--version'] },
  auth: 'proxy',
  apiTypes: ['gemini/v1/generateContent'],
  defaultModel: (models) => firstOfFamily(models, ['gemini']),
  privateFiles: (setup) => [
    {
      path: systemSettings(setup),
      purpose: 'Gemini CLI settings',
      change: (text) => editJson('settings.json', text, [[['security', 'auth', 'selectedType'], 'gemini-api-key']]),
    },
  ],
  globalFiles: (setup) => [
    {
      path: join(setup.environment, setup.environment.home, '.gemini', '.env'),
      purpose: 'Gemini CLI variables',
      change: (text) =>
        editDotenv(text, {
          GEMINI_MODEL: setup.model,
          GOOGLE_GEMINI_BASE_URL: `${setup.workspaceUrl}/ai-gateway/gemini`,
          GEMINI_API_KEY_AUTH_MECHANISM: 'bearer',
        }),
    },
  ],
  launch: (setup, args) => ({
    args,
    env: {
      GEMINI_MODEL: setup.model,
      GOOGLE_GEMINI_BASE_URL: `${setup.endpoint.origin}/ai-gateway/gemini`,
      GEMINI_API_KEY_AUTH_MECHANISM: 'bearer',
      GEMINI_API_KEY: setup.endpoint.auth.kind === 'proxy' ? setup.endpoint.auth.secret : undefined,
      GOOGLE_API_KEY: undefined,
      GEMINI_CLI_CUSTOM_HEADERS: Object.entries({ 'User-Agent': userAgent('gemini', setup), ...setup.headers })
        .map(([name, value]) => `${name}:${value}`)
        .join(','),
      GEMINI_CLI_SYSTEM_SETTINGS_PATH: systemSettings(setup),
      GEMINI_DEFAULT_AUTH_TYPE: 'gemini-api-key',
      GEMINI_CLI_TRUST_WORKSPACE: 'true',
      ...telemetryVariables(setup),
    },
  }),
  promptArgs: (prompt) => ['-p', prompt],
  telemetry: { signals: ['metrics', 'logs', 'traces'], auth: 'proxy' },
  mcp: true,
};

/** Settings that go before the user's own, which stay in force otherwise. */
function systemSettings({ environment }: AgentSetup): string {
  return join(environment, environment.ucodeHome, 'gemini', 'settings.json');
}

function telemetryVariables({ telemetry }: AgentSetup): Record<string, string | undefined> {
  if (telemetry === undefined) return {};
  return {
    GEMINI_TELEMETRY_ENABLED: 'true',
    GEMINI_TELEMETRY_TARGET: 'local',
    GEMINI_TELEMETRY_OTLP_ENDPOINT: telemetry.base,
    GEMINI_TELEMETRY_OTLP_PROTOCOL: 'http',
    GEMINI_TELEMETRY_LOG_PROMPTS: 'false',
    ...exporterVariables(telemetry),
  };
}
