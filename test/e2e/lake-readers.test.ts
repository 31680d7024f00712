// What we write is read by engines that are not ours, row by row as by our own SQL, after every kind of change.
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LocalLake } from '../../packages/gateway/src/lake/local-lake.ts';
import { LocalStore } from '../../packages/gateway/src/lake/object-store/local-store.ts';
import { otelSchema } from '../../packages/gateway/src/otel/tables.ts';
import { usageTable } from '../../packages/gateway/src/usage/usage-table.ts';
import { deltaJars } from '../support/delta-jars.ts';
import { comparableRows } from '../support/comparable-rows.ts';
import { pythonEnvironment } from '../support/python.ts';
import { metricRow, typesRow, typesSchema, usageRow } from './readers/rows.ts';

const HOUR = 3_600_000;
/** Later than every row; each step of a table's life is an hour after the one before. */
const clock = { now: Date.now() };
let scratch: string;
let lake: LocalLake;
let python: string;
const script = path.join(import.meta.dirname, '..', 'readers', 'read_tables.py');

const tables = [
  { id: 'types', location: 'main/default/types', schema: typesSchema, column: ['at'], row: typesRow },
  {
    id: 'metrics',
    location: 'main/default/metrics',
    schema: otelSchema('metrics', 'v1'),
    column: ['sum', 'time_unix_nano'],
    row: metricRow,
  },
  {
    id: 'usage',
    location: 'system/ai_gateway/usage',
    schema: usageTable.schema!,
    column: ['event_time'],
    row: usageRow,
  },
] as const;

beforeAll(async () => {
  scratch = await mkdtemp(path.join(tmpdir(), 'ucode-readers-'));
  ({ python } = await pythonEnvironment(['deltalake==1.6.6', 'pyarrow==26.0.1', 'duckdb==2.0.0', 'pyspark==3.5.*']));
  lake = await LocalLake.open({
    store: new LocalStore(path.join(scratch, 'lake')),
    temporaryDirectory: path.join(scratch, 'tmp'),
    memoryLimitBytes: 256 * 1024 * 1024,
    now: () => clock.now,
  });
}, 600_000);
afterAll(async () => {
  lake.close();
  await rm(scratch, { recursive: true, force: true });
});

/** Rows per table as another engine reads them, sorted. */
async function readBy(engine: 'delta-rs' | 'duckdb' | 'spark'): Promise<Map<string, string[]>> {
  const places = tables.map(({ location }) => path.join(scratch, 'lake', location));
  const env = engine === 'spark' ? { ...process.env, DELTA_JARS: deltaJars(), PYSPARK_PYTHON: python } : process.env;
  const { stdout } = await promisify(execFile)(python, [script, engine, ...places], {
    env,
    maxBuffer: 256 * 1024 * 1024,
  });
  const rows = new Map<string, string[]>(tables.map(({ location }) => [location, []]));
  for (const line of stdout.split('\n').filter((text) => text.startsWith('{'))) {
    const { table, row } = JSON.parse(line) as { table: string; row: unknown };
    rows.get(path.relative(path.join(scratch, 'lake'), table))!.push(JSON.stringify(row));
  }
  for (const list of rows.values()) list.sort();
  return rows;
}

async function expectAgreement(engines: readonly ('delta-rs' | 'duckdb' | 'spark')[], least: number): Promise<void> {
  for (const engine of engines) {
    const theirs = await readBy(engine);
    for (const { location, schema } of tables) {
      const ours = await comparableRows(lake, location, schema);
      expect(ours.length, `${location} has rows`).toBeGreaterThanOrEqual(least);
      expect(theirs.get(location), `${engine} on ${location}`).toEqual(ours);
    }
  }
}

async function append(round: number, rows: number): Promise<void> {
  for (const table of tables) {
    const lines = Array.from(
      { length: rows },
      (_, at) => `${JSON.stringify(table.row(round * 1000 + at, clock.now))}\n`,
    );
    await lake.append({ table, rows: [Buffer.from(lines.join(''))] });
  }
}

describe('other engines agree with our SQL', { timeout: 600_000 }, () => {
  it('after appends', async () => {
    for (const { row: _row, column: _column, ...table } of tables) {
      const properties = { 'delta.checkpointInterval': '5', 'ucode.vacuum.allowShortRetention': 'true' };
      await lake.createTable({ ...table, properties });
    }
    for (let round = 0; round < 3; round++) await append(round, 20);
    await expectAgreement(['delta-rs', 'duckdb'], 60);
  });

  it('after a checkpoint', async () => {
    for (let round = 3; round < 12; round++) await append(round, 10);
    const results = await Promise.all(tables.map(({ location }) => lake.maintain(location)));
    expect(results.map((result) => result.checkpointed)).toEqual(tables.map(() => true));
    await append(12, 5);
    await expectAgreement(['delta-rs', 'duckdb'], 100);
  });

  it('after OPTIMIZE', async () => {
    for (const { location } of tables) expect((await lake.optimize(location)).filesRemoved).toBeGreaterThan(5);
    await expectAgreement(['delta-rs', 'duckdb'], 100);
  });

  it('after a retention delete', async () => {
    clock.now += HOUR;
    await append(13, 7);
    for (const { location, column } of tables) {
      const before = clock.now - HOUR / 2;
      expect((await lake.deleteBefore(location, column, before)).rows).toBeGreaterThan(100);
    }
    await expectAgreement(['delta-rs', 'duckdb'], 7);
  });

  it('after VACUUM and the clean-up of the log', async () => {
    await append(14, 9);
    clock.now += 400 * 24 * HOUR;
    await append(15, 3);
    for (const { location } of tables) {
      expect((await lake.vacuum(location, { retentionHours: 1 })).deleted.length).toBeGreaterThan(0);
      // Two rounds: the first makes the checkpoint that later lets older entries go.
      for (let round = 0; round < 6; round++) await append(20 + round, 1);
      await lake.maintain(location);
      clock.now += 400 * 24 * HOUR;
    }
    let cleaned = 0;
    for (const { location } of tables) {
      for (let round = 0; round < 6; round++) await append(30 + round, 1);
      cleaned += (await lake.maintain(location)).cleanedLogFiles;
    }
    expect(cleaned).toBeGreaterThan(0);
    await expectAgreement(['delta-rs', 'duckdb', 'spark'], 9);
  });
});
