import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readSpool } from '../../packages/gateway/src/usage/spool-reader.ts';
import type { UsageRecord } from '../../packages/gateway/src/usage/usage-record.ts';
import { ended, tieToThisProcess } from './child-processes.ts';
import { nodeBinary, repositoryRoot } from './repository.ts';

export interface GatewayStart {
  /** The text of a `gateway.yaml`; without it the gateway starts with its defaults. */
  config?: string;
  /** Added to the environment, after every provider credential has been taken out of it. */
  env?: Readonly<Record<string, string>>;
  /** An existing data directory; without it a new one is made, and removed by `stop`. */
  data?: string;
  /** The token to use with an existing data directory, whose gateway prints none. */
  token?: string;
}

/** A real `ucode-gateway serve` process on a free loopback port. */
export interface Gateway {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** The admin's personal access token. Empty when started on an existing data directory without one. */
  readonly token: string;
  readonly data: string;
  readonly pid: number;
  /** All it has written so far, standard output and error together. */
  output(): string;
  /** Sends the signal (SIGTERM) and waits for the exit. Gives the exit code or the signal that ended it. */
  stop(signal?: NodeJS.Signals): Promise<number | NodeJS.Signals>;
  /** The records in the spool, oldest first. */
  usage(): Promise<UsageRecord[]>;
}

const executable = path.join(repositoryRoot, 'packages', 'gateway', 'bin', 'ucode-gateway.js');
const START_LIMIT_MS = 90_000;
const STOP_LIMIT_MS = 90_000;
const LISTENING = /listening on (http:\/\/127\.0\.0\.1:\d+)/;
const FIRST_TOKEN = /ucg_[A-Za-z0-9_-]+/;

/** Starts the gateway and resolves when it listens; rejects with its output when it ends before that. */
export async function startGateway(options: GatewayStart = {}): Promise<Gateway> {
  const scratch = await mkdtemp(path.join(tmpdir(), 'ucode-gateway-test-'));
  const data = options.data ?? path.join(scratch, 'data');
  const args = ['serve', '--port', '0', '--data', data];
  if (options.config !== undefined) {
    const file = path.join(scratch, 'gateway.yaml');
    await writeFile(file, options.config);
    args.push('--config', file);
  }
  const env = { ...withoutProviderCredentials(process.env), ...options.env };
  const child = spawn(nodeBinary, [executable, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  tieToThisProcess(child);
  const exit = ended(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => (output += text));
  }
  const expectsToken = options.data === undefined;
  let url: string;
  try {
    url = await listening(child.stdout, exit, () => {
      const found = LISTENING.exec(output)?.[1];
      return found && (!expectsToken || FIRST_TOKEN.test(output)) ? found : undefined;
    });
  } catch (error) {
    child.kill('SIGKILL');
    await exit.catch(() => undefined);
    await rm(scratch, { recursive: true, force: true });
    throw new Error(`The gateway did not start (${String(error)}):\n${output}`, { cause: error });
  }
  return {
    url,
    token: options.token ?? (expectsToken ? (FIRST_TOKEN.exec(output)?.[0] ?? '') : ''),
    data,
    pid: child.pid ?? 0,
    output: () => output,
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
      const code = await exit;
      clearTimeout(timer);
      await rm(scratch, { recursive: true, force: true });
      return code;
    },
    usage: () => readUsage(data),
  };
}

/** The records in the spool of a data directory, whether or not a gateway runs on it. */
export async function readUsage(data: string): Promise<UsageRecord[]> {
  const records: UsageRecord[] = [];
  for await (const { record } of readSpool(path.join(data, 'spool'))) records.push(record as UsageRecord);
  return records;
}

/** The environment without anything that would register a provider or change the gateway's defaults. */
export function withoutProviderCredentials(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const secret =
    /_API_KEY$|_AUTH_TOKEN$|^(ANTHROPIC|OPENAI|AZURE|GEMINI|GOOGLE|DATABRICKS|OPENROUTER|OLLAMA|VLLM|UCODE_GATEWAY)_/;
  return Object.fromEntries(Object.entries(env).filter(([name]) => !secret.test(name)));
}

/** Resolves with what `found` gives after some output; rejects on exit and after the start limit. */
function listening(
  stdout: NodeJS.ReadableStream,
  exit: Promise<number | NodeJS.Signals>,
  found: () => string | undefined,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => settle(reject, `not listening after ${START_LIMIT_MS} ms`), START_LIMIT_MS);
    const settle = <T>(outcome: (value: T) => void, value: T): void => {
      clearTimeout(timer);
      stdout.off('data', check);
      outcome(value);
    };
    const check = (): void => {
      const url = found();
      if (url) settle(resolve, url);
    };
    stdout.on('data', check);
    exit.then(
      (code) => settle(reject, `exit ${code}`),
      (error: unknown) => settle(reject, String(error)),
    );
  });
}
