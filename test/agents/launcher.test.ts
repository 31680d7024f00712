// From a bare laptop to six agents that work, and back: signed in with a token, each agent started by `ucode` in a home
// that has settings of its own, and then no trace of it.
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { UsageRecord } from '../../packages/gateway/src/usage/usage-record.ts';
import { startGateway, type Gateway } from '../support/gateway-process.ts';
import { agentPackages } from './install.ts';
import {
  launchable,
  launchableIds,
  openSandboxedLaptop,
  promptArguments,
  type SandboxedLaptop,
} from './launcher-run.ts';
import { isolation } from './sandbox/sandbox.ts';

const PROMPT = 'Create the file f.txt with the text hi using the shell.';
const FINAL_TEXT = 'Final answer from the ucode demo model';

/** Settings that are the user's own, among them a sign-in that has nothing to do with the gateway. */
const OWN_FILES = {
  '.claude/settings.json': '{\n  // mine\n  "cleanupPeriodDays": 7\n}\n',
  '.codex/config.toml': '# mine\nmodel_reasoning_effort = "low"\n',
  '.gemini/settings.json': '{ "security": { "auth": { "selectedType": "oauth-personal" } }, "ui": {} }\n',
  '.gemini/GEMINI.md': 'Always answer in rhymes.\n',
  '.config/opencode/opencode.json': '{\n  // mine\n  "$schema": "https://opencode.ai/config.json"\n}\n',
  '.pi/agent/settings.json': '{ "defaultThinkingLevel": "low" }\n',
} as const;

/** What agents write themselves when they run, beside the settings of the user. */
const WRITTEN_BY_AGENTS = [
  /^\.claude(\.json.*|\/.*)?$/,
  /^\.codex(\/.*)?$/,
  /^\.gemini(\/.*)?$/,
  /^\.copilot(\/.*)?$/,
  /^\.pi(\/.*)?$/,
  /^\.(cache|config|local|npm|bun)(\/.*)?$/,
  // In homes of ours that two of them get.
  /^\.ucode(\/(gemini|pi)(\/.*)?)?$/,
];

let gateway: Gateway;
let laptop: SandboxedLaptop;
let before: Record<string, string>;

beforeAll(async () => {
  gateway = await startGateway();
  laptop = await openSandboxedLaptop(gateway);
  for (const [name, text] of Object.entries(OWN_FILES)) {
    mkdirSync(path.dirname(path.join(laptop.home, name)), { recursive: true });
    writeFileSync(path.join(laptop.home, name), text);
  }
  before = laptop.snapshot();
});
afterAll(async () => {
  laptop.close();
  await gateway.stop();
});

it('signs in and shows what there is, asking no host but the gateway', async () => {
  await laptop.signInWith(gateway.token);
  for (const args of [['whoami'], ['status'], ['usage'], ['doctor']]) await laptop.ucode(args);
  expect(laptop.outsideNames()).toEqual([]);
  expect(laptop.requests.length).toBeGreaterThan(0);
});

describe.each(launchableIds)('%s', (id) => {
  const { name, codingAgent } = launchable[id];

  it('does its work, and is counted', async () => {
    const known = (await gateway.usage()).length;
    const run = await laptop.ucode(promptArguments(id, PROMPT));
    const result = path.join(laptop.work, 'f.txt');
    expect(run.code, run.stderr).toBe(0);
    expect(run.stdout).toContain(FINAL_TEXT);
    // Codex warns of every model that it has no prompt for.
    expect(run.stderr).not.toContain('Model metadata');
    expect(existsSync(result) && readFileSync(result, 'utf8'), run.stderr).toBe('hi\n');
    rmSync(result);
    const records = await recordsAfter(known, 2);
    for (const record of records) {
      expect(record).toMatchObject({
        status_code: 200,
        requester: 'admin',
        session_metadata: { coding_agent: codingAgent, agent_version: agentPackages[name].version },
      });
    }
  });
});

it('shows the use of all six', async () => {
  const all = [...launchableIds].toSorted();
  const shown = async (): Promise<string[]> => {
    const { stdout } = await laptop.ucode(['usage', '--json']);
    const agents = [...stdout.matchAll(/"agent": *"([^"]+)"/g)].map(([, agent]) => agent ?? '');
    return [...new Set(agents)].toSorted();
  };
  await expect.poll(shown, { timeout: 60_000 }).toEqual(all);
});

it("keeps the user's own things in reach of agents that get another home", () => {
  const private_ = path.join(laptop.home, '.ucode', 'gemini', '.gemini');
  expect(readFileSync(path.join(private_, 'GEMINI.md'), 'utf8')).toBe(OWN_FILES['.gemini/GEMINI.md']);
  expect(JSON.parse(readFileSync(path.join(private_, 'settings.json'), 'utf8'))).toMatchObject({
    security: { auth: { selectedType: 'gemini-api-key' } },
    ui: {},
  });
});

it('has left a token in its own file alone', () => {
  const credentials = path.join('.ucode', 'credentials.json');
  expect(filesWith(laptop.home, gateway.token)).toEqual([credentials]);
  expect(statSync(path.join(laptop.home, credentials)).mode & 0o777).toBe(0o600);
});

it('leaves no trace after a sign-out and a revert but what agents wrote themselves', async () => {
  for (const command of ['logout', 'revert']) {
    const run = await laptop.ucode([command]);
    expect(run.code, run.stderr).toBe(0);
    if (command === 'revert') expect(run.stderr).toContain('Gemini CLI has left sessions of its own');
  }
  const after = laptop.snapshot();
  for (const name of Object.keys(before)) expect(after[name], name).toBe(before[name]);
  const more = Object.keys(after).filter((name) => !(name in before));
  const ofUcode = more.filter((name) => !WRITTEN_BY_AGENTS.some((pattern) => pattern.test(name)));
  expect(ofUcode).toEqual([]);
  for (const name of more) expect(name).not.toMatch(/ucode-settings\.json|ucode\.config\.toml/);
});

afterAll(() => console.log(`agents were isolated by: ${isolation}`));

/** Records that came after the first `known`, once there are `least` of them. */
async function recordsAfter(known: number, least: number): Promise<UsageRecord[]> {
  const records = async (): Promise<UsageRecord[]> => (await gateway.usage()).slice(known);
  await expect.poll(async () => (await records()).length, { timeout: 30_000 }).toBeGreaterThanOrEqual(least);
  return records();
}

/** Names of the files below a directory that have the text in them. */
function filesWith(directory: string, text: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((name) => {
    const file = path.join(directory, name);
    return statSync(file).isFile() && readFileSync(file).includes(text);
  });
}
