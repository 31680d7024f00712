// Every agent's own telemetry: switched on by `ucode configure telemetry`, sent by real agents that `ucode` has started,
// found in the tables, and switched off without a trace.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startGateway, type Gateway } from '../support/gateway-process.ts';
import { runSql } from '../support/statements.ts';
import { openSandboxedLaptop, promptArguments, type LaunchableId, type SandboxedLaptop } from './launcher-run.ts';
import { expectTelemetry } from './telemetry/arrived.ts';
import { telemetrySettings, type TelemetryMarks } from './telemetry/settings.ts';

const PROMPT = 'Create the file f.txt with the text hi using the shell.';
const FINAL_TEXT = 'Final answer from the ucode demo model';

/** Two of them export more when `ucode` sets them up than by the seed page. */
const marks = {
  claude: { ...telemetrySettings.claude, signals: ['metrics', 'logs', 'spans'] },
  codex: telemetrySettings.codex,
  gemini: telemetrySettings.gemini,
  copilot: { ...telemetrySettings.copilot, signals: ['metrics', 'spans'] },
  opencode: { signals: ['logs', 'spans'], metric: undefined, event: undefined, temporality: undefined },
} as const satisfies Partial<Record<LaunchableId, TelemetryMarks>>;
const ids = Object.keys(marks) as (keyof typeof marks)[];

let gateway: Gateway;
let laptop: SandboxedLaptop;
/** Files that `ucode` has written for agents, before telemetry was switched on. */
let before: Record<string, string>;

beforeAll(async () => {
  gateway = await startGateway();
  laptop = await openSandboxedLaptop(gateway, ids);
  await laptop.signInWith(gateway.token);
  await succeed(['configure', '--agents', ids.join(','), '--skip-validate']);
  await succeed(['configure', '--agents', 'claude', '--global', '--skip-validate']);
  before = ownFiles();
});
afterAll(async () => {
  laptop?.close();
  await gateway?.stop();
});

async function succeed(args: readonly string[]): Promise<string> {
  const run = await laptop.ucode(args);
  expect(run.code, run.stdout + run.stderr).toBe(0);
  return run.stdout;
}

/** Text of the settings, and of every agent's file that is in the journal, by path. */
function ownFiles(): Record<string, string> {
  const entries = Object.keys(laptop.snapshot()).filter((name) => /^\.ucode\/journal\/entries\/.*\.json$/.test(name));
  const read = (file: string): string => readFileSync(file, 'utf8');
  const files = entries.map((name) => (JSON.parse(read(path.join(laptop.home, name))) as { path: string }).path);
  return Object.fromEntries(
    [...files, path.join(laptop.home, '.ucode', 'settings.json')].map((file) => [file, read(file)]),
  );
}

it.each(ids)('%s: its telemetry lands in the tables', async (id) => {
  await succeed(['configure', 'telemetry', '--table-prefix', `main.default.${id}`, '--agents', id]);
  const run = await laptop.ucode(promptArguments(id, PROMPT));
  const summary = `${run.stdout}\n${run.stderr}`;
  expect(run.code, summary).toBe(0);
  expect(run.stdout).toContain(FINAL_TEXT);
  await expectTelemetry(gateway, id, marks[id], summary);
});

it('Claude Code exports when it is started without ucode, too', async () => {
  const prefix = 'without_ucode';
  await succeed(['configure', 'telemetry', '--table-prefix', `main.default.${prefix}`]);
  expect(ownFiles()).not.toEqual(before);
  const [program, ...args] = promptArguments('claude', PROMPT);
  const run = await laptop.run([program ?? '', ...args]);
  const summary = `${run.stdout}\n${run.stderr}`;
  expect(run.code, summary).toBe(0);
  await expectTelemetry(gateway, prefix, marks.claude, summary);
});

it('no file that ucode writes for an agent has a secret in it', () => {
  for (const [file, text] of Object.entries(ownFiles()))
    expect(text, file).not.toMatch(/bearer|127\.0\.0\.1:(?!8484)\d+/i);
});

it('an agent does its work when a table is gone, and the launcher says so', async () => {
  await succeed(['configure', 'telemetry', '--table-prefix', 'main.default.gone']);
  for (const name of ['metrics', 'logs', 'spans']) await runSql(gateway, `DROP TABLE main.default.gone_otel_${name}`);
  const run = await laptop.ucode(promptArguments('gemini', PROMPT));
  expect(run.code, run.stderr).toBe(0);
  expect(run.stdout.trim()).toMatch(new RegExp(`${FINAL_TEXT}\\W*$`));
  expect(run.stderr).toMatch(/Telemetry did not arrive: .*gone_otel_/);
});

it('switched off, every file is as it was before', async () => {
  await succeed(['configure', 'telemetry', '--disable']);
  expect(ownFiles()).toEqual(before);
});
