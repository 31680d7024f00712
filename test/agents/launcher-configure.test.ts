// `ucode configure` with real agents: each is tried with a prompt; after `--global` each answers without `ucode`, too.
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startGateway, type Gateway } from '../support/gateway-process.ts';
import { launchable, launchableIds, openSandboxedLaptop, type SandboxedLaptop } from './launcher-run.ts';

const ANSWER = 'Hello from the ucode demo model';
/** Files that hold a token afterwards, and whose. */
const TOKEN_FILES = { gemini: '.gemini/.env', opencode: '.ucode/tokens/opencode' } as const;

const GLOBAL_FILES = [
  '.claude/settings.json',
  '.codex/config.toml',
  '.config/opencode/opencode.json',
  '.gemini/settings.json',
  '.pi/agent/models.json',
  '.pi/agent/settings.json',
];

let gateway: Gateway;
let laptop: SandboxedLaptop;
beforeAll(async () => {
  gateway = await startGateway();
  laptop = await openSandboxedLaptop(gateway);
  await laptop.signInWith(gateway.token);
});
afterAll(async () => {
  laptop.close();
  await gateway.stop();
});

async function tokens(): Promise<string[]> {
  const headers = { authorization: `Bearer ${gateway.token}` };
  const answer = await fetch(`${gateway.url}/api/2.0/token/list`, { headers });
  const { token_infos: infos } = (await answer.json()) as { token_infos: { comment: string }[] };
  return infos.map(({ comment }) => comment).filter((comment) => comment.startsWith('ucode:'));
}

it('tries every agent with a prompt, and leaves nothing of the tries', async () => {
  const { code, stderr } = await laptop.ucode(['configure', '--agents', launchableIds.join(',')]);
  expect(code, stderr).toBe(0);
  expect(stderr.match(/has answered a prompt/g), stderr).toHaveLength(launchableIds.length);
  expect(Object.keys(laptop.snapshot()).filter((name) => name.includes('try-'))).toEqual([]);
});

it('names the agent that does not answer, with what it printed', async () => {
  const broken = await openSandboxedLaptop(gateway, ['pi']);
  try {
    await broken.signInWith(gateway.token);
    broken.program('claude', {
      script: '#!/bin/sh\necho "2.1.330"; [ "$1" = --version ] || { echo "no such luck" >&2; exit 3; }\n',
    });
    const { code, stderr } = await broken.ucode(['configure', '--agents', 'claude,pi']);
    expect(code, stderr).toBe(1);
    expect(stderr).toMatch(/Claude Code: it ended with status 3:\n.*\n?.*no such luck/);
    expect(stderr).toContain('Pi has answered a prompt');
    const passedOver = await broken.ucode(['configure', '--agents', 'claude,pi', '--skip-unavailable']);
    expect(passedOver.code, passedOver.stderr).toBe(0);
  } finally {
    broken.close();
  }
});

it('sets agents up for starts without ucode: they answer, and a revert takes all of it back', async () => {
  const names = launchableIds.join(',');
  const { code, stdout, stderr } = await laptop.ucode(['configure', '--agents', names, '--global', '--skip-validate']);
  expect(code, stderr).toBe(0);
  expect(await tokens()).toHaveLength(2);
  for (const file of Object.values(TOKEN_FILES)) {
    expect(statSync(path.join(laptop.home, file)).mode & 0o777, file).toBe(0o600);
    expect(readFileSync(path.join(laptop.home, file), 'utf8'), file).toMatch(/ucg_/);
  }
  expect((await laptop.ucode(['diff'])).stdout).not.toMatch(/ucg_/);
  const variables = exported(stdout);
  await Promise.all(
    launchableIds.map(async (id) => {
      const env = { GEMINI_CLI_TRUST_WORKSPACE: 'true', ...(id === 'copilot' ? variables : {}) };
      const run = await laptop.run([id, ...launchable[id].prompt, 'Say hi.'], { env });
      expect(run.stdout, `${id}: ${run.stderr}`).toContain(ANSWER);
    }),
  );
});

it('makes a new token when asked again, and deletes the one before', async () => {
  const file = path.join(laptop.home, TOKEN_FILES.gemini);
  const before = readFileSync(file, 'utf8');
  const { code, stderr } = await laptop.ucode([
    'configure',
    '--agents',
    'gemini',
    '--global',
    '--token-lifetime',
    '12h',
  ]);
  expect(code, stderr).toBe(0);
  expect(stderr).toContain('Gemini CLI has answered a prompt');
  expect(readFileSync(file, 'utf8')).not.toBe(before);
  expect(await tokens()).toHaveLength(2);
});

it('takes everything back, at the gateway too', async () => {
  const { code, stderr } = await laptop.ucode(['revert']);
  expect(code, stderr).toBe(0);
  expect(await tokens()).toEqual([]);
  const files = Object.keys(laptop.snapshot());
  for (const file of [...Object.values(TOKEN_FILES), ...GLOBAL_FILES]) expect(files).not.toContain(file);
});

/** Variables that shell lines set. */
function exported(lines: string): Record<string, string> {
  const found = [...lines.matchAll(/^export (\w+)='(.*)'$/gm)];
  return Object.fromEntries(found.map(([, name, value]) => [name ?? '', value?.replaceAll(`'\\''`, "'") ?? '']));
}
