// The 22 weaknesses that the original launcher was found to have (August 2026), and what proves that ours has not.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, request as send, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startGateway, type Gateway } from '../support/gateway-process.ts';
import { openLaptop, type Laptop } from '../support/laptop.ts';
import { repositoryRoot } from '../support/repository.ts';

/** Where it is proven: a test of a file, `here` (below, by its number), or why there is nothing to prove yet. */
type Proof = { readonly file: string; readonly test: string } | 'here' | { readonly later: string };

const AGENTS = 'test/agents';
const UNIT = 'packages/cli/src';
const weaknesses: readonly (readonly [number: number, what: string, ...proofs: Proof[]])[] = [
  [
    1,
    'revert does not restore after a second write, and leaves tokens',
    { file: `${UNIT}/agents/registry.test.ts`, test: 'comes back to the byte, whatever was written meanwhile' },
    { file: 'test/launcher/files.test.ts', test: 'after revert and logout nothing of ours is left' },
  ],
  [2, 'slow to start', { file: 'bench/launcher.ts', test: 'auth-token' }],
  [3, 'each launch starts processes of another command', 'here'],
  [4, 'smart routing takes values of flags for prompts', { later: 'there is no smart routing yet' }],
  [
    5,
    'what is switched off stays in files',
    { file: 'test/launcher/telemetry.test.ts', test: 'to the byte, and what was there before is back' },
  ],
  [
    6,
    'bracketed text vanishes; a dry run is none',
    { file: 'test/launcher/files.test.ts', test: 'with its brackets' },
    'here',
  ],
  [
    7,
    'a bare start takes no arguments; status prints raw data',
    { file: 'test/launcher/managed.test.ts', test: 'what an admin publishes from a file holds' },
    'here',
  ],
  [
    8,
    'models are never priced, agents are left out of usage',
    { file: 'test/launcher/usage.test.ts', test: 'counts every agent' },
  ],
  [
    9,
    'a version that is slow to tell is unknown',
    { file: `${AGENTS}/launcher.test.ts`, test: 'does its work, and is counted' },
  ],
  [
    10,
    'Codex warns of missing metadata',
    { file: `${AGENTS}/launcher.test.ts`, test: 'does its work, and is counted' },
  ],
  [11, 'configure ends with 0 where no agent could be set up', 'here'],
  [12, 'tokens end while agents run', { file: `${AGENTS}/launcher-tokens.test.ts`, test: 'launchableIds' }],
  [
    13,
    'tokens in files that others can read',
    { file: `${UNIT}/agents/registry.test.ts`, test: 'no secret but the one that is meant for the file' },
    { file: `${AGENTS}/launcher.test.ts`, test: 'has left a token in its own file alone' },
  ],
  [14, 'port and http get lost', { file: `${UNIT}/agents/registry.test.ts`, test: 'address with its port' }, 'here'],
  [
    15,
    'families by parts of names, the newest by spelling',
    { file: `${UNIT}/setup/agent-setup.test.ts`, test: 'takes the newest version, not the last one by spelling' },
    { file: `${UNIT}/setup/agent-setup.test.ts`, test: 'offers models outside system.ai' },
  ],
  [16, 'each launch waits for a whole discovery', 'here'],
  [
    17,
    'writes are torn, a damaged state counts as empty',
    { file: 'test/launcher/files.test.ts', test: 'killed at any moment' },
    { file: 'test/launcher/files.test.ts', test: 'several at once' },
    'here',
  ],
  [18, 'managed MCP servers with dots are skipped', { later: 'there are no MCP servers yet' }],
  [19, 'Codex that fails is run again outside the gateway', 'here'],
  [
    20,
    'of several workspaces only the first is set up',
    { file: 'test/launcher/sign-in.test.ts', test: 'several workspaces' },
  ],
  [
    21,
    'needs Python, uv and another command',
    { file: 'test/launcher/package.test.ts', test: 'nothing to install' },
    'here',
  ],
  [
    22,
    'no JSON, no doctor, no logout, nothing per agent',
    { file: 'test/launcher/sign-in.test.ts', test: 'signing out ends the sign-in' },
    { file: 'test/launcher/files.test.ts', test: 'one agent is taken back' },
    'here',
  ],
];

it('all 22 are listed', () =>
  expect(weaknesses.map(([number]) => number)).toEqual(Array.from({ length: 22 }, (_, at) => at + 1)));

it.each(weaknesses.map(([number, what, ...proofs]) => ({ number, what, proofs })))(
  '$number, $what: is proven where it says',
  ({ number, proofs }) => {
    expect(proofs.length).toBeGreaterThan(0);
    const own = readFileSync(path.join(repositoryRoot, 'test', 'launcher', 'weaknesses.test.ts'), 'utf8');
    for (const proof of proofs) {
      if (proof === 'here') expect(own).toMatch(new RegExp(`it\\('${number}: `));
      else if ('later' in proof) expect(proof.later).toMatch(/yet/);
      else {
        const file = path.join(repositoryRoot, proof.file);
        expect(existsSync(file), proof.file).toBe(true);
        expect(readFileSync(file, 'utf8')).toContain(proof.test);
      }
    }
  },
);

describe('here', () => {
  let gateway: Gateway;
  let front: Server;
  let frontUrl: string;
  const seen: string[] = [];
  let held: Promise<void> | undefined;
  let laptop: Laptop;

  beforeAll(async () => {
    gateway = await startGateway();
    // What the laptop asks of the gateway, and when.
    front = createServer((incoming, response) => {
      seen.push(`${incoming.method} ${incoming.url}`);
      void (held ?? Promise.resolve()).then(() => {
        const url = new URL(incoming.url ?? '/', gateway.url);
        const outgoing = send(url, { method: incoming.method ?? 'GET', headers: incoming.headers }, (answer) => {
          response.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(response);
        });
        outgoing.on('error', () => response.destroy());
        incoming.pipe(outgoing);
      });
    });
    front.listen(0, '127.0.0.1');
    await once(front, 'listening');
    frontUrl = `http://127.0.0.1:${(front.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    front.close();
    front.closeAllConnections();
    await gateway.stop();
  });
  beforeEach(async () => {
    laptop = openLaptop();
    laptop.program('codex', { script: '#!/bin/sh\necho "ARGS $*" >> "$HOME/../ran"\n' });
    await laptop.signIn({ url: frontUrl, token: gateway.token });
  });
  afterEach(() => {
    held = undefined;
    laptop.close();
  });

  const ran = (): string => readFileSync(path.join(laptop.home, '..', 'ran'), 'utf8');

  it('3: no other command is started', async () => {
    for (const name of ['databricks', 'uv', 'python', 'python3', 'pip'])
      laptop.program(name, { script: '#!/bin/sh\necho "$0" >> "$HOME/../others"\n' });
    expect(await laptop.ucode(['codex'])).toMatchObject({ code: 0 });
    expect(await laptop.ucode(['auth-token'])).toMatchObject({ code: 0 });
    expect(await laptop.ucode(['configure', '--agents', 'codex', '--skip-validate'])).toMatchObject({ code: 0 });
    expect(existsSync(path.join(laptop.home, '..', 'others'))).toBe(false);
  });

  it('6: brackets in messages stay', async () => {
    const { code, stderr } = await laptop.ucode(['configure', '--profiles', '[work]']);
    expect(code).toBe(2);
    expect(stderr).toContain("There is no profile '[work]'");
  });

  it('7: status is for people, and the same for programs on demand', async () => {
    await laptop.ucode(['codex']);
    expect((await laptop.ucode(['status'])).stdout).not.toMatch(/[{}]/);
    expect(JSON.parse((await laptop.ucode(['status', '--json'])).stdout)).toMatchObject({ workspace: frontUrl });
  });

  it('11: configure says by its exit code that nothing was set up', async () => {
    const none = await laptop.ucode(['configure', '--agents', 'pi,claude', '--skip-validate']);
    expect(none).toMatchObject({ code: 1 });
    expect(none.stderr).toContain('npm install -g');
    expect(await laptop.ucode(['configure', '--agents', 'pi', '--skip-validate', '--skip-unavailable'])).toMatchObject({
      code: 1,
    });
  });

  it('14: port and http are kept', async () => {
    await laptop.ucode(['codex']);
    const profile = readFileSync(path.join(laptop.home, '.codex', 'ucode.config.toml'), 'utf8');
    expect(profile).toContain(`base_url = "${frontUrl}/ai-gateway/codex/v1"`);
  });

  it('16: a later start waits for nothing: the agent runs while the gateway says nothing', async () => {
    await laptop.ucode(['codex', 'first']);
    seen.length = 0;
    let release = (): void => {};
    held = new Promise((resolve) => (release = resolve));
    const { code, stderr } = await laptop.ucode(['codex', 'second']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(ran()).toMatch(/ARGS .*second/);
    release();
  });

  it('17: damaged settings are an error with its cure, and stay as they are', async () => {
    const file = path.join(laptop.home, '.ucode', 'settings.json');
    for (const text of ['{"version": 1, "works', '[]', '{"version": 9, "workspaces": {}}']) {
      writeFileSync(file, text);
      const { code, stderr } = await laptop.ucode(['codex']);
      expect(code).toBe(1);
      expect(stderr).toMatch(/settings\.json (is damaged\. Mend it|was written by a newer ucode)/);
      expect(readFileSync(file, 'utf8')).toBe(text);
    }
  });

  it('19: an agent that fails at once is not run again, and why is looked for', async () => {
    laptop.program('claude', {
      script: '#!/bin/sh\n[ "$1" = --version ] && exit 0\necho "ARGS $*" >> "$HOME/../ran"\nexit 3\n',
    });
    const { code } = await laptop.ucode(['claude', '-p', 'x']);
    expect(code).toBe(3);
    expect(ran().trim().split('\n')).toHaveLength(1);
    expect(ran()).toContain('--settings');
  });

  it('21: runs with nothing on PATH but the agent', async () => {
    const { code } = await laptop.ucode(['codex'], { env: { PATH: laptop.bin } });
    // The fake agent's own interpreter is /bin/sh, by its full path.
    expect(code).toBe(0);
  });

  it('22: what reads can be read by programs', async () => {
    for (const args of [['status'], ['doctor'], ['whoami'], ['usage'], ['workspace', 'list'], ['setup', 'show']]) {
      const { stdout } = await laptop.ucode([...args, '--json']);
      expect(() => JSON.parse(stdout) as unknown, args.join(' ')).not.toThrow();
    }
  });
});
