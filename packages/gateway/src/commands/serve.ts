import { Option, type Command } from 'commander';
import type { GatewayConfig } from '../config/gateway-config.ts';
import { Gateway, type GatewayOptions } from '../gateway.ts';
import { reporting } from './report-failure.ts';
import { version } from './version.ts';

interface ServeOptions {
  readonly config?: string;
  readonly data?: string;
  readonly host?: string;
  readonly port?: string;
}

/** `serve`: runs the gateway until SIGINT or SIGTERM. */
export function serveCommand(program: Command): void {
  program
    .command('serve', { isDefault: true })
    .description('run the gateway')
    .addOption(new Option('--config <file>', 'gateway.yaml (or UCODE_GATEWAY_CONFIG)'))
    .addOption(new Option('--data <dir>', 'data directory (or UCODE_GATEWAY_DATA)'))
    .addOption(new Option('--host <address>', 'address to listen on (or UCODE_GATEWAY_HOST; default 127.0.0.1)'))
    .addOption(new Option('--port <number>', 'port, 0 for any free one (or UCODE_GATEWAY_PORT; default 8484)'))
    .action(
      reporting(async (options: ServeOptions) => {
        const signalled = firstSignal();
        const gateway = await Gateway.start(gatewayOptions(options));
        printBanner(gateway);
        await signalled;
        await gateway.stop();
      }),
    );
}

function gatewayOptions(options: ServeOptions): GatewayOptions {
  const port = options.port === undefined ? undefined : Number(options.port);
  if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port <= 65535)) {
    throw new Error(`--port ${options.port} is not a port: give a number from 0 to 65535.`);
  }
  return {
    ...(options.config === undefined ? {} : { file: options.config }),
    ...(options.data === undefined ? {} : { data: options.data }),
    ...(options.host === undefined ? {} : { host: options.host }),
    ...(port === undefined ? {} : { port }),
    env: process.env,
  };
}

/** Resolves at the first SIGINT or SIGTERM, for a graceful stop; the second ends the process at once. */
function firstSignal(): Promise<void> {
  return new Promise((resolve) => {
    const onSignal = (): void => {
      process.once('SIGINT', () => process.exit(130));
      process.once('SIGTERM', () => process.exit(143));
      resolve();
    };
    process.once('SIGINT', onSignal);
    process.once('SIGTERM', onSignal);
  });
}

function printBanner(gateway: Gateway): void {
  const { config, firstSignIn } = gateway;
  const { port } = gateway.address;
  const host = config.server.host.includes(':') ? `[${config.server.host}]` : config.server.host;
  const url = `http://${host}:${port}`;
  const lines = [
    `ucode-gateway ${version} listening on ${url}`,
    '',
    ...describe(config),
    `  data       ${config.server.dataDirectory}`,
    '',
  ];
  if (firstSignIn) {
    const { user, token, password } = firstSignIn;
    lines.push(
      `You are the user '${user}' (shown once):`,
      '',
      `  token     ${token}`,
      ...(password === undefined ? [] : [`  password  ${password}   (sign in with it when ucode or a browser asks)`]),
      '',
      ...tryNext(url, token, config),
    );
  } else {
    lines.push('Make a token with:  ucode-gateway token create --user NAME');
  }
  console.log(lines.join('\n'));
}

function describe(config: GatewayConfig): string[] {
  const providers = config.providerServices.map((service) => service.provider).join(', ');
  return [
    `  providers  ${providers}`,
    `  models     ${config.modelServices.length} (GET /api/2.1/unity-catalog/model-services)`,
  ];
}

function tryNext(url: string, token: string, config: GatewayConfig): string[] {
  const model = (part: string): string | undefined =>
    config.modelServices.find((service) => service.name.includes(part))?.name;
  const claude = model('claude-sonnet') ?? model('claude');
  const gpt = model('gpt-5-5') ?? model('gpt');
  const gemini = model('gemini');
  return [
    'Try next, in another terminal:',
    '',
    `  npx ucode --workspace ${url} claude      (or codex, gemini, opencode, copilot, pi)`,
    '',
    'Or by hand:',
    '',
    `  export TOKEN=${token}`,
    ...(gpt
      ? [
          `  curl ${url}/ai-gateway/mlflow/v1/chat/completions -H "Authorization: Bearer $TOKEN" -H 'content-type: application/json' -d '{"model":"${gpt}","messages":[{"role":"user","content":"Hello"}]}'`,
        ]
      : []),
    ...(claude
      ? [
          `  ANTHROPIC_BASE_URL=${url}/ai-gateway/anthropic ANTHROPIC_AUTH_TOKEN=$TOKEN ANTHROPIC_MODEL=${claude} claude`,
        ]
      : []),
    ...(gemini
      ? [
          `  GOOGLE_GEMINI_BASE_URL=${url}/ai-gateway/gemini GEMINI_API_KEY_AUTH_MECHANISM=bearer GEMINI_API_KEY=$TOKEN GEMINI_MODEL=${gemini} gemini`,
        ]
      : []),
    `  npx ucode-gateway usage --data '${config.server.dataDirectory}'`,
    `  npx ucode-gateway sql 'SELECT * FROM system.ai_gateway.usage_cost' --data '${config.server.dataDirectory}'`,
  ];
}
