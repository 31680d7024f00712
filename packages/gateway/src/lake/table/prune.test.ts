import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ScanFilter } from '../lake.ts';
import type { AddFile } from '../log/actions.ts';
import { field, struct, type DeltaType, type StructType } from '../schema/delta-type.ts';
import { LakePlace, ndjson } from '../testing/lake-place.ts';
import { withRows } from '../parquet/write-rows.ts';
import { writeQuery } from '../parquet/write-query.ts';
import { removeLocal } from './data-files.ts';
import { pruneFiles } from './prune.ts';

let place: LakePlace;
beforeAll(async () => {
  place = await LakePlace.make();
});
afterAll(() => place.remove());

function file(stats: string | undefined, partitionValues: AddFile['partitionValues'] = {}): AddFile {
  return { path: 'x', partitionValues, size: 1, modificationTime: 0, dataChange: true, stats };
}

function table(schema: StructType, partitionColumns: readonly string[] = []) {
  return { schema, metadata: { partitionColumns, configuration: {} } };
}

function keeps(
  type: DeltaType,
  stats: object | string,
  operator: ScanFilter['operator'],
  ...values: string[]
): boolean {
  const text = typeof stats === 'string' ? stats : JSON.stringify(stats);
  return pruneFiles(table(struct(field('c', type))), [file(text)], [{ column: ['c'], operator, values }]).length === 1;
}

const range = (min: unknown, max: unknown, nullCount = 0) => ({
  numRecords: 10,
  minValues: { c: min },
  maxValues: { c: max },
  nullCount: { c: nullCount },
});

test('longs are compared exactly', () => {
  const stats =
    '{"numRecords":1,"minValues":{"c":9007199254740993},"maxValues":{"c":9007199254740993},"nullCount":{"c":0}}';
  expect(keeps('long', stats, '=', '9007199254740993')).toBe(true);
  expect(keeps('long', stats, '=', '9007199254740992')).toBe(false);
  expect(keeps('long', stats, '>', '9007199254740992')).toBe(true);
  expect(keeps('long', stats, '>', '9007199254740992.5')).toBe(true);
  expect(keeps('long', stats, '>=', '9007199254740993.5')).toBe(false);
  expect(keeps('long', stats, '<', '9007199254740993')).toBe(false);
});

test('each operator leaves out what it can, and no more', () => {
  const stats = range(10, 20);
  const kept = (operator: ScanFilter['operator'], value: string): boolean => keeps('integer', stats, operator, value);
  expect([kept('=', '9'), kept('=', '10'), kept('=', '20'), kept('=', '21')]).toEqual([false, true, true, false]);
  expect([kept('<', '10'), kept('<', '11'), kept('<=', '9'), kept('<=', '10')]).toEqual([false, true, false, true]);
  expect([kept('>', '20'), kept('>', '19'), kept('>=', '21'), kept('>=', '20')]).toEqual([false, true, false, true]);
  expect(keeps('integer', stats, 'in', '1', '30')).toBe(false);
  expect(keeps('integer', stats, 'in', '1', '15')).toBe(true);
  expect(keeps('integer', stats, 'in')).toBe(false);
  expect(keeps('integer', stats, 'is null')).toBe(false);
  expect(keeps('integer', range(10, 20, 1), 'is null')).toBe(true);
  expect(keeps('integer', range(undefined, undefined, 10), 'is not null')).toBe(false);
  expect(keeps('integer', range(undefined, undefined, 10), '=', '1')).toBe(false);
  expect(keeps('integer', range(undefined, undefined, 9), '=', '1')).toBe(true);
});

test('what is missing, malformed or unknown leaves nothing out', () => {
  for (const stats of ['{}', 'nonsense', '[]', 'null', '{"minValues":{"c":"x"},"maxValues":{"c":{}}}']) {
    expect(keeps('long', stats, '=', '5')).toBe(true);
    expect(keeps('long', stats, 'is null')).toBe(true);
  }
  expect(keeps('long', range(1, 2), '=', 'five')).toBe(true);
  expect(keeps(struct(field('x', 'long')), range(1, 2), '=', '5')).toBe(true);
  const files = [file(undefined)];
  expect(
    pruneFiles(table(struct(field('c', 'long'))), files, [{ column: ['nope'], operator: '=', values: ['1'] }]),
  ).toEqual(files);
});

test('cut timestamps and floats that may hold NaN keep their files', () => {
  const times = range('2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.123-08:00');
  expect(keeps('timestamp', times, '=', '2026-01-01T08:00:00.123999Z')).toBe(true);
  expect(keeps('timestamp', times, '>', '2026-01-01T08:00:00.125Z')).toBe(false);
  expect(keeps('double', range(1, 2), '>', '5')).toBe(true);
  expect(keeps('double', range(1, 2), '=', '5')).toBe(false);
  expect(keeps('double', range(1, 2), '<', '1')).toBe(true);
  expect(keeps('double', range(1, 2), '<', '0.99')).toBe(false);
});

test('partition values are compared by their type; the empty string is null', () => {
  const partitioned = table(struct(field('p', 'integer'), field('v', 'long')), ['p']);
  const files = ['9', '10', null, '', 'odd'].map((p) => file(undefined, { p }));
  const kept = (operator: ScanFilter['operator'], ...values: string[]) =>
    pruneFiles(partitioned, files, [{ column: ['p'], operator, values }]).map((one) => one.partitionValues['p']);
  expect(kept('>', '9')).toEqual(['10', 'odd']);
  expect(kept('in', '9', '11')).toEqual(['9', 'odd']);
  expect(kept('is null')).toEqual([null, '']);
  expect(kept('is not null')).toEqual(['9', '10', 'odd']);
});

const schema = struct(
  field('l', 'long'),
  field('s', 'string'),
  field('d', 'double'),
  field('f', 'float'),
  field('n', 'decimal(20,2)'),
  field('t', 'timestamp'),
  field('day', 'date'),
  field('o', struct(field('i', 'integer'))),
);

const text = fc
  .array(fc.constantFrom('a', 'b', 'é', '😀', '\uffff', 'aaaaaaaaaaaaaaaaaaaa'), { maxLength: 4 })
  .map((parts) => parts.join(''));
const near = fc.integer({ min: -2, max: 2 });
const values = {
  l: near.map((offset) => String(9007199254740993n + BigInt(offset))),
  s: text,
  d: fc.oneof(
    near.map((value) => String(value / 10)),
    fc.constantFrom('NaN', 'Infinity', '-Infinity'),
  ),
  f: fc.oneof(
    near.map((value) => String(value / 10)),
    fc.constantFrom('NaN'),
  ),
  n: near.map((offset) => (offset / 100).toFixed(2)),
  t: near.map((offset) => `2026-01-01T00:00:00.${String(123_500 + offset * 300).padStart(6, '0')}Z`),
  day: near.map((offset) => `2026-01-0${offset + 3}`),
  i: near.map(String),
};

const row = fc.record({
  l: fc.option(values.l),
  s: fc.option(values.s),
  d: fc.option(values.d),
  f: fc.option(values.f),
  n: fc.option(values.n),
  t: fc.option(values.t),
  day: fc.option(values.day),
  o: fc.option(fc.record({ i: fc.option(values.i) })),
});

const columns = {
  l: { path: ['l'], type: 'BIGINT' },
  s: { path: ['s'], type: 'VARCHAR' },
  d: { path: ['d'], type: 'DOUBLE' },
  f: { path: ['f'], type: 'DOUBLE' },
  n: { path: ['n'], type: 'DECIMAL(20,2)' },
  t: { path: ['t'], type: 'TIMESTAMPTZ' },
  day: { path: ['day'], type: 'DATE' },
  i: { path: ['o', 'i'], type: 'INTEGER' },
} as const;

const condition = fc.constantFrom(...(Object.keys(columns) as (keyof typeof columns)[])).chain((name) =>
  fc
    .tuple(
      fc.constantFrom<ScanFilter['operator']>('=', '<', '<=', '>', '>=', 'in', 'is null', 'is not null'),
      fc.array(values[name], { minLength: 1, maxLength: 3 }),
    )
    .map(([operator, drawn]) => {
      const constants = operator.startsWith('is') ? [] : operator === 'in' ? drawn : drawn.slice(0, 1);
      const { path, type } = columns[name];
      const literals = constants.map((constant) => `'${constant}'::${type}`).join(', ');
      return {
        filter: { column: path, operator, values: constants } satisfies ScanFilter,
        sql: `${path.join('.')} ${operator} ${operator === 'in' ? `(${literals})` : literals}`,
      };
    }),
);

test('no file with a matching row is ever left out', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(row, { minLength: 1, maxLength: 5 }),
      fc.array(condition, { minLength: 20, maxLength: 20 }),
      async (rows, conditions) => {
        await withRows(
          place.reader,
          schema,
          [ndjson(rows)],
          async (source) => {
            const written = await writeQuery(place.reader, { ...source, schema });
            if (!written) throw new Error('nothing was written');
            const counts = conditions.map(({ sql }, index) => `count(*) FILTER (WHERE ${sql}) AS n${index}`);
            const [matching] = await place.reader.rows(`SELECT ${counts.join(', ')} FROM '${written.localFile}'`);
            await removeLocal([written]);
            conditions.forEach(({ filter }, index) => {
              const kept = pruneFiles(table(schema), [file(written.stats)], [filter]).length === 1;
              if (Number(matching?.[`n${index}`]) > 0) expect([filter, kept]).toEqual([filter, true]);
            });
          },
          async () => undefined,
        );
      },
    ),
    { numRuns: 60 },
  );
});
