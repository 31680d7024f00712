import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { field, struct } from '../../packages/gateway/src/lake/schema/delta-type.ts';
import { admin, SqlPlace } from '../../packages/gateway/src/sql/testing/sql-place.ts';

const MIB = 1024 * 1024;

let place: SqlPlace;
let secret: string;
let granted: string;
let before: string;

beforeAll(async () => {
  place = await SqlPlace.make({ timeoutMs: 4_000, memoryLimitBytes: 300 * MIB });
  await place.table('main.default.t', struct(field('x', 'long'), field('s', 'string')), [{ x: 1, s: 'a' }]);
  const scan = await place.lake.lake.scan('main/default/t');
  granted = scan.paths[0]!;
  before = await digest(granted);
  secret = path.join(place.lake.directory, 'secret.csv');
  await writeFile(secret, 'top-secret-value\n');
});
afterAll(() => place.remove());

async function digest(file: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(file))
    .digest('hex');
}

/** The statement fails, with nothing of the file or of our insides in the message, and the next one works. */
async function refuses(sql: string): Promise<string> {
  const error = await place.errorOf(sql);
  expect([
    'caller_sql_refused',
    'caller_sql_syntax',
    'caller_sql_failed',
    'caller_sql_limit',
    'caller_table_not_found',
  ]).toContain(error.code);
  expect(error.message).not.toContain('top-secret-value');
  expect(error.message).not.toMatch(/relation_\d+_\d+_|dbx_|root:|node_modules/);
  expect(await digest(granted)).toBe(before);
  return error.message;
}

describe('holes of the engine that are closed here', () => {
  test('1: nothing is written beside the granted files', async () => {
    const beside = path.join(path.dirname(granted), 'new.parquet');
    await refuses(`COPY (SELECT 1) TO '${beside}'`);
    await refuses(`ATTACH '${path.join(path.dirname(granted), 'new.db')}' AS d`);
    await refuses(`EXPORT DATABASE '${path.dirname(granted)}'`);
  });

  test('2: granted files are not written over, nor by EXPLAIN ANALYZE', async () => {
    await refuses(`COPY (SELECT 1 AS x) TO '${granted}' (USE_TMP_FILE false)`);
    await refuses(`EXPLAIN ANALYZE COPY (SELECT 1 AS x) TO '${granted}' (USE_TMP_FILE false)`);
    await refuses(`EXPLAIN SELECT 1`);
    await refuses(`SELECT 1; COPY (SELECT 1 AS x) TO '${granted}' (USE_TMP_FILE false)`);
  });

  test('3: memory and time end a statement that does not listen', async () => {
    expect((await place.errorOf("SELECT length(repeat('x', 4000000000))")).code).toBe('caller_sql_limit');
    expect(await place.rowsOf('SELECT 1')).toEqual([['1']]);
  });

  test('4: nothing is printed by a profile', async () => {
    await refuses('PRAGMA enable_profiling');
    await refuses('SET enable_profiling = true');
    await refuses('SELECT * FROM pragma_database_list()');
  });

  test('5: settings and other relations cannot be listed', async () => {
    for (const name of [
      'duckdb_settings',
      'duckdb_views',
      'duckdb_tables',
      'duckdb_functions',
      'duckdb_secrets',
      'duckdb_temporary_files',
    ]) {
      await refuses(`SELECT * FROM ${name}()`);
    }
    await refuses("SELECT current_setting('allowed_paths')");
    await refuses("SELECT getvariable('x')");
  });

  test('6: nothing of one statement is there for the next', async () => {
    await refuses('DROP VIEW memory.main.relation_0_0');
    expect(await place.rowsOf('SELECT count(*) FROM t')).toEqual([['1']]);
    expect((await place.errorOf('SELECT * FROM relation_0_0')).code).toBe('caller_table_not_found');
  });

  test('7: a name that DuckDB has too means the table of Unity Catalog', async () => {
    expect(await place.rowsOf('SELECT main.default.t.x FROM main.default.t')).toEqual([['1']]);
    for (const name of [
      'memory.main.relation_0_0',
      'main.relation_0_0',
      'system.main.duckdb_settings',
      'information_schema.tables',
      'sqlite_master',
      'pg_catalog.pg_class',
      'temp.x',
    ]) {
      expect((await place.errorOf(`SELECT * FROM ${name}`)).code, name).toBe('caller_table_not_found');
    }
  });

  test('8: functions of DuckDB in other schemas, and ours by their inner names, are no way in', async () => {
    await refuses('SELECT pg_catalog.pg_typeof(1)');
    await refuses("SELECT system.main.read_text('x')");
    await refuses('SELECT pg_sleep(100)');
  });

  test('9: only files of the snapshot can be read, none of the network', async () => {
    await refuses("SELECT * FROM read_parquet('https://127.0.0.1:1/x.parquet')");
    await refuses("SELECT * FROM 's3://bucket/x.parquet'");
    await refuses('INSTALL httpfs');
    await refuses('LOAD httpfs');
  });
});

describe('files', () => {
  const statements = (): string[] => [
    `SELECT * FROM '${secret}'`,
    `SELECT * FROM \`${secret}\``,
    `SELECT * FROM "${secret}"`,
    `FROM '${secret}'`,
    `TABLE '${secret}'`,
    `SELECT * FROM read_csv('${secret}')`,
    `SELECT * FROM read_csv_auto('${secret}')`,
    `SELECT * FROM read_text('${secret}')`,
    `SELECT * FROM read_blob('${secret}')`,
    `SELECT * FROM read_json('${secret}')`,
    `SELECT * FROM read_parquet('${granted}')`,
    `SELECT * FROM parquet_scan('${granted}')`,
    `SELECT * FROM parquet_metadata('${granted}')`,
    `SELECT * FROM '${granted}'`,
    `SELECT * FROM '${path.dirname(granted)}/*.parquet'`,
    `SELECT * FROM '${path.dirname(granted)}/../../../secret.csv'`,
    `SELECT * FROM csv.\`${secret}\``,
    `SELECT * FROM delta.\`${path.dirname(granted)}\``,
    `SELECT * FROM glob('/etc/*')`,
    `SELECT * FROM sniff_csv('${secret}')`,
    "SELECT * FROM '/etc/passwd'",
    "SELECT * FROM t, LATERAL (SELECT * FROM read_text('/etc/passwd')) AS f",
    "SELECT (SELECT content FROM read_text('/etc/passwd'))",
    "SELECT * FROM t WHERE s IN (SELECT content FROM read_text('/etc/passwd'))",
    "SELECT x FROM t ORDER BY (SELECT content FROM read_text('/etc/passwd'))",
    "SELECT x FROM t LIMIT (SELECT length(content) FROM read_text('/etc/passwd'))",
    "SELECT list_transform([1], y -> (SELECT content FROM read_text('/etc/passwd')))",
    "WITH read_text AS (SELECT 1) SELECT * FROM read_text('/etc/passwd')",
    "WITH t AS (SELECT * FROM '/etc/passwd') SELECT * FROM t",
    "SELECT count(*) OVER (PARTITION BY (SELECT content FROM read_text('/etc/passwd'))) FROM t",
    "SELECT count(*) FILTER (WHERE (SELECT content FROM read_text('/etc/passwd')) IS NOT NULL) FROM t",
    "SELECT * FROM query('SELECT * FROM read_text(''/etc/passwd'')')",
    "SELECT * FROM query_table('t')",
    "SELECT json_execute_serialized_sql('{}')",
    "SELECT * FROM json_execute_serialized_sql(json_serialize_sql('SELECT 1'))",
    "SELECT getenv('HOME')",
    "SELECT which_secret('x', 'y')",
    'SELECT * FROM unicode_quotes(‘/etc/passwd’)',
    "SELECT /* */ * /**/ FROM /* ' */ '/etc/passwd' -- '",
    "SELECT 1 --\n; ATTACH '/tmp/x.db'",
    "SELECT 'a\\'; COPY (SELECT 1) TO ''/tmp/x''",
    'PREPARE p AS SELECT 1',
    'CALL pragma_version()',
    'USE memory',
    "SUMMARIZE SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM (DESCRIBE SELECT * FROM read_text('/etc/passwd'))",
    'SELECT * FROM (SHOW ALL TABLES)',
    "SELECT nextval('s')",
    "SELECT write_log('x')",
    "SELECT CAST('x' AS my_type)",
    'SELECT * FROM t COLLATE nothing',
    'INSERT INTO t VALUES (1)',
    'DELETE FROM t',
    'UPDATE t SET x = 1',
  ];

  test('none of the ways to name one gets at it', async () => {
    for (const sql of statements())
      await refuses(sql).catch((error: unknown) => {
        throw new Error(sql, { cause: error });
      });
    expect(await place.rowsOf('SELECT count(*) FROM t')).toEqual([['1']]);
  });
});

describe('bombs', () => {
  const bombs = [
    ['WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n FROM r) SELECT count(*) FROM r'],
    ['SELECT count(*) FROM range(10000000000) a, range(10000000000) b WHERE a.id * b.id = 3'],
    ["SELECT string_agg(repeat('x', 1000), ',') FROM range(1000000)"],
    ['SELECT sort_array(collect_list(range)) FROM range(100000000)'],
    ["SELECT repeat(repeat('x', 100000), 100000)"],
    ['SELECT sequence(1, 100000000000)'],
    [`SELECT ${'('.repeat(3_000)}1${')'.repeat(3_000)}`],
    [`SELECT ${'1+'.repeat(100_000)}1`],
    ["SELECT * FROM t TIMESTAMP AS OF repeat(repeat('x', 100000), 100000)"],
  ] as const;

  test.each(bombs.map(([sql]) => ({ name: sql.slice(0, 80), sql })))('$name', async ({ sql }) => {
    const error = await place.errorOf(sql);
    expect(['caller_sql_limit', 'caller_sql_failed', 'caller_sql_syntax', 'caller_sql_refused']).toContain(error.code);
    expect(await place.rowsOf('SELECT 1')).toEqual([['1']]);
  });

  test('a process that was ended is gone, and so is what it held', async () => {
    await place.errorOf('SELECT count(*) FROM range(10000000000) a, range(10000000000) b WHERE a.id * b.id = 3');
    const children = await promisify(execFile)('ps', ['-o', 'args=', '--ppid', String(process.pid)]).then(
      ({ stdout }) => stdout.split('\n'),
    );
    expect(children.filter((line) => line.includes('sql-process')).length).toBeLessThanOrEqual(
      place.limits.concurrency,
    );
  });
});

test('an endless statement does not hold up others', async () => {
  const endless = place.errorOf(
    'SELECT count(*) FROM range(10000000000) a, range(10000000000) b WHERE a.id * b.id = 3',
  );
  expect(await place.rowsOf('SELECT 1', { userName: 'someone@example.com', groups: admin.groups })).toEqual([['1']]);
  expect((await endless).code).toBe('caller_sql_limit');
});
