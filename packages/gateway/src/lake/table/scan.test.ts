import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Action, AddFile, DeletionVector } from '../log/actions.ts';
import { array, field, map, struct, type StructField, type StructType } from '../schema/delta-type.ts';
import { schemaText } from '../schema/parse-schema.ts';
import { encodeRoaring, encodeZ85, vectorFile } from '../testing/deletion-vectors.ts';
import { LakePlace } from '../testing/lake-place.ts';

let place: LakePlace;
beforeEach(async () => {
  place = await LakePlace.make();
});
afterEach(() => place.remove());

/** Writes a table as another engine would: a log of one commit over files that are there already. */
async function foreignTable(
  schema: StructType,
  features: readonly string[],
  configuration: Record<string, string>,
  adds: readonly AddFile[],
  partitionColumns: readonly string[] = [],
): Promise<void> {
  const actions: Action[] = [
    { protocol: { minReaderVersion: 3, minWriterVersion: 7, readerFeatures: features, writerFeatures: features } },
    {
      metaData: {
        id: 'f0',
        format: { provider: 'parquet', options: {} },
        schemaString: schemaText(schema),
        partitionColumns,
        configuration,
      },
    },
    ...adds.map((add) => ({ add })),
  ];
  const text = actions.map((action) => `${JSON.stringify(action)}\n`).join('');
  await place.store.putIfAbsent('f/_delta_log/00000000000000000000.json', Buffer.from(text));
}

async function foreignFile(name: string, sql: string, options = '', more: Partial<AddFile> = {}): Promise<AddFile> {
  const file = await place.store.localPath(`f/${name}`);
  await mkdir(path.dirname(file), { recursive: true });
  await place.reader.execute(`COPY (${sql}) TO '${file.replaceAll("'", "''")}' (FORMAT parquet ${options})`);
  const path_ = name.split('/').map(encodeURIComponent).join('/');
  return { path: path_, partitionValues: {}, size: 1, modificationTime: 0, dataChange: true, ...more };
}

async function query(sql = 'FROM t'): Promise<unknown[]> {
  return place.query({ id: 'f0', location: 'f' }, sql);
}

function mapped(one: StructField, id: number, physical: string): StructField {
  return { ...one, metadata: { 'delta.columnMapping.id': id, 'delta.columnMapping.physicalName': physical } };
}

const mappedSchema = struct(
  mapped(field('the id', 'long'), 1, 'col-1'),
  mapped(
    field('st', struct(mapped(field('in ner', 'string'), 3, 'col-3'), mapped(field('late', 'date'), 9, 'col-9'))),
    2,
    'col-2',
  ),
  mapped(field('list', array(struct(mapped(field('e', 'integer'), 5, 'col-5')))), 4, 'col-4'),
  mapped(field('map', map('string', struct(mapped(field('v', 'double'), 7, 'col-7')))), 6, 'col-6'),
  mapped(field('added', 'timestamp'), 8, 'col-8'),
);

const physicalRow = `SELECT i::INTEGER AS "col-1", CASE WHEN i = 1 THEN NULL ELSE {'col-3': 'x' || i} END AS "col-2", [{'col-5': i::INTEGER}, NULL] AS "col-4",
  MAP {'k': {'col-7': i + 0.5::DOUBLE}} AS "col-6", 'dropped' AS "st" FROM range(3) r(i)`;

const logicalRows = [0, 1, 2].map((i) => ({
  'the id': i,
  st: i === 1 ? null : { 'in ner': `x${i}`, late: null },
  list: [{ e: i }, null],
  map: { k: { v: i + 0.5 } },
  added: null,
}));

test('column mapping by name, nested too', async () => {
  const add = await foreignFile('a.parquet', physicalRow, '', {
    stats: '{"numRecords":3,"minValues":{"col-1":0},"maxValues":{"col-1":2},"nullCount":{"col-1":0}}',
  });
  await foreignTable(mappedSchema, ['columnMapping'], { 'delta.columnMapping.mode': 'name' }, [add]);
  expect(await query()).toEqual(logicalRows);
  expect(await query(`SELECT st."in ner" x FROM t WHERE "the id" = 2`)).toEqual([{ x: 'x2' }]);
  const pruned = await place.lake.scan('f', { filters: [{ column: ['the id'], operator: '>', values: ['2'] }] });
  expect(pruned).toMatchObject({ totalFiles: 1, paths: [] });
  await expect(place.append({ id: 'f0', location: 'f' }, [{}])).rejects.toMatchObject({
    code: 'gateway_lake_unsupported',
  });
});

test('column mapping by id, in files with names of their own', async () => {
  const usual = await foreignFile('a.parquet', `${physicalRow} WHERE i < 2`);
  const named = physicalRow
    .replace('"col-1"', 'one')
    .replace('"col-2"', 'two')
    .replace("'col-3'", "'three'")
    .replace('"col-4"', 'four');
  const ids = ", FIELD_IDS {one: 1, two: {__duckdb_field_id: 2, three: 3}, four: 4, 'col-6': 6}";
  const odd = await foreignFile('b.parquet', `${named} WHERE i = 2`, ids);
  await foreignTable(mappedSchema, ['columnMapping'], { 'delta.columnMapping.mode': 'id' }, [usual, odd]);
  expect(await query('FROM t ORDER BY 1')).toEqual(logicalRows);
});

test('rows of deletion vectors are left out, however they are stored', async () => {
  const vector = async (storageType: 'i' | 'u' | 'p', rows: readonly number[]): Promise<DeletionVector> => {
    const bytes = encodeRoaring(rows, storageType === 'p' ? 'runs' : 'array');
    const common = { sizeInBytes: bytes.length, cardinality: rows.length };
    if (storageType === 'i') {
      const padded = Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
      return { storageType, pathOrInlineDv: encodeZ85(padded), ...common };
    }
    const uuid = crypto.randomUUID();
    const key = `f/ab/deletion_vector_${uuid}.bin`;
    await place.store.putIfAbsent(key, vectorFile(bytes));
    const relative = `ab${encodeZ85(Buffer.from(uuid.replaceAll('-', ''), 'hex'))}`;
    return { storageType, pathOrInlineDv: storageType === 'u' ? relative : place.store.uri(key), offset: 1, ...common };
  };
  const rowsFrom = (from: number): string => `SELECT ${from} + i AS a FROM range(5) r(i)`;
  const adds = [
    await foreignFile('a.parquet', rowsFrom(0), '', { deletionVector: await vector('i', [0, 4]) }),
    await foreignFile('b.parquet', rowsFrom(10), '', { deletionVector: await vector('u', [1, 2, 3]) }),
    await foreignFile('c.parquet', rowsFrom(20), '', { deletionVector: await vector('p', [2]) }),
    await foreignFile('d.parquet', rowsFrom(30)),
  ];
  await foreignTable(struct(field('a', 'long')), ['deletionVectors'], {}, adds);
  expect((await query('SELECT a FROM t ORDER BY a')).map((row) => (row as { a: number }).a)).toEqual([
    1, 2, 3, 10, 14, 20, 21, 23, 24, 30, 31, 32, 33, 34,
  ]);
  expect(await query('SELECT a FROM t WHERE a > 13 AND a < 22 ORDER BY a')).toEqual([{ a: 14 }, { a: 20 }, { a: 21 }]);
  const [name] = await listed('f/ab/');
  const bytes = (await place.store.get(`f/ab/${name}`)) ?? Buffer.alloc(1);
  bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
  await place.store.put(`f/ab/${name}`, bytes);
  await expect(place.lake.scan('f')).rejects.toMatchObject({ code: 'gateway_lake_unavailable' });
});

async function listed(prefix: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { key } of place.store.list(prefix)) names.push(key.slice(prefix.length));
  return names;
}

test('partitions, odd paths, other types and missing fields', async () => {
  const schema = struct(
    field('filename', 'string'),
    field('a', 'long'),
    field('s', struct(field('x', 'long'), field('y', 'string'))),
    field('p', 'decimal(10,2)'),
  );
  const adds = [
    await foreignFile(
      "p=1.50/odd 'name' [1]*%20.parquet",
      `SELECT 1::TINYINT AS a, {x: 1::INTEGER} AS s, 'f1' AS filename`,
      '',
      {
        partitionValues: { p: '1.50' },
      },
    ),
    await foreignFile('p=null/b.parquet', `SELECT {y: 'y', x: 2} AS s`, '', { partitionValues: { p: null } }),
  ];
  await foreignTable(schema, [], {}, adds, ['p']);
  expect(await query('SELECT * REPLACE (p::VARCHAR AS p) FROM t ORDER BY a')).toEqual([
    { filename: 'f1', a: 1, s: { x: 1, y: null }, p: '1.50' },
    { filename: null, a: null, s: { x: 2, y: 'y' }, p: null },
  ]);
});

test('a path is no pattern', async () => {
  const adds = [
    await foreignFile('a*.parquet', 'SELECT 1::BIGINT AS a'),
    await foreignFile('a[b]?.parquet', 'SELECT 2::BIGINT AS a'),
  ];
  await foreignFile('ab.parquet', 'SELECT 3::BIGINT AS a');
  await foreignFile('abc.parquet', 'SELECT 4::BIGINT AS a');
  await foreignTable(struct(field('a', 'long')), [], {}, adds);
  expect(await query('FROM t ORDER BY a')).toEqual([{ a: 1 }, { a: 2 }]);
});

test('a table without files has its columns and types', async () => {
  await foreignTable(mappedSchema, ['columnMapping'], { 'delta.columnMapping.mode': 'name' }, []);
  const { sql, paths } = await place.lake.scan('f');
  expect(paths).toEqual([]);
  const types = await place.reader.rows(`SELECT column_name AS name, column_type AS type FROM (DESCRIBE ${sql})`);
  expect(types).toEqual([
    { name: 'the id', type: 'BIGINT' },
    { name: 'st', type: 'STRUCT("in ner" VARCHAR, late DATE)' },
    { name: 'list', type: 'STRUCT(e INTEGER)[]' },
    { name: 'map', type: 'MAP(VARCHAR, STRUCT(v DOUBLE))' },
    { name: 'added', type: 'TIMESTAMP WITH TIME ZONE' },
  ]);
});

test('files outside of the table are refused', async () => {
  const add = { path: 'file:///etc/passwd', partitionValues: {}, size: 1, modificationTime: 0, dataChange: true };
  await foreignTable(struct(field('a', 'long')), [], {}, [add]);
  await expect(place.lake.scan('f')).rejects.toMatchObject({ code: 'gateway_lake_unsupported' });
});
