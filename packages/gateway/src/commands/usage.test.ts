import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Command } from 'commander';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { LocalLake } from '../lake/local-lake.ts';
import { LocalStore } from '../lake/object-store/local-store.ts';
import { buildUsageRecord } from '../usage/build-record.ts';
import { Spool } from '../usage/spool.ts';
import { Loader } from '../usage/loader.ts';
import { usageFeed, usageTable } from '../usage/usage-table.ts';
import { usageInput } from '../usage/testing/usage-input.ts';
import { usageCommand } from './usage.ts';

vi.mock('../config/load.ts', () => ({ loadConfig: () => Promise.reject(new Error('not to be read with --data')) }));

let directory: string;
let out: string;
let err: string[];
beforeEach(async () => {
  directory = mkdtempSync(path.join(tmpdir(), 'ucode-usage-'));
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += String(text);
    return true;
  });
  vi.spyOn(console, 'error').mockImplementation((text: string) => void err.push(text));
});
afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = 0;
  rmSync(directory, { recursive: true, force: true });
});

async function run(...args: string[]): Promise<void> {
  out = '';
  err = [];
  const program = new Command('ucode-gateway');
  usageCommand(program);
  await program.parseAsync(['usage', ...args, '--data', directory], { from: 'user' });
}

/** One record of now by Ada, one of ten days ago by Bob. */
async function fill(): Promise<void> {
  const spool = await Spool.open({ directory: path.join(directory, 'spool'), maxBytes: 1024 ** 2 });
  const record = buildUsageRecord(usageInput({ price: { input: '5', output: '25' } }));
  const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString();
  await spool.append({ ...record, requester: 'ada', event_time: daysAgo(0) });
  await spool.append({ ...record, requester: 'bob', event_time: daysAgo(10), cost_usd: null });
  await spool.close();
}

test('prints a table by agent, or by what is asked', async () => {
  await fill();
  await run();
  expect(out.split('\n')).toEqual([
    'AGENT        REQUESTS  INPUT  CACHED  OUTPUT  COST USD',
    'claude-code         2   2000    1400     100   0.00625',
    '',
    'Without 1 invocation of models whose price is not known.',
    '',
  ]);
  await run('--by', 'user', '--since', '7d');
  expect(out.split('\n')).toEqual([
    'USER  REQUESTS  INPUT  CACHED  OUTPUT  COST USD',
    'ada          1   1000     700      50   0.00625',
    '',
  ]);
});

test('--json prints the records, with --by the totals', async () => {
  await fill();
  await run('--json');
  const records = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(records.map(({ requester }) => requester)).toEqual(['ada', 'bob']);
  await run('--json', '--by', 'model', '--since', '1d');
  expect(JSON.parse(out)).toEqual({
    group: 'claude-opus-4-8-20260101',
    requests: 1,
    input_tokens: 1000,
    cache_read_input_tokens: 700,
    output_tokens: 50,
    cost_usd: '0.00625',
    unpriced: 0,
  });
});

/** Brings what the spool holds into the table, as a gateway does, and leaves it in the spool. */
async function load(): Promise<void> {
  const lake = await LocalLake.open({
    store: new LocalStore(path.join(directory, 'lake')),
    temporaryDirectory: path.join(directory, 'lake-tmp'),
    memoryLimitBytes: 256 * 1024 ** 2,
  });
  const table = { id: 'usage', location: 'system/ai_gateway/usage' };
  await lake.createTable({ ...table, schema: usageTable.schema!, properties: {} });
  const spool = path.join(directory, 'spool');
  const opened = await Spool.open({ directory: spool, maxBytes: 1024 ** 2 });
  const silent = { info() {}, warn() {}, error() {} };
  const loader = new Loader({
    lake,
    feeds: [usageFeed({ directory: spool, table })],
    parkedDirectory: path.join(directory, 'parked'),
    commitIntervalMs: 1,
    log: silent,
    onLoaded: () => {},
  });
  loader.committed('usage', opened.committed);
  loader.start();
  await loader.drain();
  await loader.stop();
  await opened.close();
  lake.close();
}

test('shows what is in the table and what is still in the spool, each once and alike', async () => {
  await fill();
  await run('--json');
  const spooled = out;
  await run();
  const table = out;
  await load();
  await run('--json');
  const lines = (text: string) => text.trim().split('\n').toSorted();
  expect(lines(out)).toEqual(lines(spooled));
  await run();
  expect(out).toBe(table);
  await fill();
  await run('--json');
  expect(out.trim().split('\n')).toHaveLength(4);
  await run();
  expect(out).toContain('claude-code         4   4000    2800     200    0.0125\n');
  await run('--json', '--by', 'user', '--since', '7d');
  expect(JSON.parse(out)).toMatchObject({ group: 'ada', requests: 2, input_tokens: 2000, cost_usd: '0.0125' });
  rmSync(path.join(directory, 'spool'), { recursive: true });
  await run('--json');
  expect(lines(out)).toEqual(lines(spooled));
  expect(readdirSync(path.join(directory, 'tmp'))).toEqual([]);
});

test('says so where nothing was recorded', async () => {
  await run();
  expect(out).toBe('');
  expect(err.join()).toContain(`No usage recorded in ${directory}`);
});

test('a wrong --since is told, with exit code 1', async () => {
  await run('--since', 'yesterday');
  expect(err.join()).toMatch(/--since yesterday is not a duration/);
  expect(process.exitCode).toBe(1);
});
