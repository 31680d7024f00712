import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { field, struct } from '../lake/schema/delta-type.ts';
import { ada, admin, bob, TestCatalog } from './testing/open-catalog.ts';
import { filledIn, seedLogsTable, seedMetricsTable } from './testing/seed-statements.ts';

let test: TestCatalog;
beforeEach(async () => {
  test = await TestCatalog.open();
});
afterEach(() => test.close());

const names = async (sql: string) => (await test.run(sql)).columns.map(({ name }) => name);

describe("the vendor's page", () => {
  it('works as an ordinary developer', async () => {
    for (const statement of [seedMetricsTable, seedLogsTable]) {
      const result = await test.run(filledIn(statement, 'main', 'default', 'my'), ada);
      expect(result).toEqual({ columns: [], rows: [], truncated: false });
    }
    expect(await test.rows('SHOW TABLES', ada)).toEqual([
      ['default', 'my_otel_logs', 'false'],
      ['default', 'my_otel_metrics', 'false'],
    ]);
    expect(await test.rows('SHOW TABLES', bob)).toEqual([]);
    expect(await test.rows('SHOW TBLPROPERTIES my_otel_logs', ada)).toEqual([['otel.schemaVersion', 'v1']]);
    expect((await test.rows('DESCRIBE my_otel_logs', ada))[8]).toEqual(['attributes', 'map<string,string>', null]);
    await expect(test.run(filledIn(seedLogsTable, 'main', 'default', 'my'), bob)).rejects.toMatchObject({
      code: 'caller_already_exists',
      message: expect.stringMatching(/^\[TABLE_OR_VIEW_ALREADY_EXISTS\] .*'main.default.my_otel_logs'/),
    });
  });
});

describe('DESCRIBE', () => {
  beforeEach(() =>
    test.run(
      "CREATE TABLE t (a INT COMMENT 'first', b STRUCT<c: LONG>, d DATE) PARTITIONED BY (D) COMMENT 'about' TBLPROPERTIES ('k'='v')",
      ada,
    ),
  );

  it('TABLE gives columns, EXTENDED the rest', async () => {
    expect(await names('DESCRIBE t')).toEqual(['col_name', 'data_type', 'comment']);
    const columns = [
      ['a', 'int', 'first'],
      ['b', 'struct<c:bigint>', null],
      ['d', 'date', null],
      ['# Partition Information', '', ''],
      ['# col_name', 'data_type', 'comment'],
      ['d', 'date', null],
    ];
    expect(await test.rows('DESCRIBE t', ada)).toEqual(columns);
    expect(await test.rows('DESCRIBE TABLE EXTENDED main.default.t', ada)).toEqual([
      ...columns,
      ['', '', ''],
      ['# Detailed Table Information', '', ''],
      ['Catalog', 'main', ''],
      ['Database', 'default', ''],
      ['Table', 't', ''],
      ['Owner', 'ada@example.com', ''],
      ['Created Time', '2023-11-14T22:13:20.000Z', ''],
      ['Created By', 'ada@example.com', ''],
      ['Type', 'MANAGED', ''],
      ['Comment', 'about', ''],
      ['Location', 'file:///lake/main/default/t', ''],
      ['Provider', 'delta', ''],
      ['Table Properties', '[k=v]', ''],
    ]);
  });

  it('HISTORY and DETAIL need SELECT', async () => {
    await test.run("ALTER TABLE t SET TBLPROPERTIES ('k'='w')", ada);
    const history = await test.run('DESCRIBE HISTORY t LIMIT 1', ada);
    expect(history.columns.map(({ name }) => name)).toEqual([
      'version',
      'timestamp',
      'userName',
      'operation',
      'operationParameters',
      'operationMetrics',
      'isBlindAppend',
      'engineInfo',
    ]);
    expect(history.rows).toEqual([
      [
        '1',
        '2023-11-14T22:13:20.001Z',
        'ada@example.com',
        'set-properties',
        '{"description":null}',
        '{}',
        'true',
        'memory',
      ],
    ]);
    const detail = await test.run('DESCRIBE DETAIL t', ada);
    const row = Object.fromEntries(detail.columns.map(({ name }, at) => [name, detail.rows[0]?.[at]]));
    expect(row).toMatchObject({ format: 'delta', name: 'main.default.t', partitionColumns: '["d"]', numFiles: '0' });
    await test.run('GRANT BROWSE ON t TO `bob@example.com`', ada);
    await test.run('DESCRIBE t', bob);
    for (const what of ['HISTORY', 'DETAIL']) {
      await expect(test.run(`DESCRIBE ${what} t`, bob)).rejects.toMatchObject({ code: 'policy_forbidden' });
    }
  });

  it('SCHEMA and CATALOG', async () => {
    await test.run("CREATE SCHEMA main.s COMMENT 'sc'");
    expect(await test.rows('DESCRIBE SCHEMA s')).toEqual([
      ['Catalog Name', 'main'],
      ['Namespace Name', 's'],
      ['Comment', 'sc'],
      ['Owner', 'root@example.com'],
    ]);
    expect(await test.rows('DESCRIBE CATALOG EXTENDED system')).toContainEqual(['Catalog Type', 'System']);
  });
});

describe('SHOW', () => {
  it('lists by pattern', async () => {
    for (const name of ['apple', 'banana', 'cherry']) await test.run(`CREATE TABLE ${name} (a INT)`);
    const like = async (pattern: string) => (await test.rows(`SHOW TABLES LIKE '${pattern}'`)).map((row) => row[1]);
    expect(await like('*an*')).toEqual(['banana']);
    expect(await like('A*|cherry')).toEqual(['apple', 'cherry']);
    expect(await like('an')).toEqual([]);
    expect(await like('b*a*a')).toEqual(['banana']);
    expect(await like('app*ple')).toEqual([]);
    expect(await test.rows("SHOW SCHEMAS IN main 'd*'")).toEqual([['default']]);
    expect(await test.rows('SHOW CATALOGS')).toEqual([['main'], ['system']]);
    expect(await test.rows('SHOW COLUMNS IN apple')).toEqual([['a']]);
    await expect(test.run('SHOW TABLES IN nope')).rejects.toThrow("[SCHEMA_NOT_FOUND] The schema 'main.nope'");
  });

  it('GRANTS has inherited ones, and only the caller’s own for those who may not manage', async () => {
    await test.run('CREATE TABLE t (a INT)', ada);
    await test.run('GRANT SELECT ON t TO bob', ada);
    await test.run('GRANT MODIFY ON CATALOG main TO team');
    expect(await names('SHOW GRANTS ON t')).toEqual(['Principal', 'ActionType', 'ObjectType', 'ObjectKey']);
    expect(await test.rows('SHOW GRANTS ON TABLE t', ada)).toEqual([
      ['bob', 'SELECT', 'TABLE', 'main.default.t'],
      ['team', 'MODIFY', 'CATALOG', 'main'],
    ]);
    expect(await test.rows('SHOW GRANTS ON TABLE t', { userName: 'bob', groups: [] })).toEqual([
      ['bob', 'SELECT', 'TABLE', 'main.default.t'],
    ]);
    expect(await test.rows('SHOW GRANTS `team` ON TABLE t')).toEqual([['team', 'MODIFY', 'CATALOG', 'main']]);
  });

  it('CREATE TABLE makes the same table again', async () => {
    const columns =
      "a STRUCT<`b c`: MAP<STRING, ARRAY<DECIMAL(5,2)>> COMMENT 'it''s'>, `d-e` TIMESTAMP COMMENT 'x\\\\y', f LONG";
    await test.run(
      `CREATE TABLE t (${columns.replace('`b c`', 'bc')}) PARTITIONED BY (f) COMMENT 'z' TBLPROPERTIES ('p'='q')`,
    );
    const [[text]] = (await test.rows('SHOW CREATE TABLE t')) as [[string]];
    const first = await test.catalog.describe(test.catalog.find(['t'])!);
    await test.run(text!.replace('main.default.t', 'main.default.u'));
    const second = await test.catalog.describe(test.catalog.find(['u'])!);
    expect(second).toEqual({ ...first, id: second?.id, uri: second?.uri });
    expect(first?.comment).toBe('z');
  });
});

describe('ALTER and COMMENT', () => {
  beforeEach(() => test.run('CREATE TABLE t (a INT)', ada));

  it('change table, lake and catalog alike', async () => {
    await test.run("ALTER TABLE t ADD COLUMNS (b STRING COMMENT 'x')", ada);
    await test.run("COMMENT ON COLUMN t.a IS 'y'", ada);
    await test.run("ALTER TABLE t SET TBLPROPERTIES ('k'='v', 'l'='w')", ada);
    await test.run("ALTER TABLE t UNSET TBLPROPERTIES ('k')", ada);
    await test.run("COMMENT ON TABLE t IS 'about'", ada);
    const info = test.catalog.find(['t'])!;
    expect(await test.catalog.describe(info)).toMatchObject({
      schema: struct(field('a', 'integer', 'y'), field('b', 'string', 'x')),
      properties: { l: 'w' },
      comment: 'about',
    });
    expect(info.comment).toBe('about');
    await test.run('COMMENT ON TABLE t IS NULL', ada);
    expect(test.catalog.find(['t'])?.comment).toBeUndefined();
    await expect(test.run('ALTER TABLE t ADD COLUMN A INT', ada)).rejects.toMatchObject({
      code: 'caller_already_exists',
    });
  });

  it('change owners and tags', async () => {
    await test.run("ALTER TABLE t SET TAGS ('pii', 'team' = 'x')", ada);
    await test.run("ALTER TABLE t UNSET TAGS ('pii')", ada);
    await test.run('ALTER TABLE t OWNER TO bob', ada);
    expect(test.catalog.find(['t'])).toMatchObject({ owner: 'bob', tags: { team: 'x' } });
    await expect(test.run('ALTER TABLE t OWNER TO ada', ada)).rejects.toMatchObject({ code: 'caller_table_not_found' });
    await test.run("COMMENT ON CATALOG main IS 'm'");
    expect(test.catalog.catalogInfo('main', admin).comment).toBe('m');
  });
});

describe('views', () => {
  it('are kept as written, checked before', async () => {
    const asked: unknown[] = [];
    test.checkView = async (...given) => {
      asked.push(given);
      return struct(field('n', 'long'));
    };
    await test.run("CREATE VIEW v COMMENT 'c' AS SELECT 1 AS n ;", ada);
    expect(asked).toEqual([['SELECT 1 AS n', ada, { catalog: 'main', schema: 'default' }]]);
    expect(test.catalog.find(['v'])).toMatchObject({
      kind: 'VIEW',
      viewText: 'SELECT 1 AS n',
      comment: 'c',
      table: undefined,
    });
    expect(await test.rows('DESCRIBE v', ada)).toEqual([['n', 'bigint', null]]);
    expect(await test.rows('SHOW VIEWS', ada)).toEqual([['default', 'v', 'false', 'false']]);
    await expect(test.run('CREATE VIEW v AS SELECT 2', ada)).rejects.toMatchObject({ code: 'caller_already_exists' });
    await test.run('CREATE OR REPLACE VIEW v AS SELECT 2 AS n', ada);
    expect(test.catalog.find(['v'])?.viewText).toBe('SELECT 2 AS n');
    const byBob = () => test.run('CREATE OR REPLACE VIEW v AS SELECT 3', bob);
    await expect(byBob()).rejects.toMatchObject({ code: 'caller_already_exists' });
    await test.run('GRANT SELECT ON v TO `bob@example.com`', ada);
    await expect(byBob()).rejects.toMatchObject({ code: 'policy_forbidden' });
    await expect(test.run('DROP TABLE v', ada)).rejects.toThrow('use DROP VIEW');
    await expect(test.catalog.writable(['v'], ada)).rejects.toThrow('is a view');
    await expect(test.run('OPTIMIZE v', ada)).rejects.toMatchObject({ code: 'caller_table_unfit' });
    await test.run('DROP VIEW v', ada);
    expect(test.catalog.find(['v'])).toBeUndefined();
  });

  it('never lend the rights of another: neither by a new owner nor by a new text', async () => {
    await test.run('CREATE VIEW v AS SELECT 1', ada);
    for (const owner of ['admins', '`root@example.com`', 'bob']) {
      await expect(test.run(`ALTER VIEW v OWNER TO ${owner}`, ada)).rejects.toMatchObject({ code: 'policy_forbidden' });
    }
    await test.run('ALTER VIEW v OWNER TO team', ada);
    await test.run('CREATE OR REPLACE VIEW v AS SELECT 2', ada);
    expect(test.catalog.find(['v'])?.owner).toBe('team');
    await test.run('ALTER VIEW v OWNER TO admins');
    await test.run('ALTER SCHEMA main.default OWNER TO team');
    await test.run('CREATE OR REPLACE VIEW v AS SELECT 3', ada);
    expect(test.catalog.find(['v'])).toMatchObject({ owner: 'ada@example.com', viewText: 'SELECT 3' });
  });

  it('are not kept when the check fails, nor over a table', async () => {
    test.checkView = async () => {
      throw new Error('no such column');
    };
    await expect(test.run('CREATE VIEW v AS SELECT x')).rejects.toThrow('no such column');
    expect(test.catalog.find(['v'])).toBeUndefined();
    test.checkView = async () => undefined;
    await test.run('CREATE TABLE t (a INT)');
    await expect(test.run('CREATE OR REPLACE VIEW t AS SELECT 1')).rejects.toMatchObject({
      code: 'caller_already_exists',
    });
  });
});

describe('the other statements', () => {
  it('DROP SCHEMA and CATALOG keep what is full, unless CASCADE', async () => {
    await test.run('CREATE CATALOG c');
    await test.run('CREATE TABLE c.default.t (a INT)');
    await expect(test.run('DROP SCHEMA c.default')).rejects.toThrow(
      "[SCHEMA_NOT_EMPTY] Schema 'c.default' is not empty: it has 't'",
    );
    await expect(test.run('DROP CATALOG c')).rejects.toMatchObject({ code: 'caller_invalid_state' });
    await test.run('DROP CATALOG c CASCADE');
    expect(test.lake.tables.size).toBe(0);
    await test.run('DROP CATALOG IF EXISTS c');
    await expect(test.run('DROP CATALOG c')).rejects.toThrow("[NO_SUCH_CATALOG_EXCEPTION] Catalog 'c' was not found");
    await expect(test.run('CREATE CATALOG c', ada)).rejects.toThrow(
      'User does not have CREATE CATALOG on the Metastore.',
    );
    await expect(test.run('CREATE SCHEMA s', ada)).rejects.toThrow("does not have CREATE SCHEMA on Catalog 'main'");
    await test.run('CREATE CATALOG IF NOT EXISTS main', ada);
  });

  it('OPTIMIZE and VACUUM', async () => {
    await test.run('CREATE TABLE t (a INT)', ada);
    expect(await test.rows('OPTIMIZE t', ada)).toEqual([
      [
        'file:///lake/main/default/t',
        '{"numFilesAdded":1,"numFilesRemoved":3,"filesAddedBytes":120,"filesRemovedBytes":300}',
      ],
    ]);
    expect(await test.rows('VACUUM t', ada)).toEqual([['file:///lake/main/default/t']]);
    expect(await test.rows('VACUUM t DRY RUN', ada)).toEqual([
      ['file:///lake/main/default/t/old-1.parquet'],
      ['file:///lake/main/default/t/old-2.parquet'],
    ]);
    await expect(test.run('OPTIMIZE t', bob)).rejects.toMatchObject({ code: 'caller_table_not_found' });
  });

  it('USE is checked', async () => {
    expect((await test.run('USE main.default', bob)).columns).toEqual([]);
    await expect(test.run('USE CATALOG nope')).rejects.toMatchObject({ code: 'caller_catalog_not_found' });
  });

  it('names are completed from the defaults of the caller', async () => {
    await test.run('CREATE CATALOG c');
    const defaults = { catalog: 'c', schema: 'default' };
    await test.run('CREATE TABLE t (a INT)', admin, defaults);
    await test.run('GRANT SELECT ON t TO bob', admin, defaults);
    await test.run('CREATE SCHEMA s', admin, defaults);
    expect(test.catalog.find(['c', 'default', 't'])).toBeDefined();
    expect((await test.run('SHOW TABLES', admin, defaults)).rows).toEqual([['default', 't', 'false']]);
    await test.run('DROP TABLE t', admin, defaults);
  });

  it('privileges must fit their object', async () => {
    await expect(test.run('GRANT CREATE CATALOG ON SCHEMA main.default TO bob')).rejects.toThrow(
      '[INVALID_PRIVILEGE] CREATE CATALOG cannot be granted on a schema.',
    );
  });
});

describe('information_schema', () => {
  const rows = async (name: string, caller = admin) =>
    (await test.catalog.readable(name.split('.'), caller)).rows!.rows;
  beforeEach(async () => {
    await test.run('CREATE CATALOG c');
    await test.run("CREATE TABLE c.default.t (a INT COMMENT 'x', b DECIMAL(5,2))");
    await test.run("ALTER TABLE c.default.t SET TAGS ('k' = 'v')");
    await test.run('CREATE TABLE mine (a INT)', ada);
  });

  it('shows each caller what it may see', async () => {
    const seen = async (caller: typeof ada) =>
      (await rows('system.information_schema.tables', caller))
        .filter((row) => row[1] !== 'information_schema')
        .map((row) => row[2]);
    expect(await seen(admin)).toEqual(['t', 'mine']);
    expect(await seen(ada)).toEqual(['mine']);
    expect(await seen(bob)).toEqual([]);
    expect((await rows('system.information_schema.catalogs', bob)).map((row) => row[0])).toEqual(['main', 'system']);
    await expect(rows('c.information_schema.tables', bob)).rejects.toMatchObject({ code: 'caller_catalog_not_found' });
    await expect(test.run('DROP TABLE main.information_schema.tables')).rejects.toMatchObject({
      code: 'policy_forbidden',
    });
  });

  it('of a catalog has only that catalog', async () => {
    expect((await rows('c.information_schema.schemata')).map((row) => row.slice(0, 2))).toEqual([
      ['c', 'default'],
      ['c', 'information_schema'],
    ]);
    const columns = await rows('c.information_schema.columns');
    expect(columns.filter((row) => row[1] === 'default')).toEqual([
      ['c', 'default', 't', 'a', '0', 'YES', 'int', 'INT', 'x'],
      ['c', 'default', 't', 'b', '1', 'YES', 'decimal(5,2)', 'DECIMAL', null],
    ]);
    expect(await rows('c.information_schema.table_tags')).toEqual([['c', 'default', 't', 'k', 'v']]);
  });

  it('has as many values in each row as columns', async () => {
    await test.run('GRANT SELECT ON c.default.t TO bob');
    await test.run('CREATE VIEW c.default.v AS SELECT 1');
    for (const { name } of test.catalog.tables(['system', 'information_schema'], admin)) {
      const result = (await test.catalog.readable(['system', 'information_schema', name], admin)).rows!;
      expect(result.rows.length, name).toBeGreaterThan(0);
      for (const row of result.rows) expect(row, name).toHaveLength(result.columns.length);
    }
    expect(await rows('c.information_schema.table_privileges')).toContainEqual([
      'root@example.com',
      'bob',
      'c',
      'default',
      't',
      'SELECT',
      'NO',
      'NONE',
    ]);
  });
});
