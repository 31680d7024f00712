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

/** Runs the writer; kills it `afterMs` after it is ready. Gives what it had acknowledged. */
async function run(gateway: number, round: number, afterMs: number | 'drain'): Promise<string[]> {
  const args = [program, path.join(scratch, `gateway-${gateway}`), path.join(scratch, 'lake'), `${gateway}-${round}`];
  const child = spawn(nodeBinary, afterMs === 'drain' ? [...args, 'drain'] : args, {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  tieToThisProcess(child);
  let output = '';
  let problems = '';
  const ready = Promise.withResolvers<void>();
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    if (output.includes('ready\n')) ready.resolve();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (problems += text));
  const exit = ended(child);
  await Promise.race([ready.promise, exit]);
  if (afterMs !== 'drain') setTimeout(() => child.kill('SIGKILL'), afterMs);
  const code = await exit;
  expect(problems).toBe('');
  expect(code).toBe(afterMs === 'drain' ? 0 : 'SIGKILL');
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
  const gateway = async (number: number): Promise<void> => {
    for (let round = 0; round < ROUNDS; round++) {
      // Early and late kills alike: the exponent spreads them from 1 ms to half a second.
      const afterMs = Math.round(500 ** Math.random());
      acknowledged.push(...(await run(number, round, afterMs)));
    }
    await run(number, ROUNDS, 'drain');
  };
  await Promise.all([gateway(1), gateway(2)]);

  const stored: string[] = [];
  for (const table of durabilityTables) {
    for (const row of await readRows(lake, table.location)) stored.push(`ack ${table.id} ${String(row['id'])}`);
    const { version } = await lake.describe(table.location);
    expect(version, 'commits were made').toBeGreaterThan(ROUNDS / 2);
  }
  expect(acknowledged.length, 'the writers got somewhere').toBeGreaterThan(ROUNDS * 4);
  expect(stored.length, 'no row is there twice').toBe(new Set(stored).size);
  const there = new Set(stored);
  const missing = acknowledged.filter((line) => !there.has(line));
  expect(missing).toEqual([]);
  console.log(`${acknowledged.length} acknowledged, ${stored.length} stored, ${ROUNDS * 2} kills`);
}, 1_200_000);
