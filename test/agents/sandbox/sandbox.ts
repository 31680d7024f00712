import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { nodeBinary } from '../../support/repository.ts';
import { startForwarder, type Forwarder, type SeenRequest } from './forwarder.ts';

/** How agents are kept on this machine: in a namespace of their own, or only by proxy settings. */
export type Isolation = 'namespace' | 'closed-proxy';

/** A place to run one agent in: it reaches the gateway at `base` and nothing else. */
export interface Sandbox {
  readonly base: string;
  readonly requests: readonly SeenRequest[];
  /** Outside host names the agent asked for. Only a namespace can tell. */
  outsideNames(): string[];
  /** Starts the command in its own process group; `stdin` must stay open as long as it shall run. */
  spawn(argv: readonly string[], options: { cwd: string; env: Record<string, string> }): ChildProcess;
  close(): void;
}

const INSIDE = path.join(path.dirname(fileURLToPath(import.meta.url)), 'inside.ts');
const INSIDE_PORT = 8484;
const CLOSED_PROXY = 'http://127.0.0.1:9';
const SETUP = 'ip link set lo up && mount --bind "$1" /etc/resolv.conf && shift && exec "$@"';

/** Namespace flags; the pid namespace makes sure that nothing an agent started outlives it. */
function unshareArguments(): string[] {
  const asRoot = process.getuid?.() === 0 ? [] : ['--map-root-user'];
  return [...asRoot, '--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];
}

/** What this machine allows. */
export const isolation: Isolation = ((): Isolation => {
  if (process.platform !== 'linux') return 'closed-proxy';
  const probe = spawnSync('unshare', [...unshareArguments(), 'ip', 'link', 'set', 'lo', 'up'], { stdio: 'ignore' });
  return probe.status === 0 ? 'namespace' : 'closed-proxy';
})();

/** Opens a sandbox with its files in `scratch`, in front of the gateway at `gatewayUrl`. */
export async function openSandbox(
  gatewayUrl: string,
  scratch: string,
  onRequest?: (request: SeenRequest) => void,
): Promise<Sandbox> {
  const gatewayPort = Number(new URL(gatewayUrl).port);
  return isolation === 'namespace'
    ? namespaceSandbox(scratch, (socket) => startForwarder(socket, gatewayPort, onRequest))
    : closedProxySandbox(await startForwarder(0, gatewayPort, onRequest));
}

async function namespaceSandbox(scratch: string, forward: (socket: string) => Promise<Forwarder>): Promise<Sandbox> {
  const socket = path.join(scratch, 'gateway.sock');
  const names = path.join(scratch, 'names.txt');
  const resolver = path.join(scratch, 'resolv.conf');
  await writeFile(resolver, 'nameserver 127.0.0.1\noptions timeout:1 attempts:1\n');
  const forwarder = await forward(socket);
  return {
    base: `http://127.0.0.1:${INSIDE_PORT}`,
    requests: forwarder.requests,
    outsideNames: () => (existsSync(names) ? [...new Set(readFileSync(names, 'utf8').trim().split('\n'))] : []),
    spawn(argv, { cwd, env }) {
      const inside = [nodeBinary, INSIDE, socket, String(INSIDE_PORT), names, ...argv];
      const command = [...unshareArguments(), '--', 'bash', '-c', SETUP, 'sandbox', resolver, ...inside];
      return spawn('unshare', command, { cwd, env, stdio: ['pipe', 'pipe', 'pipe'], detached: true });
    },
    close: () => forwarder.close(),
  };
}

function closedProxySandbox(forwarder: Forwarder): Sandbox {
  const proxies: Record<string, string> = { NO_PROXY: '127.0.0.1,localhost', no_proxy: '127.0.0.1,localhost' };
  for (const name of ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY']) {
    proxies[name] = CLOSED_PROXY;
    proxies[name.toLowerCase()] = CLOSED_PROXY;
  }
  return {
    base: `http://127.0.0.1:${forwarder.port}`,
    requests: forwarder.requests,
    outsideNames: () => [],
    spawn([command = '', ...args], { cwd, env }) {
      return spawn(command, args, {
        cwd,
        env: { ...env, ...proxies },
        stdio: ['ignore', 'pipe', 'pipe'],
        detached: true,
      });
    },
    close: () => forwarder.close(),
  };
}
