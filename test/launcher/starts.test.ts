// How an agent is started and how it ends: arguments, signals, exit codes, the proxy's life, programs that are missing.
import type { ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ended } from '../support/child-processes.ts';
import { startGateway, type Gateway } from '../support/gateway-process.ts';
import { openLaptop, type Laptop } from '../support/laptop.ts';

/** Says where its proxy is, then waits for signals; ends when `ucode` is gone. */
const WAITS = `#!/bin/sh
[ "$1" = --version ] && { echo 1.0.0; exit; }
trap 'echo got INT; exit 41' INT
trap 'echo got HUP; exit 42' HUP
trap 'echo got TERM; exit 43' TERM
echo "proxy $GOOGLE_GEMINI_BASE_URL"
while kill -0 $PPID 2>/dev/null; do sleep 0.1; done
`;
const ECHO =
  '#!/bin/sh\n[ "$1" = --version ] && { echo 1.0.0; exit; }\nfor word in "$@"; do printf "[%s]" "$word"; done\n';

let gateway: Gateway;
let laptop: Laptop;
beforeAll(async () => void (gateway = await startGateway()));
afterAll(() => gateway.stop());
beforeEach(async () => {
  laptop = openLaptop();
  await laptop.signIn(gateway);
});
afterEach(() => laptop.close());

/** The proxy's address, once the agent that waits is there; `said` has what it printed. */
async function startWaiting(): Promise<{ child: ChildProcess; proxy: string; said: () => string }> {
  laptop.program('gemini', { script: WAITS });
  const child = laptop.start(['gemini']);
  let output = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (output += text));
  await expect.poll(() => output, { timeout: 60_000 }).toMatch(/proxy http.*\n/);
  return { child, proxy: /proxy (\S+)/.exec(output)?.[1] ?? '', said: () => output };
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function reachable(url: string): Promise<boolean> {
  return fetch(url).then(
    () => true,
    () => false,
  );
}

describe('signals', () => {
  it.each([
    ['SIGINT', 41],
    ['SIGHUP', 42],
    ['SIGTERM', 43],
  ] as const)('%s reaches the agent, whose exit code comes back', async (signal, code) => {
    const { child, proxy, said } = await startWaiting();
    expect(await reachable(proxy)).toBe(true);
    const end = ended(child);
    child.kill(signal);
    expect(await end).toBe(code);
    expect(said()).toContain(`got ${signal.slice(3)}`);
    expect(await reachable(proxy)).toBe(false);
  });

  it('that ends the agent ends ucode', async () => {
    laptop.program('codex', { script: '#!/bin/sh\n[ "$1" = --version ] && { echo 1.0.0; exit; }\nkill -TERM $$\n' });
    expect((await laptop.ucode(['codex'])).code).toBe('SIGTERM');
  });

  it('SIGKILL leaves no proxy behind', async () => {
    const { child, proxy } = await startWaiting();
    const end = ended(child);
    child.kill('SIGKILL');
    expect(await end).toBe('SIGKILL');
    expect(await reachable(proxy)).toBe(false);
  });
});

it('a try that is interrupted leaves neither the agent nor its files', async () => {
  laptop.program('pi', {
    script: '#!/bin/sh\n[ "$1" = --version ] && { echo 1.0.0; exit; }\nsleep 600 & echo "$$ $!" > "$WHERE"\nwait\n',
  });
  const where = path.join(laptop.work, 'processes');
  const child = laptop.start(['configure', '--agents', 'pi'], { env: { WHERE: where } });
  const end = ended(child);
  const processes = (): number[] => (existsSync(where) ? readFileSync(where, 'utf8').split(' ').map(Number) : []);
  await expect.poll(processes, { timeout: 60_000 }).toHaveLength(2);
  child.kill('SIGINT');
  expect(await end).toBe(130);
  await expect.poll(() => processes().some(isRunning), { timeout: 30_000 }).toBe(false);
  expect(Object.keys(laptop.snapshot()).filter((name) => name.includes('try-'))).toEqual([]);
});

describe('arguments', () => {
  it.each([
    [['--'], ['--']],
    [
      ['-p', '--', '--model', 'x'],
      ['-p', '--', '--model', 'x'],
    ],
    [
      ['--workspace', 'elsewhere', '--verbose'],
      ['--workspace', 'elsewhere', '--verbose'],
    ],
  ])("after the name are the agent's: %j", async (args, expected) => {
    laptop.program('pi', { script: ECHO });
    const { code, stdout } = await laptop.ucode([
      '--model',
      'main.team.fast',
      `--workspace=${gateway.url}`,
      'pi',
      ...args,
    ]);
    expect(code).toBe(0);
    expect(stdout).toBe(expected.map((word) => `[${word}]`).join(''));
  });

  it('before the name are ours: the model reaches the agent by its settings', async () => {
    laptop.program('gemini', { script: '#!/bin/sh\n[ "$1" = --version ] && exit 1\nprintf %s "$GEMINI_MODEL"\n' });
    expect((await laptop.ucode(['--model', 'main.team.fast', 'gemini'])).stdout).toBe('main.team.fast');
  });
});

describe('Cursor', () => {
  it('is started as it is', async () => {
    laptop.program('cursor-agent', { script: ECHO });
    const { code, stdout } = await laptop.ucode(['cursor', 'chat', '--model', 'a b']);
    expect([code, stdout]).toEqual([0, '[chat][--model][a b]']);
  });

  it('IDE: the steps are shown, and the gateway has answered', async () => {
    const { code, stdout, stderr } = await laptop.ucode(['configure', 'cursor-ide']);
    expect(code, stderr).toBe(0);
    expect(stderr).toContain('has answered');
    expect(stdout).toContain(`${gateway.url}/ai-gateway/cursor/v1`);
    expect(stdout).toContain('system.ai.claude-opus-4-8');
    expect(stdout).toContain('--create-token');
    expect(stdout).not.toMatch(/ucg_/);
  });

  it.each([
    ['a revert', ['revert', '--agents', 'cursor']],
    ['a sign-out', ['logout']],
  ])('IDE: a token is made when asked for, works, and goes with %s', async (_, undo) => {
    const args = ['configure', 'cursor-ide', '--create-token', '--token-lifetime', '2h'];
    const { code, stdout, stderr } = await laptop.ucode(args);
    expect(code, stderr).toBe(0);
    const token = /ucg_[\w-]+/.exec(stdout)?.[0] ?? '';
    const me = async (): Promise<number> => {
      const headers = { authorization: `Bearer ${token}` };
      return (await fetch(`${gateway.url}/api/2.0/preview/scim/v2/Me`, { headers })).status;
    };
    expect(await me()).toBe(200);
    expect((await laptop.ucode(undo)).code).toBe(0);
    await expect.poll(me, { timeout: 30_000 }).toBe(401);
  });
});

describe('an agent that is not there', () => {
  it('is not installed unasked: the command is told', async () => {
    laptop.program('npm', { script: '#!/bin/sh\necho "$@" >> "$HOME/npm-ran"\n' });
    const { code, stderr } = await laptop.ucode(['copilot']);
    expect(code).toBe(1);
    expect(stderr).toContain('npm install -g @github/copilot@latest');
    expect(laptop.snapshot()).not.toHaveProperty('npm-ran');
  });

  it('and is not on npm: that is said', async () => {
    const { code, stderr } = await laptop.ucode(['cursor']);
    expect(code).toBe(1);
    expect(stderr).toContain('cursor-agent');
  });
});

it('a token that cannot be deleted is named when its agent is reverted', async () => {
  laptop.program('gemini', { script: ECHO });
  const away = await startGateway();
  await laptop.signIn(away);
  const configured = await laptop.ucode(['configure', '--agents', 'gemini', '--global', '--skip-validate']);
  expect(configured.code, configured.stderr).toBe(0);
  await away.stop();
  const { code, stderr } = await laptop.ucode(['revert', '--agents', 'gemini']);
  expect(code, stderr).toBe(0);
  expect(stderr).toMatch(/could not be deleted at http:/);
  expect(laptop.snapshot()).not.toHaveProperty('.gemini/.env');
});
