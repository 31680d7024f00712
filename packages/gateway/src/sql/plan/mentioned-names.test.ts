import { afterAll, beforeAll, expect, test } from 'vitest';
import { openInstance, type OpenInstance } from '../duckdb/instance.ts';
import { planQuery } from './plan-query.ts';

let instance: OpenInstance;
beforeAll(async () => {
  instance = await openInstance({ memoryBytes: 64 * 1024 * 1024, threads: 1, paths: [], sql: '' });
});
afterAll(() => instance.close());

async function mentioned(sql: string): Promise<readonly string[] | undefined> {
  const request = { sql, userName: 'ann', defaults: { catalog: 'main', schema: 'default' }, parameters: [] };
  return (await planQuery(instance.connection, request, 0)).tables[0]!.mentioned;
}

test.each([
  ['SELECT a FROM t WHERE s.B = 1', ['a', 's', 'b']],
  ['WITH c AS (SELECT a FROM t) SELECT * FROM c', ['a']],
  ['SELECT * FROM (SELECT a FROM t) q', ['a']],
  ['SELECT count(*) FROM t', []],
])('%s needs only what it names', async (sql, names) => {
  expect(await mentioned(sql)).toEqual(expect.arrayContaining(names));
});

test.each([
  'SELECT * FROM t',
  'WITH c AS (SELECT * FROM t) SELECT * FROM c',
  'WITH c AS (SELECT 1 AS x) SELECT * FROM c, t',
  'SELECT * FROM (SELECT 1 AS x) q JOIN t ON true',
  'SELECT a FROM t WHERE EXISTS (SELECT * FROM t)',
  'SELECT t FROM t',
])('%s may need every column', async (sql) => {
  expect(await mentioned(sql)).toBeUndefined();
});
