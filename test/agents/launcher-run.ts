// A real agent started by `ucode` on a bare laptop: an empty home, the pinned agents on PATH, and the sandbox around it,
// in which the gateway is all that can be reached.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { AgentId } from '../../packages/cli/src/agents/agent.ts';
import { killGroup } from '../support/child-processes.ts';
import { openLaptop, type Laptop, type Spawn } from '../support/laptop.ts';
import { ensureAgents, type AgentName } from './install.ts';
import type { SeenRequest } from './sandbox/forwarder.ts';
import { openSandbox } from './sandbox/sandbox.ts';

/** The agents that can be run here, as `ucode` and as the suite call them. */
export const launchable = {
  claude: {
    name: 'claude-code',
    codingAgent: 'claude-code',
    prompt: ['-p'],
    allow: ['--dangerously-skip-permissions'],
  },
  codex: {
    name: 'codex',
    codingAgent: 'codex',
    prompt: ['exec', '--skip-git-repo-check', '--dangerously-bypass-approvals-and-sandbox'],
    allow: [],
  },
  gemini: { name: 'gemini-cli', codingAgent: 'gemini-cli', prompt: ['-p'], allow: ['--yolo'] },
  opencode: { name: 'opencode', codingAgent: 'opencode', prompt: ['run', '--auto'], allow: [] },
  copilot: {
    name: 'copilot',
    codingAgent: 'copilot-cli',
    prompt: ['-p'],
    allow: ['--allow-all-tools', '--allow-all-paths'],
  },
  pi: { name: 'pi', codingAgent: 'pi', prompt: ['-p'], allow: [] },
} as const satisfies Partial<Record<AgentId, LaunchableAgent>>;

interface LaunchableAgent {
  readonly name: AgentName;
  /** What usage records call it. */
  readonly codingAgent: string;
  /** Arguments before a prompt that it answers and ends. */
  readonly prompt: readonly string[];
  /** Arguments after it that let it use its tools unasked. */
  readonly allow: readonly string[];
}

export type LaunchableId = keyof typeof launchable;
export const launchableIds = Object.keys(launchable) as readonly LaunchableId[];

/** Arguments for `ucode` that have an agent act on a prompt, without a question, and end. */
export function promptArguments(id: LaunchableId, prompt: string): string[] {
  const { prompt: before, allow } = launchable[id];
  return [id, ...before, prompt, ...allow];
}

/** See the top of the file. What runs, runs in the sandbox, with files that everybody on the machine can see. */
export interface SandboxedLaptop extends Laptop {
  /** The gateway's address in the sandbox: what to sign in to. */
  readonly base: string;
  /** Every request that reached the gateway from here, in order. */
  readonly requests: readonly SeenRequest[];
  /** Outside host names that anything asked for; only a namespace can tell. */
  outsideNames(): string[];
  /** Signs in with the token, at `base`. */
  signInWith(token: string): Promise<void>;
}

/** Agents neither update themselves nor report to their makers: they are not what is looked at, and it takes time. */
const QUIET = {
  DISABLE_AUTOUPDATER: '1',
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
  IS_SANDBOX: '1',
  OPENCODE_DISABLE_AUTOUPDATE: '1',
  OPENCODE_DISABLE_MODELS_FETCH: '1',
  PI_OFFLINE: '1',
  PI_TELEMETRY: '0',
};
/** Longest run of an agent, milliseconds. */
const LIMIT_MS = 170_000;

/** @param ids agents to put on PATH. */
export async function openSandboxedLaptop(
  gateway: { readonly url: string },
  ids: readonly LaunchableId[] = launchableIds,
): Promise<SandboxedLaptop> {
  const installed = await ensureAgents(ids.map((id) => launchable[id].name));
  const scratch = mkdtempSync(path.join(tmpdir(), 'ucode-sandbox-'));
  const sandbox = await openSandbox(gateway.url, scratch);
  const spawn: Spawn = (argv, { cwd, env, stdin }) => {
    // The sandbox keeps its own standard input open; what the program shall read is piped inside.
    const piped = ['sh', '-c', 'printf %s "$STANDARD_INPUT" | env -u STANDARD_INPUT "$@"', 'sh', ...argv];
    const child = sandbox.spawn(stdin === '' ? argv : piped, {
      cwd,
      env: { ...QUIET, ...env, ...(stdin === '' ? {} : { STANDARD_INPUT: stdin }) },
    });
    const timer = setTimeout(() => killGroup(child), LIMIT_MS);
    child.once('exit', () => {
      clearTimeout(timer);
      // What an agent has left running may hold its output open.
      killGroup(child);
    });
    return child;
  };
  const laptop = openLaptop(spawn);
  for (const { name, argv } of installed) {
    const id = launchableIds.find((one) => launchable[one].name === name) ?? name;
    const [program = '', script] = argv;
    if (script === undefined) laptop.program(id, { target: program });
    else laptop.program(id, { script: `#!/bin/sh\nexec '${program}' '${script}' "$@"\n` });
  }
  return {
    ...laptop,
    base: sandbox.base,
    requests: sandbox.requests,
    outsideNames: () => sandbox.outsideNames(),
    signInWith: (token) => laptop.signIn({ url: sandbox.base, token }),
    close() {
      sandbox.close();
      laptop.close();
      rmSync(scratch, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
