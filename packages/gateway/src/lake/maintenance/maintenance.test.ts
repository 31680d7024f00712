import { utimes } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { TableRef } from '../lake.ts';
import { LocalLake } from '../local-lake.ts';
import type { AddFile } from '../log/actions.ts';
import { LocalStore } from '../object-store/local-store.ts';
import { field, struct } from '../schema/delta-type.ts';
import { LakePlace } from '../testing/lake-place.ts';
import { compactionBins, type CompactionEffort } from './bins.ts';

let place: LakePlace;
beforeEach(async () => {
  place = await LakePlace.make();
});
afterEach(() => place.remove());

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const start = Date.parse('2026-01-01T00:00:00Z');
const schema = struct(field('id', 'long'), field('at', 'timestamp'), field('m', struct(field('nano', 'long'))));

function rowAt(id: number, time: number | null): object {
  return {
    id,
    at: time === null ? null : new Date(time).toISOString(),
    m: time === null ? null : { nano: String(BigInt(time) * 1_000_000n) },
  };
}

async function dataFiles(location: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { key } of place.store.list(`${location}/`)) {
    if (!key.includes('/_delta_log/')) names.push(key.slice(location.length + 1));
  }
  return names;
}

async function ids(table: TableRef): Promise<number[]> {
  return (await place.query(table, 'SELECT id FROM t ORDER BY id')).map((row) => (row as { id: number }).id);
}

test('optimize keeps every row and its order', async () => {
  const table = await place.table('t', schema);
  for (let id = 0; id < 6; id++) await place.append(table, [rowAt(id, start + id), rowAt(id, null)]);
  const before = await place.query(table, 'FROM t ORDER BY ALL');
  const result = await place.lake.optimize('t', 'someone');
  expect(result).toMatchObject({ version: 7, filesRemoved: 6, filesAdded: 1 });
  expect(await place.query(table, 'FROM t ORDER BY ALL')).toEqual(before);
  expect((await place.query(table, 'SELECT id FROM t')).map((row) => (row as { id: number }).id)).toEqual([
    0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5,
  ]);
  expect(await place.lake.describe('t')).toMatchObject({ files: 1, rows: 12 });
  expect(await place.lake.optimize('t')).toMatchObject({ version: 7, filesRemoved: 0 });
  const [commit] = await place.lake.history('t', 1);
  expect(commit).toMatchObject({ operation: 'OPTIMIZE', userName: 'someone' });
  expect(
    await place.query(table, `FROM (${(await place.lake.scan('t', { at: { version: 6 } })).sql}) ORDER BY ALL`),
  ).toEqual(before);
  expect(await place.leftovers()).toEqual([]);
});

test.each([
  { column: ['at'], name: 'a TIMESTAMP' },
  { column: ['m', 'nano'], name: 'a nested LONG of nanoseconds' },
])('deleteBefore by $name deletes exactly what is older', async ({ column }) => {
  const table = await place.table('t', schema);
  await place.append(table, [rowAt(1, start), rowAt(2, start + 1)]);
  await place.append(table, [rowAt(3, start + 999), rowAt(4, start + 1000), rowAt(5, null)]);
  await place.append(table, [rowAt(6, start), rowAt(7, null)]);
  await place.append(table, [rowAt(8, start + 5000)]);
  const newest = (await dataFiles('t')).length;
  expect(await place.lake.deleteBefore('t', column, start + 1000)).toEqual({ rows: 4 });
  expect(await ids(table)).toEqual([4, 5, 7, 8]);
  expect(await dataFiles('t')).toHaveLength(newest + 2);
  expect(await place.lake.describe('t')).toMatchObject({ version: 5, files: 3, rows: 4 });
  expect(await place.lake.deleteBefore('t', column, start + 1000)).toEqual({ rows: 0 });
  expect(await place.lake.describe('t')).toMatchObject({ version: 5 });
  expect(await place.leftovers()).toEqual([]);
});

test('deleteBefore works without statistics, and is refused where it must be', async () => {
  const table = await place.table('t', schema, { 'delta.dataSkippingNumIndexedCols': '0' });
  await place.append(table, [rowAt(1, start), rowAt(2, start + 1000)]);
  await place.append(table, [rowAt(3, start)]);
  expect(await place.lake.deleteBefore('t', ['at'], start + 1)).toEqual({ rows: 2 });
  expect(await ids(table)).toEqual([2]);
  await expect(place.lake.deleteBefore('t', ['id', 'x'], 0)).rejects.toMatchObject({
    code: 'caller_invalid_parameter',
  });
  await expect(place.lake.deleteBefore('t', ['m'], 0)).rejects.toMatchObject({ code: 'caller_invalid_parameter' });
  await place.lake.alter('t', { kind: 'set-properties', properties: { 'delta.appendOnly': 'true' } });
  const count = (await dataFiles('t')).length;
  await expect(place.lake.deleteBefore('t', ['at'], start + 5000)).rejects.toMatchObject({
    code: 'gateway_lake_unsupported',
  });
  expect(await dataFiles('t')).toHaveLength(count);
});

test('vacuum deletes what no kept version needs, and nothing else', async () => {
  const table = await place.table('t', schema);
  await place.append(table, [rowAt(1, start)]);
  await place.append(table, [rowAt(2, start)]);
  await place.lake.optimize('t');
  const now = Date.now();
  for (const name of ['orphan.parquet', 'young.parquet', '_hidden/x', 'p=1/.tmp', 'p=1/old.parquet']) {
    await place.store.putIfAbsent(`t/${name}`, Buffer.from('x'));
    if (name === 'young.parquet') continue;
    const old = new Date(now - 8 * DAY);
    await utimes(await place.store.localPath(`t/${name}`), old, old);
  }
  expect((await place.lake.vacuum('t', { dryRun: true })).deleted).toEqual(['orphan.parquet', 'p=1/old.parquet']);
  expect(await dataFiles('t')).toHaveLength(8);
  expect((await place.lake.vacuum('t')).deleted).toEqual(['orphan.parquet', 'p=1/old.parquet']);
  place.time = now + 6 * DAY;
  expect((await place.lake.vacuum('t')).deleted).toEqual([]);
  place.time = now + 7 * DAY + HOUR;
  expect((await place.lake.vacuum('t', {}, 'someone')).deleted).toHaveLength(3);
  expect(await ids(table)).toEqual([1, 2]);
  expect((await dataFiles('t')).filter((name) => name.startsWith('part-'))).toHaveLength(1);
  expect((await place.lake.history('t', 1))[0]).toMatchObject({ operation: 'VACUUM END', userName: 'someone' });
});

test("a retention below the table's own needs leave", async () => {
  const table = await place.table('t', schema);
  await place.append(table, [rowAt(1, start)]);
  await place.append(table, [rowAt(2, start)]);
  await place.lake.optimize('t');
  await expect(place.lake.vacuum('t', { retentionHours: 1 })).rejects.toMatchObject({
    code: 'caller_invalid_parameter',
  });
  await expect(place.lake.vacuum('t', { retentionHours: -1 })).rejects.toMatchObject({
    code: 'caller_invalid_parameter',
  });
  await place.lake.alter('t', { kind: 'set-properties', properties: { 'ucode.vacuum.allowShortRetention': 'true' } });
  expect((await place.lake.vacuum('t', { retentionHours: 0 })).deleted).toHaveLength(2);
  expect(await ids(table)).toEqual([1, 2]);
});

test('upkeep does what is due, and only then', async () => {
  const table = await place.table('t', schema, { 'delta.checkpointInterval': '10' });
  place.time = Date.now();
  for (let id = 0; id < 9; id++) await place.append(table, [rowAt(id, start)]);
  expect(await place.lake.maintain('t')).toMatchObject({ optimized: undefined, checkpointed: false });
  await place.append(table, [rowAt(9, start)]);
  expect(await place.lake.maintain('t')).toMatchObject({ optimized: undefined, checkpointed: true });
  place.time += 11 * 60_000;
  expect((await place.lake.maintain('t')).optimized).toMatchObject({ filesRemoved: 10, filesAdded: 1 });
  place.time += 8 * DAY;
  expect(await place.lake.maintain('t')).toMatchObject({ optimized: undefined, vacuumedFiles: 10 });
  expect(await ids(table)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test('appends beside optimize and deleteBefore lose nothing', async () => {
  const table = await place.table('t', schema);
  const old = Array.from({ length: 20 }, (_, id) => rowAt(id, start - 1));
  for (const row of old) await place.append(table, [row, rowAt(1000 + old.indexOf(row), start)]);
  const appends = Promise.all(
    Array.from({ length: 20 }, (_, id) =>
      place.lake.append({
        table,
        rows: [Buffer.from(`${JSON.stringify(rowAt(2000 + id, start))}\n`)],
        transaction: { appId: 'spool', version: id },
      }),
    ),
  );
  const others = [
    place.lake.optimize('t'),
    place.lake.deleteBefore('t', ['at'], start),
    place.lake.optimize('t'),
    place.lake.maintain('t'),
  ];
  const [, deleted] = await Promise.all(others);
  await appends;
  expect(deleted).toEqual({ rows: 20 });
  const expected = Array.from({ length: 20 }, (_, id) => [1000 + id, 2000 + id])
    .flat()
    .toSorted((a, b) => a - b);
  expect(await ids(table)).toEqual(expected);
  expect(await place.lake.describe('t')).toMatchObject({ rows: 40 });
  expect(await place.leftovers()).toEqual([]);
});

test('two processes that compact the same files agree, and leave no file behind', async () => {
  const table = await place.table('t', schema);
  for (let id = 0; id < 8; id++) await place.append(table, [rowAt(id, start)]);
  const other = await LocalLake.open({
    store: new LocalStore(path.join(place.directory, 'root')),
    temporaryDirectory: path.join(place.directory, 'other'),
    memoryLimitBytes: 2 ** 28,
  });
  try {
    const results = await Promise.all([place.lake.optimize('t'), other.optimize('t')]);
    expect(results.map((result) => result.filesRemoved).toSorted()).toEqual([0, 8]);
  } finally {
    other.close();
  }
  expect(await ids(table)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  expect(await dataFiles('t')).toHaveLength(9);
});

const MIB = 1024 * 1024;

function sized(size: number, p: string | null = null): AddFile {
  return { path: `${size}`, partitionValues: { p }, size: size * MIB, modificationTime: 0, dataChange: true };
}

function binsOf(effort: CompactionEffort, files: readonly AddFile[]): number[][] {
  return compactionBins(files, effort).map((bin) => bin.map((one) => one.size / MIB));
}

test('bins hold at least two small files of one partition, up to the target', () => {
  expect(binsOf('all', [sized(1), sized(200), sized(2), sized(32), sized(3)])).toEqual([[1, 2, 3]]);
  const large = [sized(31), sized(31), sized(31), sized(31), sized(31), sized(1)];
  expect(binsOf('all', large)).toEqual([
    [31, 31, 31, 31],
    [31, 1],
  ]);
  expect(binsOf('all', [sized(1, 'a'), sized(2, 'b'), sized(3, 'a'), sized(4, 'c')])).toEqual([[1, 3]]);
});

test('what outweighs all the others is not worth writing again', () => {
  expect(binsOf('worthwhile', [sized(20), sized(1), sized(2), sized(1)])).toEqual([[1, 2, 1]]);
  expect(binsOf('worthwhile', [sized(4), sized(1), sized(2), sized(1)])).toEqual([[4, 1, 2, 1]]);
  expect(binsOf('worthwhile', [sized(8), sized(4), sized(2), sized(1)])).toEqual([]);
});

test('rows that trickle in are written again a few times only', () => {
  let files: AddFile[] = [];
  let written = 0;
  for (let round = 0; round < 256; round++) {
    files.push(...Array.from({ length: 10 }, () => sized(0.01)));
    for (const bin of compactionBins(files, 'worthwhile')) {
      const size = bin.reduce((sum, file) => sum + file.size / MIB, 0);
      written += size;
      files = [...files.filter((file) => !bin.includes(file)), sized(size)];
    }
  }
  expect(written).toBeLessThan(25.6 * 12);
  expect(files.length).toBeLessThan(12);
});
