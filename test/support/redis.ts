import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { ended, tieToThisProcess } from './child-processes.ts';

/** A real Redis or Valkey of the test's own, on loopback, without anything on disk. */
export interface RedisServer {
  /** `redis://127.0.0.1:<port>`, with the password where there is one. */
  readonly url: string;
  readonly port: number;
  /** What `redis-cli` prints for a command. */
  cli(...command: string[]): Promise<string>;
  stop(): Promise<void>;
  /** Starts it again on the same port, with nothing in it. */
  restart(): Promise<void>;
  /** It keeps its connections and answers nothing. */
  pause(): void;
  resume(): void;
}

export interface RedisServerOptions {
  readonly password?: string;
  readonly port?: number;
}

const run = promisify(execFile);
const START_LIMIT_MS = 120_000;
const INSTALL_LIMIT_MS = 600_000;
let found: Promise<string> | undefined;

/** Starts a server. Where neither `redis-server` nor `valkey-server` is there, installs Debian's, which only root can. */
export async function startRedis({ password, port: wanted }: RedisServerOptions = {}): Promise<RedisServer> {
  found ??= findServer();
  const binary = await found;
  const port = wanted ?? (await freePort());
  const directory = await mkdtemp(path.join(tmpdir(), 'ucode-redis-'));
  const options = [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    '--appendonly',
    'no',
    '--dir',
    directory,
  ];
  const secret = password === undefined ? [] : ['--requirepass', password];
  let child: ChildProcess;

  const cli = async (...command: string[]): Promise<string> => {
    const { stdout } = await run(binary.replace(/server$/, 'cli'), ['-p', String(port), ...command], {
      env: { ...process.env, ...(password !== undefined && { REDISCLI_AUTH: password }) },
    });
    return stdout.trim();
  };
  const start = async (): Promise<void> => {
    await mkdir(directory, { recursive: true });
    child = spawn(binary, [...options, ...secret], { stdio: ['ignore', 'pipe', 'pipe'] });
    tieToThisProcess(child);
    let output = '';
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${binary} does not start: ${output}`)), START_LIMIT_MS);
      const read = (chunk: Buffer): void => {
        output += chunk.toString();
        if (!/ready to accept connections/i.test(output)) return;
        clearTimeout(timer);
        resolve();
      };
      child.stdout?.on('data', read);
      child.stderr?.on('data', read);
      child.once('error', reject);
      child.once('exit', () => reject(new Error(`${binary} ended at once: ${output}`)));
    });
  };
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await ended(child);
  };

  await start();
  return {
    url: `redis://${password === undefined ? '' : `:${encodeURIComponent(password)}@`}127.0.0.1:${port}`,
    port,
    cli,
    async stop() {
      await kill();
      await rm(directory, { recursive: true, force: true });
    },
    async restart() {
      await kill();
      await start();
    },
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
  };
}

async function findServer(): Promise<string> {
  const installed = await which('redis-server', 'valkey-server');
  if (installed !== undefined) return installed;
  const apt = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }, timeout: INSTALL_LIMIT_MS };
  try {
    await run('apt-get', ['update'], apt);
    await run('apt-get', ['install', '-y', '--no-install-recommends', 'redis-server'], apt);
  } catch (error) {
    throw new Error('There is no redis-server, and it cannot be installed. Install redis-server or valkey-server.', {
      cause: error,
    });
  }
  const made = await which('redis-server');
  if (made === undefined) throw new Error('The package redis-server brought no redis-server.');
  return made;
}

async function which(...names: string[]): Promise<string | undefined> {
  for (const name of names) {
    const at = await run('sh', ['-c', `command -v ${name}`]).catch(() => undefined);
    if (at !== undefined) return at.stdout.trim();
  }
  return undefined;
}

async function freePort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as net.AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
