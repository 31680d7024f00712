import type { Change } from '../../files/formats/format.ts';
import { join } from '../../platform/pathing.ts';
import type { Environment } from '../../platform/environment.ts';
import type { Agent, AgentSetup } from '../agent.ts';
import { exporterVariables } from '../exporter-variables.ts';
import { firstOfFamily } from '../first-of-family.ts';
import { userAgent } from '../user-agent.ts';

const SIGN_IN: readonly Change[] = [[['security', 'auth', 'selectedType'], 'gemini-api-key']];

/**
 * Google's Gemini CLI (agents.md 4). Its key is fixed for a session, so it goes through the loopback proxy. How it signs in
 * stands in its settings alone: no variable says it beside another base URL (0.61 then takes the method `gateway`, which
 * it refuses), and system settings count only in files of root. So it gets a home of ours, with the user's settings and
 * that one changed.
 */
export const agent: Agent = {
  id: 'gemini',
  displayName: 'Gemini CLI',
  aliases: ['gemini-cli'],
  binary: 'gemini',
  npmPackage: '@google/gemini-cli',
  versions: { args: ['--version'] },
  auth: 'proxy',
  globalAuth: 'token',
  apiTypes: ['gemini/v1/generateContent'],
  defaultModel: (models) => firstOfFamily(models, ['gemini']),
  privateFiles: ({ environment }) => {
    const from = join(environment, usersDirectory(environment), 'settings.json');
    return [
      {
        path: join(environment, directoryIn(ourHome(environment), environment), 'settings.json'),
        from,
        purpose: 'Gemini CLI settings',
        format: 'json',
        changes: SIGN_IN,
      },
    ];
  },
  privateHome: (environment) => ({
    of: usersDirectory(environment),
    at: directoryIn(ourHome(environment), environment),
  }),
  globalFiles: (setup) => {
    const { environment, endpoint, model } = setup;
    const directory = usersDirectory(environment);
    const variables = {
      GEMINI_MODEL: model,
      GOOGLE_GEMINI_BASE_URL: `${endpoint.origin}/ai-gateway/gemini`,
      GEMINI_API_KEY_AUTH_MECHANISM: 'bearer',
      GEMINI_API_KEY: endpoint.auth.kind === 'token' ? endpoint.auth.token : undefined,
      GEMINI_CLI_CUSTOM_HEADERS: customHeaders(setup),
    };
    return [
      {
        path: join(environment, directory, '.env'),
        secret: true,
        purpose: 'Gemini CLI variables',
        format: 'dotenv',
        changes: Object.entries(variables).flatMap(([name, value]): Change[] =>
          value === undefined ? [] : [[[name], value]],
        ),
      },
      {
        path: join(environment, directory, 'settings.json'),
        purpose: 'Gemini CLI settings',
        format: 'json',
        changes: SIGN_IN,
      },
    ];
  },
  launch: (setup, args) => ({
    args,
    env: {
      GEMINI_MODEL: setup.model,
      GOOGLE_GEMINI_BASE_URL: `${setup.endpoint.origin}/ai-gateway/gemini`,
      GEMINI_API_KEY_AUTH_MECHANISM: 'bearer',
      GEMINI_API_KEY: setup.endpoint.auth.kind === 'proxy' ? setup.endpoint.auth.secret : undefined,
      // Set rather than taken away: what a .env file says counts only where there is no variable.
      GOOGLE_API_KEY: '',
      GOOGLE_GENAI_USE_GCA: 'false',
      GOOGLE_GENAI_USE_VERTEXAI: 'false',
      GEMINI_CLI_CUSTOM_HEADERS: customHeaders(setup),
      GEMINI_CLI_HOME: ourHome(setup.environment),
      GEMINI_DEFAULT_AUTH_TYPE: 'gemini-api-key',
      GEMINI_CLI_TRUST_WORKSPACE: 'true',
      ...telemetryVariables(setup),
    },
  }),
  promptArgs: (prompt) => ['-p', prompt],
  telemetry: { signals: ['metrics', 'logs', 'traces'], auth: 'proxy' },
  mcp: true,
};

function customHeaders(setup: AgentSetup): string {
  const headers = { 'User-Agent': userAgent('gemini', setup), ...setup.headers };
  return Object.entries(headers)
    .map(([name, value]) => `${name}:${value}`)
    .join(',');
}

function ourHome(environment: Environment): string {
  return join(environment, environment.ucodeHome, 'gemini');
}

/** Within ucode's own Gemini CLI the variable names our home: the user's is still the one of the system then. */
function usersDirectory(environment: Environment): string {
  const named = environment.variables['GEMINI_CLI_HOME'];
  return directoryIn(named && named !== ourHome(environment) ? named : environment.home, environment);
}

function directoryIn(home: string, environment: Environment): string {
  return join(environment, home, '.gemini');
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
