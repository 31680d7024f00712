import { spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ended, killGroup, tieToThisProcess } from '../support/child-processes.ts';
import { nodeBinary } from '../support/repository.ts';
import { ensureAgent, type AgentName } from './install.ts';
import type { Variant } from './recipes/recipe.ts';
import { openSandbox, type Sandbox } from './sandbox/sandbox.ts';
import type { SeenRequest } from './sandbox/forwarder.ts';

export interface RunOptions {
  gateway: { url: string; token: string };
  prompt: string;
  answerOnly?: boolean;
  /** Kill the agent after this many milliseconds. */
  timeoutMs?: number;
  /** Kill the agent as soon as it has made this many model calls. */
  stopAfterCalls?: number;
}

/** How one run of an agent went. */
export interface AgentRun {
  /** Exit code; `null` when it was killed. */
  readonly exitCode: number | null;
  /** Why it was killed, if it was. */
  readonly killed: 'timeout' | 'calls' | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Model calls (POST) that reached the gateway's port, refused ones included. */
  readonly calls: readonly SeenRequest[];
  readonly requests: readonly SeenRequest[];
  readonly outsideNames: readonly string[];
  /** Files of its working directory that it was asked to leave, by name. */
  readonly file: string | undefined;
  /** All of the above in a few lines, for assertion messages. */
  summary(): string;
}

const DEFAULT_TIMEOUT_MS = 120_000;
const RESULT_FILE = 'f.txt';

/** Runs the variant once in a fresh home and working directory, both removed afterwards. */
export async function runAgent(name: AgentName, variant: Variant, options: RunOptions): Promise<AgentRun> {
  const agent = await ensureAgent(name);
  const scratch = await mkdtemp(path.join(tmpdir(), 'ucode-agent-'));
  const [home, work, temporary] = ['home', 'work', 'tmp'].map((part) => path.join(scratch, part)) as [
    string,
    string,
    string,
  ];
  let kill: (reason: 'timeout' | 'calls') => void = () => {};
  let calls = 0;
  const sandbox = await openSandbox(options.gateway.url, scratch, (request) => {
    if (isModelCall(request) && ++calls === options.stopAfterCalls) kill('calls');
  });
  try {
    for (const directory of [home, work, temporary]) await mkdir(directory);
    spawnSync('git', ['init', '--quiet', work]);
    const launch = variant.launch({
      home,
      base: sandbox.base,
      token: options.gateway.token,
      model: variant.model,
      prompt: options.prompt,
      executable: agent.argv,
      version: agent.version,
      answerOnly: options.answerOnly ?? false,
    });
    for (const [file, content] of Object.entries(launch.files)) {
      await mkdir(path.dirname(path.join(home, file)), { recursive: true });
      await writeFile(path.join(home, file), content, { mode: 0o600 });
    }
    const env = { ...privateEnvironment(home, temporary), ...launch.env };
    const child = sandbox.spawn(launch.argv, { cwd: work, env });
    const outcome = await watch(child, options.timeoutMs ?? DEFAULT_TIMEOUT_MS, (stop) => (kill = stop));
    return describeRun(outcome, sandbox, path.join(work, RESULT_FILE));
  } finally {
    sandbox.close();
    await rm(scratch, { recursive: true, force: true, maxRetries: 5 });
  }
}

type Outcome = Pick<AgentRun, 'exitCode' | 'killed' | 'stdout' | 'stderr'>;

/** Nothing of the user's own environment: no credentials, no configuration, no proxies. */
function privateEnvironment(home: string, temporary: string): Record<string, string> {
  const searchPath = [path.dirname(nodeBinary), '/usr/local/bin', '/usr/bin', '/bin'];
  return {
    HOME: home,
    XDG_CONFIG_HOME: path.join(home, '.config'),
    XDG_DATA_HOME: path.join(home, '.local', 'share'),
    XDG_CACHE_HOME: path.join(home, '.cache'),
    XDG_STATE_HOME: path.join(home, '.local', 'state'),
    TMPDIR: temporary,
    PATH: searchPath.join(path.delimiter),
    SHELL: '/bin/bash',
    LANG: 'C.UTF-8',
    TERM: 'dumb',
    USER: 'developer',
  };
}

async function watch(
  child: ChildProcess,
  timeoutMs: number,
  onKill: (stop: (reason: 'timeout' | 'calls') => void) => void,
): Promise<Outcome> {
  tieToThisProcess(child);
  const output = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream]?.setEncoding('utf8').on('data', (text: string) => (output[stream] += text));
  }
  let killed: AgentRun['killed'] = null;
  const stop = (reason: 'timeout' | 'calls'): void => {
    killed ??= reason;
    killGroup(child);
  };
  onKill(stop);
  const timer = setTimeout(() => stop('timeout'), timeoutMs);
  // What the agent left running in its group may hold its output open: it goes with the agent.
  child.once('exit', () => killGroup(child));
  const code = await ended(child);
  clearTimeout(timer);
  return { ...output, killed, exitCode: killed || typeof code !== 'number' ? null : code };
}

function isModelCall(request: SeenRequest): boolean {
  return request.method === 'POST' && request.path.startsWith('/ai-gateway/');
}

function describeRun(outcome: Outcome, sandbox: Sandbox, resultFile: string): AgentRun {
  const requests = [...sandbox.requests];
  return {
    ...outcome,
    requests,
    calls: requests.filter(isModelCall),
    outsideNames: sandbox.outsideNames(),
    file: existsSync(resultFile) ? readFileSync(resultFile, 'utf8') : undefined,
    summary: () =>
      [
        `exit ${outcome.exitCode}, killed: ${outcome.killed}`,
        ...requests.map((request) => `  ${request.method} ${request.path}`),
        `--- stdout\n${outcome.stdout.slice(-3000)}`,
        `--- stderr\n${outcome.stderr.slice(-3000)}`,
      ].join('\n'),
  };
}
