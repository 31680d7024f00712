import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GatewayError } from '../../errors/gateway-error.ts';
import { typeText } from '../../lake/schema/delta-type.ts';
import { filledIn, seedLogsTable, seedMetricsTable } from '../testing/seed-statements.ts';
import type { CreateTable } from './catalog-statement.ts';
import { parseStatement } from './parse-statement.ts';

const refusal = (sql: string): string => {
  try {
    return `accepted: ${JSON.stringify(parseStatement(sql))}`;
  } catch (error) {
    return (error as Error).message;
  }
};

describe("the vendor's statements", () => {
  it('parse as they stand, with placeholders filled in', () => {
    const metrics = parseStatement(filledIn(seedMetricsTable, 'main', 'default', 'agents')) as CreateTable;
    expect(metrics).toMatchObject({
      kind: 'create-table',
      name: ['main', 'default', 'agents_otel_metrics'],
      properties: { 'otel.schemaVersion': 'v1' },
      ifNotExists: false,
    });
    expect(metrics.schema.fields.map(({ name }) => name)).toEqual([
      'name',
      'description',
      'unit',
      'metric_type',
      'gauge',
      'sum',
      'histogram',
      'exponential_histogram',
      'summary',
      'metadata',
      'resource',
      'resource_schema_url',
      'instrumentation_scope',
      'metric_schema_url',
    ]);
    expect(typeText(metrics.schema.fields[4]!.type)).toBe(
      'struct<start_time_unix_nano:bigint,time_unix_nano:bigint,value:double,exemplars:array<struct<time_unix_nano:bigint,value:double,span_id:string,trace_id:string,filtered_attributes:map<string,string>>>,attributes:map<string,string>,flags:int>',
    );
    const logs = parseStatement(filledIn(seedLogsTable, 'main', 'default', 'agents')) as CreateTable;
    expect(logs.schema.fields).toHaveLength(15);
    expect(logs.schema.fields.every((field) => field.nullable)).toBe(true);
  });

  it('say where a placeholder was left', () => {
    expect(refusal(seedMetricsTable)).toBe(
      "[PARSE_SYNTAX_ERROR] Syntax error at or near '<' (line 1, column 14): expected the name of a table.",
    );
  });
});

describe('queries', () => {
  it.each([
    'SELECT 1',
    ' -- c\n/* x /* y */ */ with a as (select 1) from a',
    'FROM t',
    'VALUES (1)',
    'table t',
    '(select 1)',
  ])('are left to the engine: %s', (sql) => expect(parseStatement(sql)).toBeUndefined());
});

describe('types', () => {
  it.each([
    ['LONG', 'bigint'],
    ['Integer', 'int'],
    ['short', 'smallint'],
    ['BYTE', 'tinyint'],
    ['REAL', 'float'],
    ['DECIMAL', 'decimal(10,0)'],
    ['decimal(38, 18)', 'decimal(38,18)'],
    ['numeric(5)', 'decimal(5,0)'],
    ['VARCHAR(10)', 'string'],
    ['VARIANT', 'string'],
    ['TIMESTAMP_NTZ', 'timestamp_ntz'],
    ["MAP<STRING, ARRAY<STRUCT<`a b`: INT, c LONG COMMENT 'x'>>>", 'map<string,array<struct<`a b`:int,c:bigint>>>'],
  ])('%s is %s', (written, type) => {
    const statement = parseStatement(`CREATE TABLE t (c ${written})`) as CreateTable;
    expect(typeText(statement.schema.fields[0]!.type)).toBe(type);
  });
});

describe('statements', () => {
  const table = (name: string[]) => ({ kind: 'TABLE', name });
  it.each<[string, object]>([
    [
      "create catalog if not exists `My Cat` comment 'it''s'",
      { kind: 'create-catalog', name: ['My Cat'], ifNotExists: true, comment: "it's" },
    ],
    ['CREATE DATABASE a.b;', { kind: 'create-schema', name: ['a', 'b'], ifNotExists: false, comment: undefined }],
    [
      "CREATE TABLE t (a INT COMMENT 'x\\ny', b STRING) COMMENT 'c' PARTITIONED BY (b) CLUSTER BY (a) USING delta TBLPROPERTIES (delta.appendOnly = true, 'n' = -5)",
      {
        kind: 'create-table',
        comment: 'c',
        partitionColumns: ['b'],
        properties: { 'delta.appendOnly': 'true', n: '-5' },
      },
    ],
    [
      'CREATE OR REPLACE VIEW v COMMENT "d" AS SELECT ";" /* ; */ FROM t -- end ;\n WHERE a = \'x;\' ; ',
      {
        kind: 'create-view',
        replace: true,
        comment: 'd',
        text: 'SELECT ";" /* ; */ FROM t -- end ;\n WHERE a = \'x;\'',
      },
    ],
    [
      'DROP TABLE IF EXISTS a.b.c',
      { kind: 'drop', securable: table(['a', 'b', 'c']), expect: 'table', ifExists: true, cascade: false },
    ],
    ['DROP SCHEMA s CASCADE', { kind: 'drop', securable: { kind: 'SCHEMA', name: ['s'] }, cascade: true }],
    [
      "ALTER TABLE t SET TBLPROPERTIES ('a'='b')",
      { kind: 'alter-table', name: ['t'], change: { kind: 'set-properties', properties: { a: 'b' } } },
    ],
    [
      "ALTER TABLE t UNSET TBLPROPERTIES IF EXISTS ('a', b.c)",
      { change: { kind: 'unset-properties', keys: ['a', 'b.c'] } },
    ],
    [
      'ALTER TABLE t ADD COLUMNS (a INT, b STRING)',
      { change: { kind: 'add-columns', fields: { type: 'struct', fields: [{ name: 'a' }, { name: 'b' }] } } },
    ],
    [
      "ALTER TABLE t ALTER COLUMN a.b COMMENT 'x'",
      { change: { kind: 'set-column-comment', column: ['a', 'b'], comment: 'x' } },
    ],
    [
      "ALTER VIEW v SET TAGS ('pii', 'team' = 'x')",
      { kind: 'alter-object', securable: table(['v']), setTags: { pii: '', team: 'x' } },
    ],
    ["ALTER CATALOG c UNSET TAGS ('pii')", { kind: 'alter-object', unsetTags: ['pii'] }],
    ['ALTER SCHEMA s OWNER TO `ada@example.com`', { kind: 'alter-object', owner: 'ada@example.com' }],
    ['COMMENT ON TABLE t IS NULL', { kind: 'alter-object', securable: table(['t']), comment: null }],
    ["COMMENT ON COLUMN a.b.t.c IS 'x'", { kind: 'comment-on-column', name: ['a', 'b', 't', 'c'], comment: 'x' }],
    ["SHOW TABLES IN main.default LIKE 'a*|b'", { kind: 'show-tables', within: ['main', 'default'], pattern: 'a*|b' }],
    ['SHOW COLUMNS IN t IN s', { kind: 'show-columns', name: ['s', 't'] }],
    [
      'SHOW GRANTS `account users` ON SCHEMA main.default',
      { kind: 'show-grants', principal: 'account users', securable: { kind: 'SCHEMA', name: ['main', 'default'] } },
    ],
    ['SHOW GRANT ON t', { kind: 'show-grants', principal: undefined, securable: table(['t']) }],
    ["SHOW TBLPROPERTIES t ('delta.x')", { kind: 'show-tblproperties', key: 'delta.x' }],
    ['DESC EXTENDED t', { kind: 'describe-table', name: ['t'], extended: true }],
    ['DESCRIBE history', { kind: 'describe-table', name: ['history'], extended: false }],
    ['DESCRIBE HISTORY t LIMIT 3', { kind: 'describe-history', name: ['t'], limit: 3 }],
    ['DESCRIBE SCHEMA EXTENDED s', { kind: 'describe-schema', name: ['s'], extended: true }],
    [
      'GRANT SELECT, USE SCHEMA, ALL PRIVILEGES ON SCHEMA s TO team',
      { kind: 'grant', privileges: ['SELECT', 'USE SCHEMA', 'ALL PRIVILEGES'], principal: 'team' },
    ],
    ['REVOKE MODIFY ON t FROM `x y`', { kind: 'revoke', securable: table(['t']), principal: 'x y' }],
    ['GRANT CREATE CATALOG ON METASTORE TO a', { kind: 'grant', securable: { kind: 'METASTORE', name: [] } }],
    ['OPTIMIZE a.b.c', { kind: 'optimize', name: ['a', 'b', 'c'] }],
    ['VACUUM t RETAIN 0 HOURS DRY RUN', { kind: 'vacuum', retentionHours: 0, dryRun: true }],
    ['USE CATALOG c', { kind: 'use', securable: { kind: 'CATALOG', name: ['c'] } }],
    ['USE c.`s`', { kind: 'use', securable: { kind: 'SCHEMA', name: ['c', 's'] } }],
    ['DROP TABLE `a``b`', { kind: 'drop', securable: table(['a`b']) }],
  ])('%s', (sql, expected) => {
    expect(parseStatement(sql)).toMatchObject(expected);
  });
});

describe('wrong statements', () => {
  const at = (token: string, line: number, column: number, expected: string) =>
    `[PARSE_SYNTAX_ERROR] Syntax error at or near ${token} (line ${line}, column ${column}): expected ${expected}.`;
  it.each([
    ['CREATE TABEL t (a INT)', at("'TABEL'", 1, 8, 'CATALOG, SCHEMA, TABLE or VIEW')],
    [
      'CREATE TABLE t (\n  a INT,\n  b STRNG\n)',
      expect.stringMatching(
        /^\[PARSE_SYNTAX_ERROR\] Syntax error at or near 'STRNG' \(line 3, column 5\): expected a type: STRING/,
      ),
    ],
    ['CREATE TABLE t (a INT', at('end of input', 1, 22, "',' or ')'")],
    ['CREATE TABLE t (a ARRAY<INT)', at("')'", 1, 28, "'>'")],
    [
      'CREATE TABLE t (a INT) USING DELTA banana',
      at(
        "'banana'",
        1,
        36,
        'USING DELTA, PARTITIONED BY, CLUSTER BY, COMMENT, TBLPROPERTIES or the end of the statement',
      ),
    ],
    ['CREATE TABLE t (a INT) COMMENT 1', at("'1'", 1, 32, "the comment in 'quotes'")],
    ["CREATE TABLE t (a INT) COMMENT 'x' COMMENT 'y'", at("'COMMENT'", 1, 36, 'COMMENT only once')],
    ['CREATE TABLE t (a INT) CLUSTER BY (b)', at("'b'", 1, 36, 'the name of a column of the table')],
    ["CREATE TABLE t (a INT) TBLPROPERTIES ('a' = 'b', 'a' = 'c')", at("''a''", 1, 50, 'each key once')],
    ['CREATE TABLE a.b.c.d (a INT)', at("'.'", 1, 19, 'no more than 3 parts in the name of a table')],
    [
      'CREATE TABLE my-table (a INT)',
      at(
        "'-'",
        1,
        16,
        'the end of the name of a table; put names with other characters than letters, digits and _ in `backquotes`',
      ),
    ],
    [
      "CREATE TABLE 'x' (a INT)",
      at("''x''", 1, 14, 'the name of a table; names are written in `backquotes`, not as text'),
    ],
    ['DROP TABLE t; DROP TABLE u', at("'DROP'", 1, 15, 'nothing after the semicolon; send one statement at a time')],
    ['DROP TABLE t CASCADE', at("'CASCADE'", 1, 14, 'the end of the statement')],
    [
      'GRANT SELECTT ON t TO u',
      expect.stringContaining("near 'SELECTT' (line 1, column 7): expected a privilege: ALL PRIVILEGES, "),
    ],
    ['GRANT SELECT ON t TO ada@example.com', at("'@'", 1, 25, 'the name of the user or group in `backquotes`')],
    [
      'GRANT SELECT ON VOLUME v TO u',
      at("'VOLUME'", 1, 17, 'METASTORE, CATALOG, SCHEMA, TABLE, VIEW or MODEL SERVICE and a name'),
    ],
    [
      'FROBNICATE t',
      expect.stringContaining("near 'FROBNICATE' (line 1, column 1): expected a statement: SELECT, ALTER, "),
    ],
    ['', expect.stringContaining('near end of input (line 1, column 1): expected a statement')],
    [
      "COMMENT ON TABLE t IS 'x",
      "[PARSE_SYNTAX_ERROR] Syntax error at or near ' (line 1, column 23): the text is not closed, expected '.",
    ],
    [
      'DROP TABLE `x',
      "[PARSE_SYNTAX_ERROR] Syntax error at or near '`' (line 1, column 12): the name is not closed, expected a backquote.",
    ],
    [
      '/* x',
      "[PARSE_SYNTAX_ERROR] Syntax error at or near '/*' (line 1, column 1): the comment is not closed, expected */.",
    ],
    ['VACUUM t RETAIN x HOURS', at("'x'", 1, 17, 'a number of hours')],
    ['CREATE VIEW v AS DROP TABLE t', at("'DROP'", 1, 18, 'a query that begins with SELECT or WITH')],
    [
      'CREATE VIEW v AS SELECT 1; DROP TABLE t',
      at("'DROP'", 1, 28, 'nothing after the semicolon; send one statement at a time'),
    ],
    [`CREATE TABLE t (a ${'ARRAY<'.repeat(5000)}`, expect.stringContaining('not nested deeper than 50')],
  ])('%s', (sql, message) => {
    expect(refusal(sql)).toEqual(message);
  });

  it.each([
    ['CREATE TABLE t (a INT NOT NULL)', 'NOT NULL'],
    ["CREATE TABLE t (a INT) LOCATION 's3://x'", 'LOCATION'],
    ['CREATE TABLE t (a INT) USING PARQUET', 'Another format than DELTA'],
    ['CREATE TABLE t AS SELECT 1', 'CREATE TABLE … AS'],
    ['CREATE TABLE t (a INT, PRIMARY KEY (a))', 'A constraint'],
    ['OPTIMIZE t ZORDER BY (a)', 'ZORDER'],
    ['INSERT INTO t VALUES (1)', 'INSERT'],
    ['ALTER TABLE t RENAME TO u', 'RENAME'],
  ])('is refused with a reason: %s', (sql, what) => {
    expect(refusal(sql)).toMatch(/^\[UNSUPPORTED_FEATURE\] .* is not offered here \(line 1, column \d+\): .+\.$/);
    expect(refusal(sql)).toContain(what);
  });
});

describe('any text', () => {
  const words = fc.constantFrom(
    ..."CREATE TABLE VIEW SCHEMA CATALOG IF NOT EXISTS a b.c ( ) < > , ; . STRUCT ARRAY MAP STRING INT COMMENT 'x' ` ' \" -- /* */ AS SELECT GRANT ON TO REVOKE FROM ALTER SET TBLPROPERTIES TAGS = 1 DROP DESCRIBE SHOW IN LIKE OWNER USE VACUUM RETAIN HOURS OPTIMIZE COLUMN ADD IS NULL".split(
      ' ',
    ),
    '\n',
  );
  const parses = (sql: string) => {
    try {
      parseStatement(sql);
    } catch (error) {
      expect(error).toBeInstanceOf(GatewayError);
      expect((error as GatewayError).code).toMatch(/^caller_sql_(?:syntax|refused)$/);
    }
  };

  it('parses or is refused, and nothing else', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), parses));
    fc.assert(
      fc.property(fc.array(words, { maxLength: 40 }), (pieces) => parses(pieces.join(' '))),
      { numRuns: 2000 },
    );
  });

  it('is not taken in part: a statement with rubbish at its end is refused', () => {
    const good = [
      'DROP TABLE t',
      'SHOW TABLES',
      'OPTIMIZE t',
      'GRANT SELECT ON t TO u',
      'CREATE TABLE t (a INT)',
      'USE c',
    ];
    const rubbish = fc.constantFrom('banana', '(', "'x'", '1', ')', '=', ', x', '; x', '`x`');
    fc.assert(
      fc.property(fc.constantFrom(...good), rubbish, (sql, end) => {
        expect(() => parseStatement(`${sql} ${end === "'x'" && sql === 'SHOW TABLES' ? '(' : end}`)).toThrow(
          GatewayError,
        );
      }),
    );
  });

  it('of a million characters does not take long', () => {
    for (const piece of ['/*', "'", '`', 'a.', '1', '(', 'ARRAY<', '\n', "''", '\\']) {
      parses(`CREATE TABLE ${piece.repeat(1_000_000 / piece.length)}`);
      parses(`COMMENT ON TABLE t IS '${piece.repeat(100_000)}`);
    }
  });
});
