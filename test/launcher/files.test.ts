// What `ucode` does to a home under bad luck: killed at any moment, two at once, no space, a read-only disk.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ended } from '../support/child-processes.ts';
import { startGateway, type Gateway } from '../support/gateway-process.ts';
import { openLaptop, ucodeBinary, type Laptop } from '../support/laptop.ts';
import { nodeBinary } from '../support/repository.ts';

const AGENTS = ['codex', 'claude', 'gemini', 'opencode', 'copilot', 'pi'];
/** Kills of `ucode configure`. */
const ROUNDS = 12;

let gateway: Gateway;
let laptop: Laptop;
beforeAll(async () => void (gateway = await startGateway()));
afterAll(() => gateway.stop());
beforeEach(async () => {
  laptop = openLaptop();
  for (const agent of AGENTS) laptop.program(agent, { script: '#!/bin/sh\necho 1.200.0\n' });
  put('.codex/config.toml', '# mine\nmodel = "gpt-5"\n\n[mcp_servers.x]\ncommand = "x"\n', 0o600);
  put('.claude/settings.json', '{\n  // mine\n  "theme": "dark"\n}\n', 0o644);
  put('.gemini/settings.json', '{"ui": {"theme": "dark"}}\n', 0o644);
  await laptop.signIn(gateway);
});
afterEach(() => laptop.close());

function put(name: string, text: string, mode: number): void {
  const file = path.join(laptop.home, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
  chmodSync(file, mode);
}

/** The home without what `ucode` keeps for itself. */
const theirs = (): Record<string, string> => laptop.snapshot({ without: /^\.ucode(\/|$)/ });

const configure = (...more: readonly string[]): string[] => [
  'configure',
  '--agents',
  AGENTS.join(','),
  '--skip-validate',
  ...more,
];

it('killed at any moment, it can be taken back to the byte', async () => {
  const before = theirs();
  for (let round = 0; round < ROUNDS; round++) {
    const child = laptop.start(configure('--global'));
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => (output += text));
    const end = ended(child);
    // Moments of the work and not of the clock: at the first word, at the second…
    const after = round % AGENTS.length;
    const watch = setInterval(() => {
      if ((output.match(/is set up/g) ?? []).length >= after) child.kill('SIGKILL');
    }, 1);
    await end;
    clearInterval(watch);
    const reverted = await laptop.ucode(['revert']);
    expect(reverted.code, reverted.stderr).toBe(0);
    expect(theirs()).toEqual(before);
  }
}, 300_000);

it('several at once leave what one would', async () => {
  const before = theirs();
  const one = await laptop.ucode(configure());
  expect(one.code, one.stderr).toBe(0);
  const alone = theirs();
  const runs = await Promise.all([1, 2, 3].map(() => laptop.ucode(configure())));
  for (const { code, stderr } of runs) expect(code, stderr).toBe(0);
  expect(theirs()).toEqual(alone);
  await Promise.all([laptop.ucode(configure()), laptop.ucode(['revert'])]);
  expect(await laptop.ucode(['revert'])).toMatchObject({ code: 0 });
  expect(theirs()).toEqual(before);
});

it('a dry run changes nothing and is a diff, with its brackets', async () => {
  const before = laptop.snapshot();
  const { code, stdout } = await laptop.ucode(configure('--global', '--dry-run'));
  expect(code).toBe(0);
  expect(laptop.snapshot()).toEqual(before);
  expect(stdout).toContain(`--- ${path.join(laptop.home, '.codex', 'config.toml')}`);
  expect(stdout).toContain('+[model_providers.ucode-databricks]');
  expect(stdout).toContain(' [mcp_servers.x]');
});

it('one agent is taken back, the others stay; a file that was changed since keeps the change', async () => {
  await laptop.ucode(configure('--global'));
  const config = path.join(laptop.home, '.codex', 'config.toml');
  writeFileSync(config, readFileSync(config, 'utf8').replace('command = "x"', 'command = "y"'));
  const claude = readFileSync(path.join(laptop.home, '.claude', 'settings.json'), 'utf8');
  expect(await laptop.ucode(['revert', '--agents', 'codex'])).toMatchObject({ code: 0 });
  expect(readFileSync(config, 'utf8')).toBe('# mine\nmodel = "gpt-5"\n\n[mcp_servers.x]\ncommand = "y"\n');
  expect(readFileSync(path.join(laptop.home, '.claude', 'settings.json'), 'utf8')).toBe(claude);
});

it('after revert and logout nothing of ours is left', async () => {
  const before = theirs();
  await laptop.ucode(configure());
  expect(await laptop.ucode(['revert'])).toMatchObject({ code: 0 });
  expect(await laptop.ucode(['logout', '--all'])).toMatchObject({ code: 0 });
  expect(laptop.snapshot()).toEqual(before);
});

describe('a disk', () => {
  /** Runs `ucode` in a mount namespace of its own, after `setup`, a line of shell. */
  function mounted(setup: string, args: readonly string[]) {
    const script = `${setup} && exec "$0" "$@"`;
    const command = ['--mount', '--', 'sh', '-c', script, nodeBinary, ucodeBinary, ...args];
    return spawnSync('unshare', command, { env: laptop.env, cwd: laptop.work, encoding: 'utf8' });
  }
  const canMount = spawnSync('unshare', ['--mount', 'true']).status === 0;

  it.runIf(canMount)('that is full: a sentence, and the old files as they were', () => {
    const before = theirs();
    const directory = path.join(laptop.home, '.codex');
    // A disk for this directory alone, with the user's file on it, and no room beside it.
    const setup = `cp -a '${directory}' '${laptop.work}/kept' && mount -t tmpfs -o size=16k,mode=755 tmpfs '${directory}' && cp -a '${laptop.work}/kept/.' '${directory}' && { head -c 65536 /dev/zero > '${directory}/filler' 2>/dev/null; true; }`;
    const show = `; cat '${directory}/config.toml'; ls -a '${directory}'`;
    const run = spawnSync(
      'unshare',
      [
        '--mount',
        '--',
        'sh',
        '-c',
        `${setup} && "$0" "$@"; echo "ended $?" ${show}`,
        nodeBinary,
        ucodeBinary,
        'configure',
        '--agents',
        'codex',
        '--global',
        '--skip-validate',
      ],
      { env: laptop.env, cwd: laptop.work, encoding: 'utf8' },
    );
    expect(run.stderr).toMatch(/config\.toml cannot be written: there is no space left on the disk/);
    expect(run.stdout).toContain('ended 1');
    expect(run.stdout).toContain(readFileSync(path.join(directory, 'config.toml'), 'utf8'));
    expect(run.stdout).not.toContain('.tmp');
    expect(theirs()).toEqual(before);
  });

  it.runIf(canMount)('that cannot be written: a sentence with its cure', () => {
    const { home } = laptop;
    const { status, stderr } = mounted(`mount --bind '${home}' '${home}' && mount -o remount,ro,bind '${home}'`, [
      'configure',
      '--agents',
      'codex',
      '--skip-validate',
    ]);
    expect(status).toBe(1);
    expect(stderr).toMatch(/read-only file system/);
    const doctor = mounted(`mount --bind '${home}' '${home}' && mount -o remount,ro,bind '${home}'`, ['doctor']);
    expect(doctor.stdout).toMatch(/read-only[\s\S]*UCODE_HOME/);
  });
});
