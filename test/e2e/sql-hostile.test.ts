// SQL of a user without grants, through a real gateway: nothing of others, of the machine or of the gateway's own
// state comes out, nothing runs for ever, and the relay answers meanwhile.
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGateway, type Gateway } from '../support/gateway-process.ts';
import { pollSql, runSql } from '../support/statements.ts';
import { call } from './support/http-call.ts';
import { tokenFor } from './support/token-for.ts';
import { waitFor } from './support/wait-for.ts';

interface User {
  readonly url: string;
  readonly token: string;
}

const STATEMENTS = '/api/2.0/sql/statements';
const SECRET = 'sentinel-of-the-environment';
const CONCURRENCY = 2;
/** Runs until it is ended. */
const ENDLESS = 'SELECT sum(a.id * b.id) AS s FROM range(10000000) AS a CROSS JOIN range(10000000) AS b';

let gateway: Gateway;
let ada: User;
let bob: User;

beforeAll(async () => {
  gateway = await startGateway({
    env: { UCODE_TEST_SENTINEL: SECRET },
    config: JSON.stringify({
      users: [{ name: 'admin', groups: ['admins'] }, { name: 'ada@example.com' }, { name: 'bob@example.com' }],
      sql: { timeout: '8s', memory_limit: '300MiB', concurrency: CONCURRENCY },
    }),
  });
  const as = async (user: string): Promise<User> => ({ url: gateway.url, token: await tokenFor(gateway, user) });
  [ada, bob] = [await as('ada@example.com'), await as('bob@example.com')];
  await runSql(ada, 'CREATE TABLE main.default.hers (confidential_column STRING)');
  await runSql(gateway, 'CREATE SCHEMA main.private_schema');
  await runSql(gateway, 'CREATE TABLE main.private_schema.private_table (a INT)');
  await runSql(gateway, 'CREATE CATALOG private_catalog');
  expect(await relay(ada)).toBe(200);
  await pollSql(gateway, 'SELECT 1 FROM system.ai_gateway.usage', (rows) => rows.length > 0);
});
afterAll(async () => {
  try {
    expect(gateway.output()).not.toMatch(/gateway_internal|Unhandled|the lake process ended/);
  } finally {
    await gateway.stop();
  }
});

/** The status of a request to a model. */
async function relay({ url, token }: User): Promise<number> {
  const body = JSON.stringify({ model: 'system.ai.gpt-5-5', messages: [{ role: 'user', content: 'hi' }] });
  return (await call(`${url}/ai-gateway/mlflow/v1/chat/completions`, { token, body })).status;
}

async function submit(user: User, statement: string, more: object = {}) {
  const body = JSON.stringify({ statement, warehouse_id: 'default', wait_timeout: '30s', ...more });
  const result = await call(user.url + STATEMENTS, { token: user.token, body });
  return { http: result.status, ...result.json() };
}

/** The message of a statement that must fail, without anything that is not the caller's. */
async function refused(user: User, statement: string, more: object = {}): Promise<string> {
  const answer = await submit(user, statement, more);
  expect(answer.status?.state ?? answer.error_code, `${statement}\n${JSON.stringify(answer)}`).not.toBe('SUCCEEDED');
  expect(JSON.stringify(answer)).not.toMatch(
    /sentinel-of-the|root:x|ucg_|confidential_column|private_table|SQLite|node_modules|\/work\/|\/tmp\//,
  );
  return String(answer.status?.error?.message ?? answer.message);
}

const end = 'end of input';
const typeWanted = 'expected a type';

describe('half Spark, half nonsense', () => {
  it.each([
    ['CREATE', end, 1, 7, 'expected CATALOG, SCHEMA, TABLE or VIEW'],
    ['CREATE TABLE', end, 1, 13, 'expected the name'],
    ['CREATE TABLE t', end, 1, 15, "expected '('"],
    ['CREATE TABLE t (', end, 1, 17, 'expected the name of a column'],
    ['CREATE TABLE t ()', "')'", 1, 17, 'expected the name of a column'],
    ['CREATE TABLE t (a)', "')'", 1, 18, typeWanted],
    ['CREATE TABLE t (a INT', end, 1, 22, "expected ',' or ')'"],
    ['CREATE TABLE t (\n  a INT,\n)', "')'", 3, 1, 'expected the name of a column'],
    ['CREATE TABLE t (a INT b INT)', "'b'", 1, 23, "expected ',' or ')'"],
    ['CREATE TABLE t (\n  a STRNG\n)', "'STRNG'", 2, 5, typeWanted],
    ['CREATE TABLE t (a MAP<STRING>)', "'>'", 1, 29, "expected ','"],
    ['CREATE TABLE t (a ARRAY<INT)', "')'", 1, 28, "expected '>'"],
    ['CREATE TABLE t (a DECIMAL(99, 2))', "'99'", 1, 27, 'precision from 1 to 38'],
    ['CREATE TABLE t (a INT) USING', end, 1, 29, 'expected DELTA'],
    ['CREATE TABLE t (a INT) TBLPROPERTIES (x)', "')'", 1, 40, 'expected ='],
    ['CREATE TABLE t (a INT) PARTITIONED', end, 1, 35, 'expected BY'],
    ['CREATE TABLE IF EXISTS t (a INT)', "'EXISTS'", 1, 17, 'expected NOT EXISTS'],
    ['CREATE TABLE a.b.c.d (a INT)', "'.'", 1, 19, 'no more than 3 parts'],
    ['CREATE TABLE `t (a INT)', "'`'", 1, 14, 'not closed'],
    ['CREATE VIEW v', end, 1, 14, 'expected AS'],
    ['CREATE VIEW v AS DROP TABLE hers', "'DROP'", 1, 18, 'expected a query'],
    ['CREATE FUNCTION f() RETURNS INT RETURN 1', "'FUNCTION'", 1, 8, 'expected CATALOG'],
    ['DROP', end, 1, 5, 'expected CATALOG'],
    ['DROP TABLE IF hers', "'hers'", 1, 15, 'expected the end'],
    ['DROP TABLE hers; DROP TABLE hers', "'DROP'", 1, 18, 'one statement at a time'],
    ['ALTER TABLE t ADD COLUMN', end, 1, 25, 'expected the name of a column'],
    ['ALTER TABLE t SET TBLPROPERTIES', end, 1, 32, "expected '('"],
    ['GRANT', end, 1, 6, 'expected a privilege'],
    ['GRANT EVERYTHING ON TABLE t TO `x`', "'EVERYTHING'", 1, 7, 'expected a privilege'],
    ['GRANT SELECT ON TABLE t TO', end, 1, 27, 'user or group'],
    ['REVOKE SELECT ON TABLE t TO x', "'TO'", 1, 26, 'expected FROM'],
    ['SHOW EVERYTHING', "'EVERYTHING'", 1, 6, 'expected CATALOGS'],
    ['DESCRIBE', end, 1, 9, 'expected the name'],
    ['VACUUM t RETAIN x HOURS', "'x'", 1, 17, 'number of hours'],
    ["INSTALL 'httpfs'", "'INSTALL'", 1, 1, 'expected a statement'],
    ["ATTACH '/etc/passwd'", "'ATTACH'", 1, 1, 'expected a statement'],
    ['PRAGMA database_list', "'PRAGMA'", 1, 1, 'expected a statement'],
    ['-- nothing', end, 1, 11, 'expected a statement'],
  ])('%s', async (statement, token, line, column, wanted) => {
    const message = await refused(bob, statement);
    expect(message).toContain(`Syntax error at or near ${token} (line ${line}, column ${column})`);
    expect(message).toContain(wanted);
  });

  it.each([
    ["CREATE TABLE t (a INT) LOCATION '/etc'", 'line 1, column 24'],
    ['CREATE TABLE t (a INT)\nUSING PARQUET', 'line 2, column 7'],
    ['CREATE OR REPLACE TABLE hers (a INT)', 'line 1, column 19'],
    ['OPTIMIZE hers ZORDER BY (a)', 'line 1, column 15'],
    ['INSERT INTO hers VALUES (1)', 'line 1, column 1'],
    ["COPY INTO hers FROM '/etc'", 'line 1, column 1'],
    ['SET x = 1', 'line 1, column 1'],
    ["EXECUTE IMMEDIATE 'SELECT 1'", 'line 1, column 1'],
  ])('%s: not offered, and what to do instead', async (statement, place) => {
    expect(await refused(bob, statement)).toMatch(new RegExp(`UNSUPPORTED_FEATURE.*${place}\\): .{10}`, 's'));
  });
});

describe('what is not theirs', () => {
  it.each([
    'SELECT * FROM main.default.hers',
    'SELECT * FROM main.default.hers VERSION AS OF 0',
    'DESCRIBE TABLE main.default.hers',
    'DESCRIBE HISTORY main.default.hers',
    'DESCRIBE DETAIL main.default.hers',
    'SHOW CREATE TABLE main.default.hers',
    'SHOW COLUMNS IN main.default.hers',
    'SHOW GRANTS ON TABLE main.default.hers',
    'SHOW TABLES IN main.private_schema',
    'GRANT SELECT ON TABLE main.default.hers TO `bob@example.com`',
    'ALTER TABLE main.default.hers OWNER TO `bob@example.com`',
    'DROP TABLE main.default.hers',
    'OPTIMIZE main.default.hers',
    'VACUUM main.default.hers RETAIN 0 HOURS',
    'CREATE VIEW main.default.spy AS SELECT * FROM main.default.hers',
    'CREATE VIEW main.default.hers AS SELECT 1 AS a',
    'CREATE TABLE main.private_schema.t (a INT)',
    'CREATE TABLE system.ai_gateway.t (a INT)',
    'DROP TABLE system.ai_gateway.usage',
    "ALTER TABLE system.ai_gateway.usage SET TBLPROPERTIES ('a' = 'b')",
    'DROP SCHEMA main.default CASCADE',
    'CREATE CATALOG c',
    'SELECT * FROM private_catalog.information_schema.tables',
  ])('%s', async (statement) => {
    expect(await refused(bob, statement)).toMatch(/NOT_FOUND|NO_SUCH_CATALOG|PERMISSION|ALREADY_EXISTS/);
  });

  it('tables of files, of the engine and of the state, and the environment', async () => {
    const state = path.join(gateway.data, 'state.db');
    for (const statement of [
      'SELECT * FROM parquet.`/etc/passwd`',
      'SELECT * FROM text.`/proc/self/environ`',
      "SELECT * FROM '/etc/passwd'",
      "SELECT * FROM read_files('/etc/passwd')",
      `SELECT * FROM sqlite_scan('${state}', 'tokens')`,
      `SELECT * FROM read_blob('${state}')`,
      "SELECT read_text('/proc/self/environ')",
      "SELECT * FROM glob('/proc/*/environ')",
      "SELECT getenv('UCODE_TEST_SENTINEL')",
      "SELECT java_method('java.lang.System', 'getenv')",
      'SELECT * FROM tokens',
      'SELECT * FROM sqlite_master',
      'SELECT * FROM duckdb_secrets()',
      'SELECT * FROM duckdb_settings()',
      "SELECT current_setting('home_directory')",
      "SELECT * FROM query('SELECT 1')",
      "SELECT * FROM query_table('x')",
      "SELECT * FROM (VALUES (1)) AS t, LATERAL read_csv_auto('/etc/passwd')",
    ])
      expect(await refused(bob, statement)).toMatch(/not offered|cannot be found|not supported|Syntax error|unknown/i);
  });

  it('is not in what lists the catalog', async () => {
    const lists = ['tables', 'columns', 'schemata', 'views', 'catalogs', 'table_privileges', 'schema_privileges'];
    for (const [user, sees] of [
      [bob, false],
      [gateway, true],
    ] as const) {
      let found = '';
      for (const name of lists)
        found += JSON.stringify((await submit(user, `SELECT * FROM system.information_schema.${name}`)).result ?? '');
      for (const statement of ['SHOW CATALOGS', 'SHOW SCHEMAS IN main', 'SHOW TABLES IN main.default'])
        found += JSON.stringify((await submit(user, statement)).result);
      for (const name of ['hers', 'confidential_column', 'private_schema', 'private_table', 'private_catalog'])
        expect(found.includes(name), `${name} for ${sees ? 'the admin' : 'bob'}`).toBe(sees);
    }
  });

  it('rows of usage of others, also by way of errors, sums and views of their own', async () => {
    expect(await runSql(bob, 'SELECT requester FROM system.ai_gateway.usage')).toEqual([]);
    expect(await runSql(bob, 'SELECT count(*) AS n, max(requester) AS m FROM system.ai_gateway.usage')).toEqual([
      { n: '0', m: null },
    ]);
    expect(
      await runSql(bob, "SELECT count(*) AS n FROM system.ai_gateway.usage WHERE 1 = 1 OR raise_error('x')").catch(
        () => [{ n: '0' }],
      ),
    ).toEqual([{ n: '0' }]);
    await runSql(bob, 'CREATE VIEW main.default.mine AS SELECT * FROM system.ai_gateway.usage');
    expect(await runSql(bob, 'SELECT count(*) AS n FROM main.default.mine')).toEqual([{ n: '0' }]);
    expect(await runSql(ada, 'SELECT requester FROM system.ai_gateway.usage')).toEqual([
      { requester: 'ada@example.com' },
    ]);
  });

  it('statements by their ids', async () => {
    const { statement_id: id } = await submit(ada, "SELECT 'confidential' AS c");
    const at = `${gateway.url}${STATEMENTS}/${id}`;
    for (const [url, method] of [
      [at, 'GET'],
      [`${at}/result/chunks/0`, 'GET'],
      [`${at}/cancel`, 'POST'],
    ] as const) {
      const answer = await call(url, { method, token: bob.token });
      expect({ status: answer.status, text: answer.text }).toEqual({
        status: 404,
        text: expect.not.stringContaining('confidential'),
      });
      expect((await call(url, { method })).status).toBe(401);
    }
    expect((await call(at, { token: ada.token })).json().status.state).toBe('SUCCEEDED');
    for (const odd of ['..%2f..%2fetc', '%00', `${id}'--`, 'x'.repeat(2000)])
      expect([400, 404]).toContain((await call(`${gateway.url}${STATEMENTS}/${odd}`, { token: bob.token })).status);
  });
});

describe('parameters and names', () => {
  it('values stay values', async () => {
    for (const value of ["' OR 1=1 --", '"; DROP TABLE hers; --', '\\', "\\' ", ':x', '${x}', '☘'.repeat(1_000)]) {
      const { result } = await submit(bob, 'SELECT :x AS v', { parameters: [{ name: 'x', value }] });
      expect(result?.data_array).toEqual([[value]]);
    }
    for (const parameter of [
      { name: 'x', value: 'nul\u0000' },
      { name: 'x', value: '1', type: 'INT); DROP TABLE hers; --' },
      { name: 'x', value: '1 OR 1=1', type: 'INT' },
      { name: 'x', value: "x' UNION SELECT 1", type: 'DATE' },
      { name: 'y', value: '1' },
    ])
      await refused(bob, 'SELECT :x AS v', { parameters: [parameter] });
    await refused(bob, 'SELECT * FROM IDENTIFIER(:x)', { parameters: [{ name: 'x', value: 'main.default.hers' }] });
    await refused(bob, 'SELECT * FROM t', { schema: 'default`; DROP TABLE hers' });
    expect(await runSql(ada, 'SELECT count(*) AS n FROM main.default.hers')).toEqual([{ n: '0' }]);
  });

  it('with quotes, spaces and Unicode name one table, for those who may', async () => {
    for (const name of ['two words', 'it`s "odd"', "o'clock", 'Straße ☘', '--', ';', '%2e%2e', '$1', ':x', 'select']) {
      const quoted = `main.default.\`${name.replaceAll('`', '``')}\``;
      await runSql(ada, `CREATE TABLE ${quoted} (c STRING)`);
      await refused(bob, `SELECT * FROM ${quoted}`);
      await runSql(ada, `GRANT SELECT ON TABLE ${quoted} TO \`bob@example.com\``);
      expect(await runSql(bob, `SELECT count(c) AS n FROM ${quoted}`), name).toEqual([{ n: '0' }]);
      await runSql(ada, `DROP TABLE ${quoted}`);
      await refused(bob, `SELECT * FROM ${quoted}`);
    }
  });
});

describe('statements that want everything', () => {
  it('time, memory, rows: ended, and the relay answers meanwhile', async () => {
    const hungry = [
      ENDLESS,
      "SELECT length(repeat('x', 2000000000)) AS n",
      'SELECT array_agg(id) AS a FROM range(1000000000)',
      'WITH RECURSIVE t AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM t) SELECT count(*) AS n FROM t',
      `SELECT ${'('.repeat(20_000)}1${')'.repeat(20_000)}`,
      `SELECT ${Array.from({ length: 30_000 }, (_, index) => `${index}`).join(' + ')}`,
    ];
    let ended = false;
    const all = Promise.all(hungry.map((statement) => submit(bob, statement, { wait_timeout: '50s' }))).finally(
      () => (ended = true),
    );
    while (!ended) {
      expect(await relay(ada)).toBe(200);
      expect((await call(`${gateway.url}/healthz`)).status).toBe(200);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    const answers = await all;
    for (const [index, answer] of answers.slice(0, 5).entries())
      expect(answer.status?.state, `${hungry[index]!.slice(0, 80)}: ${JSON.stringify(answer).slice(0, 300)}`).toBe(
        'FAILED',
      );
    expect(await runSql(bob, 'SELECT 1 AS one')).toEqual([{ one: '1' }]);
  });

  it('a cancelled one makes room at once', async () => {
    const running = await Promise.all(
      Array.from({ length: CONCURRENCY + 2 }, () => submit(bob, ENDLESS, { wait_timeout: '0s' })),
    );
    for (const { statement_id: id } of running) {
      const at = `${gateway.url}${STATEMENTS}/${id}`;
      expect((await call(`${at}/cancel`, { method: 'POST', token: bob.token })).status).toBe(200);
      await waitFor('the end', async () => (await call(at, { token: bob.token })).json().status.state === 'CANCELED');
    }
    expect(await runSql(bob, 'SELECT 1 AS one')).toEqual([{ one: '1' }]);
  });

  it('forty of one user do not hold up the one of another', async () => {
    const answers = await Promise.all(Array.from({ length: 40 }, () => submit(bob, ENDLESS, { wait_timeout: '0s' })));
    const taken = answers.filter((answer) => answer.status);
    for (const answer of answers)
      if (!answer.status) expect(answer).toMatchObject({ http: 429, error_code: expect.any(String) });
    const at = (answer: (typeof answers)[number]) => `${gateway.url}${STATEMENTS}/${answer.statement_id}`;
    const unended = async (): Promise<number> => {
      const all = await Promise.all(taken.map((answer) => call(at(answer), { token: bob.token })));
      return all.filter((one) => ['PENDING', 'RUNNING'].includes(one.json().status.state)).length;
    };
    // Each takes its eight seconds: in turn, hers would come after minutes.
    expect(await unended()).toBeGreaterThan(taken.length / 2);
    expect(await runSql(ada, 'SELECT 1 AS one')).toEqual([{ one: '1' }]);
    expect(await unended(), 'his still wait, hers is answered').toBeGreaterThan(taken.length / 2);
    await Promise.all(taken.map((answer) => call(`${at(answer)}/cancel`, { method: 'POST', token: bob.token })));
    await waitFor('all to be cancelled', async () => (await unended()) === 0);
    expect(await runSql(bob, 'SELECT 1 AS one')).toEqual([{ one: '1' }]);
  });
});
