import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { listening, startPinned, type Pinned } from './child.ts';

const root = path.join(import.meta.dirname, '..');

/** What the load is sent to. */
export interface Target {
  readonly name: string;
  readonly port: number;
  readonly path: string;
  readonly token: string;
  /** The program under measurement; `undefined` for `direct`. */
  readonly program: Pinned | undefined;
  /** Milliseconds from start of the process to an accepted connection. */
  readonly startMs: number | undefined;
}

/** The core that rivals run on; load and upstream have the other one. */
const core = 0;

export function direct(upstreamPort: number): Target {
  return {
    name: 'direct',
    port: upstreamPort,
    path: '/v1/chat/completions',
    token: 'none',
    program: undefined,
    startMs: undefined,
  };
}

/** nginx as a plain reverse proxy with keep-alive to the upstream and no response buffering; `undefined` when not installed. */
export async function nginx(upstreamPort: number, directory: string): Promise<Target | undefined> {
  try {
    execFileSync('nginx', ['-v'], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  const port = await freePort();
  const home = path.join(directory, 'nginx');
  mkdirSync(home, { recursive: true });
  const configuration = path.join(home, 'nginx.conf');
  writeFileSync(
    configuration,
    `daemon off; master_process off; worker_processes 1; pid ${home}/pid; error_log ${home}/error.log;
events { worker_connections 4096; }
http {
  access_log off;
  client_body_temp_path ${home}/body; proxy_temp_path ${home}/proxy; fastcgi_temp_path ${home}/f; uwsgi_temp_path ${home}/u; scgi_temp_path ${home}/s;
  client_max_body_size 64m; client_body_buffer_size 1m; keepalive_requests 1000000; keepalive_timeout 120s;
  upstream provider { server 127.0.0.1:${upstreamPort}; keepalive 256; keepalive_requests 1000000; }
  server {
    listen 127.0.0.1:${port} backlog=2048;
    location / { proxy_pass http://provider; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering off; proxy_read_timeout 300s; }
  }
}
`,
  );
  const started = performance.now();
  const program = startPinned(core, ['nginx', '-p', home, '-c', configuration]);
  await listening(port, program);
  const startMs = performance.now() - started;
  return { name: 'nginx', port, path: '/v1/chat/completions', token: 'none', program, startMs };
}

/** A gateway that differs from the usual one. */
export interface GatewayVariant {
  readonly name?: string;
  /** A checkout with a built gateway; this one by default. */
  readonly checkout?: string;
  /** Keys of the configuration that stand in place of the usual ones. */
  readonly more?: Readonly<Record<string, unknown>>;
}

/**
 * The built gateway with authentication, metering and spool on, one OpenAI-compatible provider behind it.
 * @param cores what its processes run on, as taskset writes it.
 */
export async function gateway(
  upstreamPort: number,
  directory: string,
  nodeFlags: readonly string[],
  cores: string = String(core),
  variant: GatewayVariant = {},
): Promise<Target> {
  const { name = 'gateway', checkout = root, more = {} } = variant;
  const port = await freePort();
  const data = path.join(directory, name.replaceAll(/\W/g, '-'));
  mkdirSync(data, { recursive: true });
  const configuration = path.join(data, 'gateway.yaml');
  writeFileSync(configuration, JSON.stringify({ ...gatewayConfiguration(upstreamPort), ...more }));
  const main = path.join(checkout, 'packages', 'gateway', 'dist', 'main.js');
  const create = ['token', 'create', '--user', 'bench@localhost', `--config=${configuration}`, `--data=${data}`];
  const token = execFileSync(process.execPath, [main, ...create], { encoding: 'utf8' }).trim();
  const started = performance.now();
  const program = startPinned(cores, [
    process.execPath,
    ...nodeFlags,
    main,
    'serve',
    `--config=${configuration}`,
    `--data=${data}`,
    `--port=${port}`,
  ]);
  await listening(port, program);
  const startMs = performance.now() - started;
  return { name, port, path: '/ai-gateway/openai/v1/chat/completions', token, program, startMs };
}

/** Model services named like the upstream's own models, so that the same body serves all targets. */
function gatewayConfiguration(upstreamPort: number): Record<string, unknown> {
  const models = ['bench-json', 'bench-burst', 'bench-paced', 'bench-idle'];
  return {
    server: { allowed_private_networks: ['127.0.0.0/8'], log_level: 'warn' },
    users: [{ name: 'bench@localhost', groups: ['admins'] }],
    model_provider_services: [
      {
        name: 'main.bench.upstream',
        config: {
          openai_compatible: { direct: { base_url: `http://127.0.0.1:${upstreamPort}/v1` } },
          allow_all_targets: true,
        },
      },
    ],
    model_services: models.map((model) => benchService(`system.ai.${model}`, model)),
  };
}

/** A model service on the upstream. */
export function benchService(name: string, model: string) {
  return {
    name,
    config: {
      routing: {
        destinations: [
          {
            name: 'upstream',
            traffic_percentage: 100,
            external_model_config: {
              model_provider_service: 'model-provider-services/main.bench.upstream',
              target: { model },
            },
          },
        ],
      },
    },
  };
}

/** A port of this machine that nobody listens on. */
function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
