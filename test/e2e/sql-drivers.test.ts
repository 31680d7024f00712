// The official Node and Python drivers for SQL warehouses, as published.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GatewayError } from '../../packages/gateway/src/errors/gateway-error.ts';
import { EMPTY_RESULT, type ResultColumn, type ResultTable } from '../../packages/gateway/src/unity/result-table.ts';
import { startGateway, type Gateway } from '../support/gateway-process.ts';
import { startTlsProxy } from '../support/tls-proxy.ts';
import { ucodeGateway } from './support/command-line.ts';
import { installSqlClients, nodeRows, pythonResults, withNodeSession, type SqlTarget } from './support/sql-clients.ts';
import { waitFor } from './support/wait-for.ts';
import { startWarehouse, type ScriptedWarehouse } from './support/warehouse.ts';
import { usageQuery } from './support/usage-query.ts';

const refusal = '[INSUFFICIENT_PERMISSIONS] SELECT on system.ai_gateway.usage is missing.';

/** Name, type, value as text. */
const everyType: readonly [string, ResultColumn['type'], string][] = [
  ['b', 'boolean', 'true'],
  ['t', 'byte', '-5'],
  ['s', 'short', '-300'],
  ['i', 'integer', '-70000'],
  ['l', 'long', '9223372036854775807'],
  ['small', 'long', '-42'],
  ['f', 'float', '1.5'],
  ['d', 'double', '-Infinity'],
  ['dec', 'decimal(20,2)', '123456789012345678.90'],
  ['str', 'string', 'hé 😀'],
  ['dt', 'date', '2026-11-22'],
  ['ts', 'timestamp', '2026-11-22T10:00:00.123Z'],
  ['bin', 'binary', 'AAEC/w=='],
  ['arr', { type: 'array', elementType: 'long', containsNull: true }, '[1,null]'],
  ['st', { type: 'struct', fields: [] }, '{"a":1}'],
];

function script(sql: string): ResultTable | undefined {
  const numbers: ResultColumn[] = [{ name: 'n', type: 'long' }];
  if (sql.includes('information_schema.schemata')) {
    return { columns: [{ name: 'schema_name', type: 'string' }], rows: [['default'], ['Team']], truncated: false };
  }
  if (sql.startsWith('CREATE')) return EMPTY_RESULT;
  if (sql === 'many') {
    return { columns: numbers, rows: Array.from({ length: 120_001 }, (_, at) => [String(at)]), truncated: false };
  }
  if (sql === 'none') return { columns: numbers, rows: [], truncated: false };
  if (sql === 'refused') throw new GatewayError('policy_forbidden', refusal);
  if (sql === 'endless') return undefined;
  return {
    columns: everyType.map(([name, type]) => ({ name, type })),
    rows: [everyType.map(([, , value]) => value), everyType.map(() => null)],
    truncated: false,
  };
}

beforeAll(installSqlClients, 600_000);

describe('with a scripted engine', () => {
  let warehouse: ScriptedWarehouse;
  let target: SqlTarget;
  beforeAll(async () => {
    warehouse = await startWarehouse(({ sql }) => script(sql));
    target = { tls: await startTlsProxy(warehouse.url), token: warehouse.token };
  });
  afterAll(async () => {
    await target?.tls.close();
    await warehouse?.close();
  });

  describe('the Node driver', () => {
    it('gets a value and a null of every type', async () => {
      const [values, nulls] = await withNodeSession(target, (session) => nodeRows(session, 'types'));
      expect(values).toEqual({
        b: true,
        t: -5,
        s: -300,
        i: -70_000,
        // The driver makes an infinity of what a number cannot hold.
        l: Infinity,
        small: -42,
        f: 1.5,
        d: -Infinity,
        dec: 123456789012345680,
        str: 'hé 😀',
        dt: '2026-11-22',
        ts: '2026-11-22 10:00:00.123000',
        bin: Buffer.from([0, 1, 2, 255]),
        arr: [1, null],
        st: { a: 1 },
      });
      expect(nulls).toEqual(Object.fromEntries(everyType.map(([name]) => [name, null])));
    });

    it('pages through a result, and gets none of nothing', async () => {
      await withNodeSession(target, async (session) => {
        const rows = await nodeRows(session, 'many');
        expect(rows).toHaveLength(120_001);
        expect(rows.at(-1)).toEqual({ n: 120_000 });
        expect(new Set(rows.map(({ n }) => n)).size).toBe(120_001);
        expect(await nodeRows(session, 'none')).toEqual([]);
        expect(await nodeRows(session, 'CREATE TABLE t (a INT)')).toEqual([]);
      });
    });

    it('fetches page by page without direct results', async () => {
      await withNodeSession(target, async (session) => {
        const operation = await session.executeStatement('many', { maxRows: null });
        const page = await operation.fetchChunk({ maxRows: 10, disableBuffering: true });
        expect(page).toHaveLength(10);
        expect((await operation.fetchChunk({ maxRows: 5, disableBuffering: true }))[0]).toEqual({ n: 10 });
        await operation.close();
        await expect(operation.status()).rejects.toThrow(/closed/i);
      });
    });

    it('is told what went wrong', async () => {
      await withNodeSession(target, async (session) => {
        await expect(nodeRows(session, 'refused')).rejects.toThrow(refusal);
      });
      await expect(withNodeSession({ ...target, token: 'wrong' }, async () => {})).rejects.toThrow(/401/);
    });

    it('cancels', async () => {
      await withNodeSession(target, async (session) => {
        const operation = await session.executeStatement('endless', { maxRows: null });
        expect((await operation.status()).operationState).toBe(1);
        const rows = operation.fetchAll();
        await operation.cancel();
        await expect(rows).rejects.toThrow(/cancel/i);
      });
    });

    it('binds named and positional parameters', async () => {
      await withNodeSession(target, async (session) => {
        await nodeRows(session, 'SELECT :a', { namedParameters: { a: 7, b: null, c: 'x' } });
        expect(warehouse.requests.at(-1)?.parameters).toEqual([
          { name: 'a', value: '7', type: 'INTEGER' },
          { name: 'b', value: null },
          { name: 'c', value: 'x', type: 'STRING' },
        ]);
        await nodeRows(session, "SELECT ?, '?', ?", { ordinalParameters: ['x', true] });
        expect(warehouse.requests.at(-1)).toMatchObject({
          sql: "SELECT :positional_1, '?', :positional_2",
          parameters: [
            { name: 'positional_1', value: 'x', type: 'STRING' },
            { name: 'positional_2', value: 'TRUE', type: 'BOOLEAN' },
          ],
        });
      });
    });

    it('changes the namespace of its session', async () => {
      const defaults = () => warehouse.requests.at(-1)?.defaults;
      await withNodeSession(
        target,
        async (session) => {
          await nodeRows(session, 'types');
          expect(defaults()).toEqual({ catalog: 'one', schema: 'two' });
          await nodeRows(session, 'USE team;');
          await nodeRows(session, 'types');
          expect(defaults()).toEqual({ catalog: 'one', schema: 'team' });
          await expect(nodeRows(session, 'USE nowhere')).rejects.toThrow(/SCHEMA_NOT_FOUND/);
          await nodeRows(session, 'types');
          expect(defaults()).toEqual({ catalog: 'one', schema: 'team' });
        },
        { initialCatalog: 'one', initialSchema: 'two' },
      );
    });
  });

  describe('the Python connector', () => {
    it('gets a value and a null of every type', async () => {
      const [result] = await pythonResults(target, [{ sql: 'types' }]);
      expect(result?.columns).toEqual([
        ['b', 'boolean', null, null],
        ['t', 'tinyint', null, null],
        ['s', 'smallint', null, null],
        ['i', 'int', null, null],
        ['l', 'bigint', null, null],
        ['small', 'bigint', null, null],
        ['f', 'float', null, null],
        ['d', 'double', null, null],
        ['dec', 'decimal', 20, 2],
        ['str', 'string', null, null],
        ['dt', 'date', null, null],
        ['ts', 'timestamp', null, null],
        ['bin', 'binary', null, null],
        ['arr', 'array', null, null],
        ['st', 'struct', null, null],
      ]);
      expect(result?.rows?.[0]).toMatchObject([
        true,
        -5,
        -300,
        -70_000,
        { type: 'int', text: '9223372036854775807' },
        -42,
        { type: 'float', text: '1.5' },
        { type: 'float', text: '-inf' },
        { type: 'Decimal', text: '123456789012345678.90' },
        'hé 😀',
        { type: 'date', text: '2026-11-22' },
        { type: 'datetime', text: '2026-11-22 10:00:00.123000' },
        { type: 'bytes', text: String.raw`b'\x00\x01\x02\xff'` },
        '[1,null]',
        '{"a":1}',
      ]);
      expect(result?.rows?.[1]).toEqual(everyType.map(() => null));
    });

    it('gets long, empty and no results, errors, and binds parameters', async () => {
      const [many, none, ddl, refused] = await pythonResults(target, [
        { sql: 'many' },
        { sql: 'none' },
        { sql: 'CREATE TABLE t (a INT)' },
        { sql: 'refused' },
        { sql: 'SELECT ?, ?, ?', parameters: [1, 'x', null] },
        { sql: 'SELECT :a', parameters: { a: 2.5 } },
      ]);
      expect([many?.count, none?.count, ddl?.count]).toEqual([120_001, 0, 0]);
      expect(refused).toEqual({ error: 'ServerOperationError', message: expect.stringContaining(refusal) });
      expect(warehouse.requests.slice(-2)).toMatchObject([
        {
          sql: 'SELECT :positional_1, :positional_2, :positional_3',
          parameters: [
            { value: '1', type: 'INT' },
            { value: 'x', type: 'STRING' },
            { name: 'positional_3', value: null },
          ],
        },
        { sql: 'SELECT :a', parameters: [{ name: 'a', value: '2.5' }] },
      ]);
    });

    it('is told that its token is wrong', async () => {
      const failure = pythonResults({ ...target, token: 'wrong' }, [{ sql: 'types' }]);
      await expect(failure).rejects.toThrow(/The token is not known/);
    });
  });
});

describe('with a gateway', () => {
  const today = new Date().toISOString().slice(0, 10);
  let gateway: Gateway;
  let target: SqlTarget;

  beforeAll(async () => {
    gateway = await startGateway();
    target = { tls: await startTlsProxy(gateway.url), token: gateway.token };
    for (const agent of ['ucode/1 claude/2', 'ucode/1 claude/2', 'ucode/1 codex/3', 'curl/8']) {
      const response = await fetch(`${gateway.url}/ai-gateway/mlflow/v1/chat/completions`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${gateway.token}`,
          'content-type': 'application/json',
          'user-agent': agent,
        },
        body: JSON.stringify({ model: 'system.ai.gpt-5-5', messages: [{ role: 'user', content: 'hi' }] }),
      });
      expect(response.status).toBe(200);
    }
    await withNodeSession(target, (session) =>
      waitFor('the usage rows', async () => {
        const [row] = await nodeRows(session, 'SELECT count(*) AS n FROM system.ai_gateway.usage');
        return row?.['n'] === 4;
      }),
    );
  });
  afterAll(async () => {
    await target?.tls.close();
    await gateway?.stop();
  });

  it('the usage query of ucode gives each tool and day', async () => {
    const models = (requests: number) =>
      JSON.stringify([
        {
          model: 'demo-gpt-5-5',
          requests,
          tokens: 1242 * requests,
          input: 1200 * requests,
          cached: 1000 * requests,
          output: 42 * requests,
        },
      ]);
    const rows = await withNodeSession(target, (session) => nodeRows(session, usageQuery));
    const shared = { requester_name: 'admin', usage_day: today };
    expect(rows).toEqual([
      { ...shared, tool: 'claude', total_tokens_used: 2484, sessions: 2, model_tokens: models(2) },
      { ...shared, tool: 'codex', total_tokens_used: 1242, sessions: 1, model_tokens: models(1) },
    ]);
    const [result, user] = await pythonResults(target, [
      { sql: usageQuery },
      { sql: 'SELECT current_user() AS requester_name' },
    ]);
    expect(result?.rows).toEqual([
      ['admin', 'claude', { type: 'date', text: today }, 2484, 2, models(2)],
      ['admin', 'codex', { type: 'date', text: today }, 1242, 1, models(1)],
    ]);
    expect(user?.rows).toEqual([['admin']]);
  });

  it('values of every type keep what they are', async () => {
    const sql =
      "SELECT true AS b, CAST(-5 AS TINYINT) AS t, CAST(300 AS SMALLINT) AS s, 7 AS i, CAST('9223372036854775807' AS BIGINT) AS l, " +
      "CAST(0.1 AS DOUBLE) AS d, CAST('1.50' AS DECIMAL(10,2)) AS dec, 'é' AS str, DATE '2026-11-22' AS dt, " +
      "TIMESTAMP '2026-11-22 10:00:00.123' AS ts, array(1, 2) AS arr, named_struct('a', 1) AS st, CAST(NULL AS STRING) AS nothing";
    const [result] = await pythonResults(target, [{ sql }]);
    expect(result?.columns?.map(([, type]) => type).join(' ')).toBe(
      'boolean tinyint smallint int bigint double decimal string date timestamp array struct string',
    );
    expect(result?.rows?.[0]).toEqual([
      true,
      -5,
      300,
      7,
      { type: 'int', text: '9223372036854775807' },
      { type: 'float', text: '0.1' },
      { type: 'Decimal', text: '1.50' },
      'é',
      { type: 'date', text: '2026-11-22' },
      { type: 'datetime', text: '2026-11-22 10:00:00.123000' },
      '[1,2]',
      '{"a":1}',
      null,
    ]);
  });

  it('tables are made, used, described and dropped', async () => {
    await withNodeSession(target, async (session) => {
      await nodeRows(session, 'CREATE SCHEMA main.drivers');
      await nodeRows(session, 'USE main.drivers');
      await nodeRows(session, "CREATE TABLE things (id BIGINT, price DECIMAL(18,6) COMMENT 'USD')");
      expect(await nodeRows(session, 'SELECT * FROM things')).toEqual([]);
      const tables = await (await session.getTables({ catalogName: 'main', schemaName: 'drivers' })).fetchAll();
      expect(tables).toMatchObject([
        { TABLE_CAT: 'main', TABLE_SCHEM: 'drivers', TABLE_NAME: 'things', TABLE_TYPE: 'TABLE' },
      ]);
      const columns = await (await session.getColumns({ catalogName: 'main', tableName: 'thing%' })).fetchAll();
      expect(columns).toMatchObject([
        { COLUMN_NAME: 'id', TYPE_NAME: 'BIGINT', DATA_TYPE: -5, ORDINAL_POSITION: 1, IS_NULLABLE: 'YES' },
        { COLUMN_NAME: 'price', TYPE_NAME: 'DECIMAL(18,6)', COLUMN_SIZE: 18, REMARKS: 'USD', ORDINAL_POSITION: 2 },
      ]);
      const catalogs = await (await session.getCatalogs()).fetchAll();
      expect(catalogs).toEqual(expect.arrayContaining([{ TABLE_CAT: 'main' }, { TABLE_CAT: 'system' }]));
      await nodeRows(session, 'DROP TABLE things');
      await expect(nodeRows(session, 'SELECT * FROM things')).rejects.toThrow(/TABLE_OR_VIEW_NOT_FOUND/);
    });
    const [schemas] = await pythonResults(target, [{ call: 'schemas', arguments: { catalog_name: 'main' } }]);
    expect(schemas?.rows).toContainEqual(['drivers', 'main']);
  });

  it('parameters are bound', async () => {
    await withNodeSession(target, async (session) => {
      const sql = 'SELECT :a + 1 AS n, :b AS s';
      expect(await nodeRows(session, sql, { namedParameters: { a: 41, b: "o'clock" } })).toEqual([
        { n: 42, s: "o'clock" },
      ]);
      expect(await nodeRows(session, 'SELECT ? AS x, ? AS y', { ordinalParameters: [null, true] })).toEqual([
        { x: null, y: true },
      ]);
    });
    const [result] = await pythonResults(target, [{ sql: 'SELECT ? * 2, ?', parameters: [21, 'x'] }]);
    expect(result?.rows).toEqual([[42, 'x']]);
  });

  it('errors say what is wrong', async () => {
    await withNodeSession(target, async (session) => {
      await expect(nodeRows(session, 'SELECT FROM WHERE')).rejects.toThrow(/PARSE_SYNTAX_ERROR/);
      await expect(nodeRows(session, 'SELECT * FROM main.default.nothing')).rejects.toThrow(/TABLE_OR_VIEW_NOT_FOUND/);
    });
    const [missing] = await pythonResults(target, [{ sql: 'SELECT * FROM nowhere.default.t' }]);
    expect(missing).toMatchObject({ error: 'ServerOperationError', message: expect.stringMatching(/nowhere/) });
  });

  it('the command prints what a query gives, here and over HTTP', async () => {
    const sql = 'SELECT user_agent, total_tokens FROM system.ai_gateway.usage ORDER BY user_agent LIMIT 2';
    const places = [
      ['--data', gateway.data],
      ['--url', gateway.url, '--token', gateway.token],
    ];
    for (const place of places) {
      expect(await ucodeGateway(['sql', sql, ...place])).toEqual({
        code: 0,
        stdout: 'user_agent        total_tokens\ncurl/8                    1242\nucode/1 claude/2          1242\n',
        stderr: '',
      });
      const csv = await ucodeGateway(['sql', sql, '--csv', ...place]);
      expect(csv.stdout).toBe('user_agent,total_tokens\r\ncurl/8,1242\r\nucode/1 claude/2,1242\r\n');
      const json = await ucodeGateway(['sql', sql, '--json', ...place]);
      expect(json.stdout.split('\n')[0]).toBe('{"user_agent":"curl/8","total_tokens":1242}');
      const wrong = await ucodeGateway(['sql', 'SELECT FROM', ...place]);
      expect([wrong.code, wrong.stdout]).toEqual([1, '']);
      expect(wrong.stderr).toMatch(/PARSE_SYNTAX_ERROR/);
    }
  });
});
