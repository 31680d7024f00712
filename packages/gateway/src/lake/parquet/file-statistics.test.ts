import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { array, field, map, struct, type StructType } from '../schema/delta-type.ts';
import { ParquetEngine } from './engine.ts';
import { highestText, lowestText, timestampBound } from './statistic-bounds.ts';
import { writeQuery } from './write-query.ts';

let engine: ParquetEngine;
let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'statistics-'));
  engine = await ParquetEngine.open({ memoryLimitBytes: 2 ** 28, threads: 2, temporaryDirectory: directory });
});
afterAll(async () => {
  engine.close();
  await rm(directory, { recursive: true, force: true });
});

async function statsOf(schema: StructType, sql: string, indexedColumns?: number): Promise<string> {
  const written = await writeQuery(engine, { sql, schema, rowBytes: 100, indexedColumns });
  await rm(written?.localFile ?? '', { force: true });
  return written?.stats ?? '';
}

test('numbers are exact, digit by digit', async () => {
  const schema = struct(field('l', 'long'), field('n', 'decimal(38,3)'), field('d', 'double'));
  const sql = `SELECT * FROM (VALUES (9007199254740993::BIGINT, '12345678901234567890.120'::DECIMAL(38,3), -0.1::DOUBLE), (-9223372036854775808, -0.001, 1e300)) v(l, n, d)`;
  expect(await statsOf(schema, sql)).toBe(
    '{"numRecords":2,"minValues":{"l":-9223372036854775808,"n":-0.001,"d":-0.1},"maxValues":{"l":9007199254740993,"n":12345678901234567890.120,"d":1e+300},"nullCount":{"l":0,"n":0,"d":0}}',
  );
});

test('what has no order or no exact form has no bounds', async () => {
  const schema = struct(
    field('nan', 'double'),
    field('infinite', 'double'),
    field('b', 'boolean'),
    field('x', 'binary'),
    field('far', 'timestamp'),
    field('none', 'long'),
    field('m', map('string', 'string')),
    field('a', array('long')),
  );
  const sql = `SELECT 'nan'::DOUBLE, 'inf'::DOUBLE, true, 'ab'::BLOB, TIMESTAMPTZ '12000-01-01 00:00:00+00', NULL::BIGINT, MAP {'k': 'v'}, [1::BIGINT]`;
  const named = `SELECT * FROM (${sql}) v(nan, infinite, b, x, far, "none", m, a)`;
  expect(JSON.parse(await statsOf(schema, named))).toEqual({
    numRecords: 1,
    minValues: {},
    maxValues: {},
    nullCount: { nan: 0, infinite: 0, b: 0, x: 0, far: 0, none: 1 },
  });
});

test('a column with a NaN among its numbers has no bounds: readers disagree where it stands', async () => {
  const sql = `SELECT unnest(['1', 'nan', '2'])::DOUBLE AS d, unnest([1, 2, 3])::FLOAT AS f`;
  expect(JSON.parse(await statsOf(struct(field('d', 'double'), field('f', 'float')), sql))).toEqual({
    numRecords: 3,
    minValues: { f: 1 },
    maxValues: { f: 3 },
    nullCount: { d: 0, f: 0 },
  });
});

test('fields of structs count the rows where they are null', async () => {
  const schema = struct(field('s', struct(field('a', 'long'), field('i.n', struct(field('"q"', 'string'))))));
  const sql = `SELECT CASE WHEN i % 3 = 0 THEN NULL ELSE {a: CASE WHEN i % 2 = 0 THEN i END, 'i.n': CASE WHEN i > 4 THEN {'"q"': 'x' || i} END} END AS s FROM range(10) r(i)`;
  expect(JSON.parse(await statsOf(schema, sql))).toEqual({
    numRecords: 10,
    minValues: { s: { a: 2, 'i.n': { '"q"': 'x5' } } },
    maxValues: { s: { a: 8, 'i.n': { '"q"': 'x8' } } },
    nullCount: { s: { a: 7, 'i.n': { '"q"': 7 } } },
  });
});

test('only the first leaves have statistics', async () => {
  const fields = Array.from({ length: 40 }, (_, index) => field(`c${index}`, 'integer'));
  const sql = `SELECT ${fields.map(({ name }) => `1::INTEGER AS ${name}`).join(', ')}`;
  const counts = async (limit?: number): Promise<number> => {
    const stats = JSON.parse(await statsOf(struct(...fields), sql, limit)) as { nullCount: object };
    return Object.keys(stats.nullCount).length;
  };
  expect([await counts(), await counts(3), await counts(-1), await counts(0)]).toEqual([32, 3, 40, 0]);
});

test('bounds hold over row groups, also where one of them has none', async () => {
  const schema = struct(field('a', 'string'), field('b', 'long'));
  const sql = `SELECT CASE WHEN i < 3000 THEN 'a' ELSE repeat('ä', 200) END AS a, CASE WHEN i BETWEEN 10 AND 8000 THEN NULL ELSE i END AS b FROM range(10000) r(i)`;
  const written = await writeQuery(engine, { sql, schema, rowBytes: 1e9 });
  const stats = JSON.parse(written?.stats ?? '') as Record<string, Record<string, unknown>>;
  expect([undefined, 9999]).toContain(stats['maxValues']?.['b']);
  expect(stats['maxValues']?.['a']).not.toBe('a');
  expect(stats['nullCount']).toEqual({ a: 0, b: 7991 });
});

test('timestamps are rounded outwards to milliseconds', () => {
  expect(timestampBound('2026-01-01 00:00:00.123456+00', 'min')).toBe('2026-01-01T00:00:00.123');
  expect(timestampBound('2026-01-01 00:00:00.123456+00', 'max')).toBe('2026-01-01T00:00:00.124');
  expect(timestampBound('2026-01-01 00:00:00.123', 'max')).toBe('2026-01-01T00:00:00.123');
  expect(timestampBound('1969-12-31 23:59:59.9999', 'max')).toBe('1970-01-01T00:00:00.000');
  expect(timestampBound('9999-12-31 23:59:59.999999', 'max')).toBeUndefined();
  expect(timestampBound('infinity', 'max')).toBeUndefined();
});

test('bounds of strings enclose the string in at most 32 characters of valid Unicode', () => {
  const character = fc.constantFrom('a', '\u007f', 'é', '\ud7ff', '\uffff', '😀', '\u{10ffff}');
  fc.assert(
    fc.property(fc.array(character, { maxLength: 40 }), (characters) => {
      const text = characters.join('');
      const low = lowestText(text);
      const high = highestText(text);
      expect(bytesOrder(low, text)).toBeLessThanOrEqual(0);
      expect([...low].length).toBeLessThanOrEqual(32);
      expect(low.isWellFormed()).toBe(true);
      if (high === undefined) return;
      expect(bytesOrder(high, text)).toBeGreaterThanOrEqual(0);
      expect([...high].length).toBeLessThanOrEqual(32);
      expect(high.isWellFormed()).toBe(true);
    }),
  );
  expect(highestText('\u{10ffff}'.repeat(33))).toBeUndefined();
  expect(highestText(`${'x'.repeat(31)}\ud7ff!`)).toBe(`${'x'.repeat(31)}\ue000`);
});

function bytesOrder(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}
