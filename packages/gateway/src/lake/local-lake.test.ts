import { afterEach, beforeEach, expect, test } from 'vitest';
import { array, field, map, struct } from './schema/delta-type.ts';
import type { UnfitRowsError } from './parquet/unfit-rows.ts';
import { LakePlace, ndjson } from './testing/lake-place.ts';
import { metricsSchema } from './testing/metrics-schema.ts';

let place: LakePlace;
beforeEach(async () => {
  place = await LakePlace.make();
});
afterEach(() => place.remove());

const everyType = struct(
  field('s', 'string'),
  field('l', 'long'),
  field('i', 'integer'),
  field('h', 'short'),
  field('b', 'byte'),
  field('f', 'float'),
  field('d', 'double'),
  field('t', 'boolean'),
  field('x', 'binary'),
  field('day', 'date'),
  field('at', 'timestamp'),
  field('local', 'timestamp_ntz'),
  field('n', 'decimal(38,10)'),
  field('st', struct(field('a', 'long'), field('x', 'binary'))),
  field('ar', array(struct(field('x', 'binary'), field('n', 'decimal(20,2)')))),
  field('m', map('string', 'binary')),
  field('mi', map('long', array('double'))),
);

const full = `{"s":"ä\\u0000\\"😀","l":9223372036854775807,"i":-2147483648,"h":32767,"b":-128,"f":1.5,"d":-0.1,"t":true,"x":"AAH/","day":"0001-01-01","at":"2026-01-02T03:04:05.123456+02:00","local":"9999-12-31T23:59:59.999999","n":"1234567890123456789012345678.0123456789","st":{"a":null,"x":"YQ=="},"ar":[null,{"x":"YQ==","n":"12345678901234567.89"},{}],"m":{"k":"YQ==","":null},"mi":{"9007199254740993":[1.5,null]}}\n`;

test('values of every type come back as they were, nulls too', async () => {
  const table = await place.table('all', everyType);
  await place.lake.append({
    table,
    rows: [
      Buffer.from(full),
      Buffer.from('{}\n{"unknown":1,"d":"NaN"}\n'),
      ndjson([{ d: 'Infinity', f: '-Infinity' }]),
    ],
  });
  const rows = await place.query(
    table,
    `SELECT s, l::VARCHAR l, i, h, b, f::VARCHAR f, d::VARCHAR d, t, to_base64(x) x, day::VARCHAR "day", epoch_us("at")::VARCHAR "at", "local"::VARCHAR "local", n::VARCHAR n,
      st.a sa, to_base64(st.x) sx, ar IS NULL arn, len(ar) lar, ar[1] IS NULL a1, to_base64(ar[2].x) a2, ar[2].n::VARCHAR an, ar[3] IS NULL a3, to_base64(m['k']) mk, map_keys(m) mks, map_keys(mi)::VARCHAR mik, mi[9007199254740993] miv FROM t`,
  );
  expect(rows[0]).toEqual({
    s: 'ä\u0000"😀',
    l: '9223372036854775807',
    i: -2147483648,
    h: 32767,
    b: -128,
    f: '1.5',
    d: '-0.1',
    t: true,
    x: 'AAH/',
    day: '0001-01-01',
    at: String(BigInt(Date.parse('2026-01-02T01:04:05.123Z')) * 1000n + 456n),
    local: '9999-12-31 23:59:59.999999',
    n: '1234567890123456789012345678.0123456789',
    sa: null,
    sx: 'YQ==',
    arn: false,
    lar: 3,
    a1: true,
    a2: 'YQ==',
    an: '12345678901234567.89',
    a3: false,
    mk: 'YQ==',
    mks: ['k', ''],
    mik: '[9007199254740993]',
    miv: [1.5, null],
  });
  expect(Object.values(rows[1] as object).filter((value) => value !== null)).toEqual([true, true, true]);
  expect(rows[2]).toMatchObject({ d: 'nan', s: null });
  expect(rows[3]).toMatchObject({ d: 'inf', f: '-inf' });
  expect(await place.leftovers()).toEqual([]);
  const description = await place.lake.describe('all');
  expect(description).toMatchObject({ files: 1, rows: 4, minReaderVersion: 3, minWriterVersion: 7 });
  expect(description.features).toContain('timestampNtz');
});

test('rows of the metrics table come back', async () => {
  const table = await place.table('metrics', metricsSchema());
  const nanoseconds = '1767225600123456789';
  const row = `{"name":"m","sum":{"time_unix_nano":${nanoseconds},"value":1.5,"exemplars":[{"time_unix_nano":${nanoseconds},"filtered_attributes":{"a":"b"}}],"attributes":{"model":"x"},"flags":0},"resource":{"attributes":{}}}\n`;
  await place.lake.append({ table, rows: [Buffer.from(row)] });
  const [back] = await place.query(
    table,
    'SELECT *, sum.time_unix_nano::VARCHAR nano, sum.exemplars[1].time_unix_nano::VARCHAR inner_nano FROM t',
  );
  expect(back).toMatchObject({
    name: 'm',
    gauge: null,
    histogram: null,
    sum: {
      value: 1.5,
      attributes: { model: 'x' },
      is_monotonic: null,
      exemplars: [{ filtered_attributes: { a: 'b' } }],
    },
    resource: { attributes: {}, dropped_attributes_count: null },
    nano: nanoseconds,
    inner_nano: nanoseconds,
  });
  expect(await place.lake.describe('metrics')).toMatchObject({ minReaderVersion: 1, minWriterVersion: 2, rows: 1 });
});

test('an append with a transaction counts once', async () => {
  const table = await place.table('t', struct(field('a', 'long')));
  const append = { table, rows: [ndjson([{ a: 1 }])], transaction: { appId: 'spool', version: 7 } };
  expect(await place.lake.append(append)).toMatchObject({ version: 1, skipped: false, rows: 1 });
  expect(await place.lake.append(append)).toMatchObject({ skipped: true, rows: 0 });
  expect(await place.lake.append({ ...append, transaction: { appId: 'spool', version: 6 } })).toMatchObject({
    skipped: true,
  });
  expect(await place.lake.append({ ...append, rows: [], transaction: { appId: 'spool', version: 8 } })).toMatchObject({
    version: 2,
    rows: 0,
  });
  expect(await place.query(table)).toEqual([{ a: 1 }]);
  expect(await place.lake.lastTransaction(table, 'spool')).toBe(8);
  expect(await place.lake.lastTransaction(table, 'other')).toBeUndefined();
});

test('rows that do not fit are named, and nothing is appended', async () => {
  const table = await place.table('t', struct(field('a', 'long'), { ...field('must', 'string'), nullable: false }));
  const lines = [
    '{"a":1,"must":"x"}',
    '{"a":"text","must":"x"}',
    '{"a":2,"must":null}',
    '{"a":',
    '5',
    '{"a":3,"must":"y"}',
  ];
  const rows = [Buffer.from(`${lines.join('\n')}\n`)];
  const failure = (await place.lake.append({ table, rows }).catch((error: unknown) => error)) as UnfitRowsError;
  expect(failure).toMatchObject({
    code: 'caller_table_unfit',
    rows: [{ index: 1 }, { index: 2 }, { index: 3 }, { index: 4 }],
  });
  expect(failure.message).not.toContain('text');
  expect(await place.query(table)).toEqual([]);
  expect(await place.leftovers()).toEqual([]);
  const fit = Buffer.from(`${lines[0]}\n\n${lines[5]}`);
  expect(await place.lake.append({ table, rows: [fit, fit] })).toMatchObject({ rows: 4 });
});

test('strings cut inside of a character are kept but for the half character', async () => {
  const table = await place.table('t', struct(field('s', 'string')));
  await place.append(table, [{ s: 'cut \ud83d' }, { s: '\\ud83d 😀 \udc00' }, { s: 'whole \ud83d\ude00' }]);
  await place.lake.append({ table, rows: [Buffer.from('{"s":"\\uD83D\\uDE00 \\\\ud83d"}\n')] });
  expect(await place.query(table)).toEqual([
    { s: 'cut \ufffd' },
    { s: '\\ud83d 😀 \ufffd' },
    { s: 'whole 😀' },
    { s: '😀 \\ud83d' },
  ]);
});

test('a long line is read', async () => {
  const table = await place.table('t', struct(field('s', 'string'), field('a', 'long')));
  const s = 'x'.repeat(40_000_000);
  await place.append(table, [
    { s: 'short', a: 1 },
    { s, a: 2 },
  ]);
  expect(await place.query(table, 'SELECT length(s) n FROM t')).toEqual([{ n: 5 }, { n: s.length }]);
});

test('another table at the place is refused', async () => {
  const table = await place.table('t', struct(field('a', 'long')));
  await place.append(table, [{ a: 1 }]);
  await expect(place.table('t', struct(field('a', 'long')))).rejects.toMatchObject({ code: 'caller_already_exists' });
  await place.lake.remove('t');
  await expect(place.lake.describe('t')).rejects.toMatchObject({ code: 'caller_table_not_found' });
  const next = await place.table('t', struct(field('b', 'string')));
  await expect(place.append(table, [{ a: 1 }])).rejects.toMatchObject({ code: 'caller_table_not_found' });
  await expect(place.lake.lastTransaction(table, 'x')).rejects.toMatchObject({ code: 'caller_table_not_found' });
  expect(await place.query(next)).toEqual([]);
});

test('columns added later are null in old rows, nested too; comments are kept', async () => {
  const inner = struct(field('x', 'integer'));
  const table = await place.table('t', struct(field('a', 'long'), field('s', inner)));
  await place.append(table, [{ a: 1, s: { x: 1 } }]);
  await place.lake.alter('t', { kind: 'add-columns', fields: struct(field('b', 'timestamp_ntz', 'later')) }, 'someone');
  await place.lake.alter('t', { kind: 'set-column-comment', column: ['s', 'x'], comment: 'inside' });
  await place.lake.alter('t', { kind: 'set-comment', comment: 'a table' });
  await place.lake.alter('t', { kind: 'set-properties', properties: { 'my.key': '1', other: '2' } });
  await place.lake.alter('t', { kind: 'unset-properties', keys: ['other'] });
  await place.append(table, [{ a: 2, b: '2026-01-01T00:00:00' }]);
  expect(await place.query(table, 'SELECT a, s, b::VARCHAR b FROM t')).toEqual([
    { a: 1, s: { x: 1 }, b: null },
    { a: 2, s: null, b: '2026-01-01 00:00:00' },
  ]);
  const description = await place.lake.describe('t');
  expect(description).toMatchObject({ comment: 'a table', properties: { 'my.key': '1' }, minReaderVersion: 3 });
  expect(description.schema.fields[2]?.metadata).toEqual({ comment: 'later' });
  expect(description.schema.fields[1]?.type).toMatchObject({ fields: [{ metadata: { comment: 'inside' } }] });
  expect((await place.lake.scan('t', { at: { version: 1 } })).schema.fields).toHaveLength(2);
  expect((await place.lake.history('t')).map((commit) => commit.operation)).toEqual([
    'WRITE',
    'UNSET TBLPROPERTIES',
    'SET TBLPROPERTIES',
    'SET TBLPROPERTIES',
    'CHANGE COLUMN',
    'ADD COLUMNS',
    'WRITE',
    'CREATE TABLE',
  ]);
});

test.each([
  [{ kind: 'add-columns', fields: struct(field('A', 'long')) }, 'caller_already_exists'],
  [{ kind: 'add-columns', fields: struct(field('a b', 'long')) }, 'caller_invalid_parameter'],
  [{ kind: 'set-column-comment', column: ['nope'], comment: 'x' }, 'caller_not_found'],
  [{ kind: 'set-properties', properties: { 'delta.enableDeletionVectors': 'true' } }, 'gateway_lake_unsupported'],
] as const)('the change %j is refused', async (change, code) => {
  await place.table('t', struct(field('a', 'long')));
  await expect(place.lake.alter('t', change)).rejects.toMatchObject({ code });
});

test('a partitioned table is written and read, with odd values', async () => {
  const schema = struct(field('p', 'string'), field('day', 'date'), field('at', 'timestamp'), field('v', 'long'));
  const table = { id: crypto.randomUUID(), location: 'p' };
  await place.lake.createTable({ ...table, schema, properties: {}, partitionColumns: ['P', 'day', 'at'] });
  const rows = [
    { p: "it's", day: '2026-01-01', at: '2026-01-01T00:00:00.000001Z', v: 1 },
    { p: "it's", day: '2026-01-01', at: '2026-01-01T00:00:00.000001Z', v: 2 },
    { p: null, day: null, at: null, v: 3 },
    { p: '', day: '2026-01-02', at: null, v: 4 },
    { p: 'a/b%20=c', day: '2026-01-02', at: null, v: 5 },
  ];
  await place.append(table, rows);
  await place.append(table, rows);
  const sql = `SELECT p, day::VARCHAR "day", strftime("at", '%Y-%m-%dT%H:%M:%S.%fZ') "at", v FROM t ORDER BY v`;
  const expected = rows.flatMap((row) => [row, row]).map((row) => (row.p === '' ? { ...row, p: null } : row));
  expect(await place.query(table, sql)).toEqual(expected);
  expect((await place.lake.describe('p')).files).toBe(8);
  expect(await place.lake.optimize('p')).toMatchObject({ filesRemoved: 8, filesAdded: 4 });
  expect(await place.query(table, sql)).toEqual(expected);
  const scan = await place.lake.scan('p', { filters: [{ column: ['p'], operator: '=', values: ["it's"] }] });
  expect(scan).toMatchObject({ totalFiles: 4, paths: [expect.any(String)] });
});
