// What is acknowledged is in its table exactly once, whenever the process is killed.
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { LocalLake } from '../../packages/gateway/src/lake/local-lake.ts';
import { LocalStore } from '../../packages/gateway/src/lake/object-store/local-store.ts';
import { ended, tieToThisProcess } from '../support/child-processes.ts';
import { readRows } from '../support/lake-rows.ts';
import { nodeBinary } from '../support/repository.ts';
import { durabilitySchema, durabilityTables } from './durability/tables.ts';

/** Kills of each of the two writers. */
const ROUNDS = Number(process.env['UCODE_DURABILITY_ROUNDS'] ?? 100);
const program = path.join(import.meta.dirname, 'durability', 'writer.ts');

let scratch: string;
let lake: LocalLake;
beforeAll(async () => {
  scratch = await mkdtemp(path.join(tmpdir(), 'ucode-durability-'));
  lake = await LocalLake.open({
    store: new LocalStore(path.join(scratch, 'lake')),
    temporaryDirectory: path.join(scratch, 'tmp'),
    memoryLimitBytes: 256 * 1024 * 1024,
  });
});
afterAll(async () => {
  lake.close();
  await rm(scratch, { recursive: true, force: true });
});

/** What the writer says before it may be killed: each lets other work be under way. */
const moments = ['started', 'ready', 'loaded'] as const;
type Moment = (typeof moments)[number];

/** Runs the writer to its end, or kills it some instant after `moment`. Gives what it had acknowledged. */
async function run(gateway: number, round: number, moment: Moment | 'drain'): Promise<string[]> {
  const args = [program, path.join(scratch, `gateway-${gateway}`), path.join(scratch, 'lake'), `${gateway}-${round}`];
  const child = spawn(nodeBinary, moment === 'drain' ? [...args, moment] : args, {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  tieToThisProcess(child);
  let output = '';
  let problems = '';
  const reached = Promise.withResolvers<void>();
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    if (output.includes(`${moment}\n`)) reached.resolve();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (problems += text));
  const exit = ended(child);
  await Promise.race([reached.promise, exit]);
  // Soon and late kills alike: the exponent spreads them from 1 ms to half a second.
  if (moment !== 'drain') setTimeout(() => child.kill('SIGKILL'), Math.round(500 ** Math.random()));
  const code = await exit;
  expect(problems).toBe('');
  expect(code).toBe(moment === 'drain' ? 0 : 'SIGKILL');
  // A line that the kill cut off was not read by anyone: not acknowledged.
  return output
    .split('\n')
    .slice(0, -1)
    .filter((line) => line.startsWith('ack '));
}

it(`two gateways on the same tables, each killed ${ROUNDS} times`, async () => {
  for (const table of durabilityTables) {
    const properties = { 'delta.checkpointInterval': '10' };
    await lake.createTable({ ...table, schema: durabilitySchema, properties });
  }
  const acknowledged: string[] = [];
  /** Runs that put rows of their own into every table: whatever the machine's speed, each left this much behind. */
  let loadedRounds = 0;
  const gateway = async (number: number): Promise<void> => {
    for (let round = 0; round < ROUNDS; round++) {
      const moment = moments[round % moments.length]!;
      acknowledged.push(...(await run(number, round, moment)));
      if (moment === 'loaded') loadedRounds += 1;
    }
    await run(number, ROUNDS, 'drain');
  };
  await Promise.all([gateway(1), gateway(2)]);

  const stored: string[] = [];
  for (const table of durabilityTables) {
    for (const row of await readRows(lake, table.location)) stored.push(`ack ${table.id} ${String(row['id'])}`);
    const { version } = await lake.describe(table.location);
    expect(version, 'commits were made').toBeGreaterThanOrEqual(loadedRounds);
  }
  const least = loadedRounds * durabilityTables.length;
  expect(least, 'the writers got somewhere').toBeGreaterThan(0);
  expect(acknowledged.length, 'every such run had acknowledged that much').toBeGreaterThanOrEqual(least);
  expect(stored.length, 'no row is there twice').toBe(new Set(stored).size);
  const there = new Set(stored);
  const missing = acknowledged.filter((line) => !there.has(line));
  expect(missing).toEqual([]);
  console.log(`${acknowledged.length} acknowledged, ${stored.length} stored, ${ROUNDS * 2} kills`);
}, 1_200_000);
