import path from 'node:path';
import { models, ucodeUserAgent, type AgentRecipe, type LaunchContext, type Variant } from './recipe.ts';

// JSON strings are valid TOML basic strings.
const toml = JSON.stringify;
const identity = { codingAgent: 'codex', version: true, session: true };
const TOKEN_VARIABLE = 'GATEWAY_TOKEN';

const quiet = `check_for_update_on_startup = false
[analytics]
enabled = false
`;

function provider(context: LaunchContext, name: string, extra: string): string {
  return `[model_providers.${name}]
name = "AI Gateway"
base_url = ${toml(`${context.base}/ai-gateway/codex/v1`)}
wire_api = "responses"
${extra}`;
}

function authCommand(context: LaunchContext, name: string): string {
  return `[model_providers.${name}.auth]
command = "sh"
args = ["-c", ${toml(`echo ${context.token}`)}]
timeout_ms = 5000
refresh_interval_ms = 900000
`;
}

function variant(id: string, file: string, flags: string[], config: (context: LaunchContext) => string): Variant {
  return {
    id,
    model: models.gpt,
    apiType: 'codex/v1/responses',
    identity,
    launch: (context) => ({
      files: { [file]: config(context) },
      env: { CODEX_HOME: path.join(context.home, '.codex'), [TOKEN_VARIABLE]: context.token },
      argv: [
        ...context.executable,
        ...flags,
        'exec',
        '--skip-git-repo-check',
        '--dangerously-bypass-approvals-and-sandbox',
        context.prompt,
      ],
    }),
  };
}

/** Codex CLI: a token command, ucode's profile file, and a token from the environment. */
export const codex: AgentRecipe = {
  name: 'codex',
  variants: [
    variant(
      'codex',
      '.codex/config.toml',
      [],
      (context) =>
        `model_provider = "gateway"\nmodel = ${toml(context.model)}\n${quiet}` +
        provider(context, 'gateway', '') +
        authCommand(context, 'gateway'),
    ),
    variant('codex:ucode', '.codex/ucode.config.toml', ['--profile', 'ucode'], (context) => {
      const userAgent = `http_headers = { "User-Agent" = ${toml(ucodeUserAgent('codex', context.version))} }\n`;
      return (
        `model_provider = "ucode-databricks"\nmodel = ${toml(context.model)}\n${quiet}` +
        provider(context, 'ucode-databricks', userAgent) +
        authCommand(context, 'ucode-databricks')
      );
    }),
    variant(
      'codex:envkey',
      '.codex/config.toml',
      [],
      (context) =>
        `model_provider = "gateway"\nmodel = ${toml(context.model)}\n${quiet}` +
        provider(context, 'gateway', `env_key = "${TOKEN_VARIABLE}"\n`),
    ),
  ],
  reactions: {
    // Runs its token command again for each; about 7 s in all.
    unauthorized: { outcome: 'reports', requests: 6, says: /401/, fails: true },
    rateLimited: { outcome: 'recovers', requests: 2 },
    // Six calls, each with four quick retries; about 25 s in all.
    providerDown: { outcome: 'reports', requests: 6, says: /high demand|500/i, fails: true },
    streamCut: { outcome: 'recovers', requests: 2 },
  },
};
