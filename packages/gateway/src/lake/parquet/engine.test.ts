import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ParquetEngine } from './engine.ts';
import { Slots } from './slots.ts';
import { sqlList, sqlName, sqlString } from './sql-text.ts';

let engine: ParquetEngine;
let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'engine-'));
  engine = await ParquetEngine.open({ memoryLimitBytes: 64 * 1024 * 1024, threads: 1, temporaryDirectory: directory });
});
afterAll(async () => {
  engine.close();
  await rm(directory, { recursive: true, force: true });
});

test('values are JavaScript values, in UTC', async () => {
  const sql = `SELECT 9007199254740993 AS n, [1] AS l, {a: 'x'} AS s, MAP {'k': 1} AS m, TIMESTAMPTZ '2026-01-01 00:00:00' AS t`;
  expect(await engine.rows(sql)).toEqual([
    { n: 9007199254740993n, l: [1], s: { a: 'x' }, m: [{ key: 'k', value: 1 }], t: new Date('2026-01-01T00:00:00Z') },
  ]);
});

test('text and names are quoted', async () => {
  const odd = `it's "odd" \\ 'x' ; --`;
  expect(await engine.rows(`SELECT ${sqlString(odd)} AS ${sqlName(odd)}, ${sqlList([odd, ''])} AS l`)).toEqual([
    { [odd]: odd, l: [odd, ''] },
  ]);
});

test('what fails for want of memory or files is unavailable, a wrong statement is not', async () => {
  const hungry = `SELECT max(len(l)) FROM (SELECT list(repeat('x', 1000) || i) AS l FROM range(1000000) r(i))`;
  await expect(engine.rows(hungry)).rejects.toMatchObject({
    code: 'gateway_lake_unavailable',
    message: expect.stringContaining('lake.memory_limit'),
  });
  await expect(engine.rows(`FROM read_parquet('${directory}/none')`)).rejects.toMatchObject({
    code: 'gateway_lake_unavailable',
  });
  await expect(engine.execute('SELECT nothing')).rejects.not.toHaveProperty('code');
  await expect(engine.execute('INSTALL httpfs')).rejects.toThrow();
  expect(await engine.rows('SELECT 1 AS one')).toEqual([{ one: 1 }]);
});

test('many calls at once all finish', async () => {
  const numbers = Array.from({ length: 20 }, (_, index) => index);
  expect(await Promise.all(numbers.map((n) => engine.rows(`SELECT ${n} AS n`)))).toEqual(numbers.map((n) => [{ n }]));
});

test('slots let only so many run, also after one has failed', async () => {
  const slots = new Slots(2);
  let running = 0;
  let most = 0;
  const task = (fail: boolean) => async (): Promise<void> => {
    most = Math.max(most, ++running);
    await new Promise((resolve) => setImmediate(resolve));
    running--;
    if (fail) throw new Error('failed');
  };
  const results = await Promise.allSettled(Array.from({ length: 9 }, (_, index) => slots.run(task(index % 3 === 0))));
  expect(most).toBe(2);
  expect(results.filter((result) => result.status === 'rejected')).toHaveLength(3);
});
