import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { field, struct } from '../lake/schema/delta-type.ts';
import type { Caller } from '../unity/caller.ts';
import { usageCostView, usageTable } from '../usage/usage-table.ts';
import { admin, ann, bob, SqlPlace } from './testing/sql-place.ts';

let place: SqlPlace;

beforeAll(async () => {
  place = await SqlPlace.make();
  const numbers = struct(field('id', 'long'), field('who', 'string'), field('at', 'timestamp'));
  const at = (day: number): string => `2026-01-0${day}T00:00:00Z`;
  await place.table('main.default.numbers', numbers, [
    { id: 1, who: 'ann@example.com', at: at(1) },
    { id: 2, who: 'bob@example.com', at: at(2) },
  ]);
  await place.append('main.default.numbers', [{ id: 3, who: 'bob@example.com', at: at(3) }]);
  await place.table(
    'main.default.own',
    struct(field('who', 'string'), field('secret', 'string')),
    [
      { who: 'ann@example.com', secret: '1' },
      { who: 'bob@example.com', secret: 'not a number' },
    ],
    { ownRowsColumn: 'who' },
  );
  await place.table('main.other.numbers', numbers, [{ id: 9, who: 'x', at: at(9) }]);
  place.view('main.default.ids', 'SELECT id, current_user() AS reader FROM numbers', { comment: 'public' });
  place.view('main.default.secrets', 'SELECT * FROM own', { comment: 'public' });
  place.view('main.default.loop', 'SELECT * FROM loop', { comment: 'public' });
  place.rows('system.information_schema.tables', {
    columns: [
      { name: 'table_name', type: 'string' },
      { name: 'n', type: 'long' },
      { name: 'tags', type: { type: 'array', elementType: 'string', containsNull: true } },
    ],
    rows: [
      ['a "b"', '9007199254740993', '["x"]'],
      [null, null, null],
    ],
    truncated: false,
  });
}, 60_000);
afterAll(() => place.remove());

describe('tables', () => {
  test('names of one to three parts, columns qualified with as many', async () => {
    const sql = `SELECT numbers.id, default.numbers.who, main.default.numbers.at FROM main.default.numbers WHERE default.numbers.id = 2`;
    expect(await place.rowsOf(sql)).toEqual([['2', 'bob@example.com', '2026-01-02T00:00:00.000Z']]);
    expect(await place.rowsOf('SELECT count(*) FROM numbers')).toEqual([['3']]);
    expect(await place.rowsOf('SELECT default.numbers.* FROM numbers ORDER BY id LIMIT 1')).toHaveLength(1);
  });

  test('two tables of one name in two schemas', async () => {
    const sql =
      'SELECT main.default.numbers.id, other.numbers.id FROM main.default.numbers, main.other.numbers WHERE default.numbers.id = 1';
    const { columns, rows } = await place.engine.execute({ sql, caller: admin });
    expect(rows).toEqual([['1', '9']]);
    expect(columns.map(({ name, type }) => [name, type])).toEqual([
      ['id', 'long'],
      ['id', 'long'],
    ]);
  });

  test('a common table hides a table of its name, but not a longer name', async () => {
    const sql =
      'WITH numbers AS (SELECT 7 AS id), n AS (SELECT id FROM main.default.numbers) SELECT (SELECT sum(id) FROM n), (SELECT id FROM numbers)';
    expect(await place.rowsOf(sql)).toEqual([['6', '7']]);
    expect(await place.rowsOf('WITH numbers AS (SELECT * FROM numbers) SELECT count(*) FROM numbers')).toEqual([['3']]);
  });

  test.each([
    ['SELECT count(*) FROM numbers VERSION AS OF 1', '2'],
    ['SELECT count(*) FROM numbers@v1 AS n WHERE n.id > 0', '2'],
    ['SELECT count(*) FROM main.default.numbers VERSION AS OF 0 AS n', '0'],
    ['SELECT count(*) FROM numbers TIMESTAMP AS OF current_timestamp() + INTERVAL 0 DAYS n WHERE n.id = 3', '1'],
  ])('%s', async (sql, count) => {
    expect(await place.rowsOf(sql)).toEqual([[count]]);
  });

  test('rows that the catalog gives', async () => {
    const rows = await place.rowsOf('SELECT * FROM system.information_schema.tables ORDER BY n');
    expect(rows).toEqual([
      [null, null, null],
      ['a "b"', '9007199254740993', '["x"]'],
    ]);
  });

  test('a table whose files are away may be back later', async () => {
    await place.table('main.default.away', struct(field('n', 'long')), [{ n: 1 }]);
    await place.lake.lake.remove('main/default/away');
    expect(await place.errorOf('SELECT * FROM away')).toMatchObject({ code: 'gateway_lake_unavailable' });
    expect(await place.errorOf('SELECT * FROM away WHERE n = 1')).toMatchObject({ code: 'gateway_lake_unavailable' });
  });

  test('an unknown table and one without rights', async () => {
    expect(await place.errorOf('SELECT * FROM nothing')).toMatchObject({ code: 'caller_table_not_found' });
    expect(await place.errorOf('SELECT * FROM numbers', ann)).toMatchObject({ code: 'policy_forbidden' });
    expect(await place.errorOf('WITH x AS (SELECT * FROM numbers) SELECT 1', ann)).toMatchObject({
      code: 'policy_forbidden',
    });
    expect(await place.errorOf('SELECT 1 WHERE EXISTS (SELECT 1 FROM numbers)', ann)).toMatchObject({
      code: 'policy_forbidden',
    });
  });
});

describe('pruning', () => {
  test.each([
    ["SELECT 1 FROM numbers WHERE at >= '2026-01-02' AND id IN (1, 2)", ['at >= 2026-01-02T00:00:00Z', 'id in 1,2']],
    [
      "SELECT 1 FROM numbers n WHERE date(n.AT) = DATE '2026-01-02'",
      ['at >= 2026-01-02T00:00:00Z', 'at < 2026-01-03T00:00:00Z'],
    ],
    [
      'SELECT 1 FROM numbers WHERE id BETWEEN 1 AND 1 + 1 AND who = current_user()',
      ['id >= 1', 'id <= 2', 'who = root@example.com'],
    ],
    ['SELECT 1 FROM numbers WHERE who = 5 OR id = 1', []],
    ["SELECT 1 FROM numbers WHERE who = 5 AND id = '1'", []],
    ['SELECT 1 FROM (VALUES (1)) v(x) LEFT JOIN numbers n ON true WHERE n.id IS NULL', []],
    [
      'SELECT 1 FROM numbers a JOIN other.numbers b ON a.id = b.id AND a.id > 1 AND b.id < 7 WHERE a.id = 1',
      ['id = 1', 'id > 1', 'id < 7'],
    ],
    // Rows of the left side stay, whatever the ON clause says about them; those of the right only where it is met.
    ['SELECT 1 FROM numbers a LEFT JOIN other.numbers b ON a.id > 1 AND b.id < 7', ['id < 7']],
    ['SELECT 1 FROM numbers a RIGHT JOIN other.numbers b ON a.id > 1 AND b.id < 7', ['id > 1']],
    ['SELECT 1 FROM numbers a FULL JOIN other.numbers b ON a.id > 1 AND b.id < 7', []],
    ['SELECT 1 FROM numbers a LEFT ANTI JOIN other.numbers b ON a.id > 1 AND b.id < 7', ['id < 7']],
    // A column without a qualifier is of the table that has it.
    ["SELECT 1 FROM numbers n JOIN own USING (who) WHERE id = 1 AND secret = 'x'", ['id = 1', 'secret = x']],
    ["SELECT 1 FROM (SELECT 'x' AS secret) n JOIN own o ON true WHERE n.secret = 'x'", []],
    ['SELECT 1 FROM numbers AS n(who, id, at) WHERE id = 1', []],
    ['SELECT 1 FROM numbers n ORDER BY id LIMIT 1', []],
  ] as const)('%s', async (sql, expected) => {
    place.scans.length = 0;
    // Some compare what cannot be compared: the lake is asked before the statement fails.
    await place.rowsOf(sql).catch(() => undefined);
    const filters = place.scans.flatMap((scan) => scan.filters ?? []);
    expect(
      filters.map(({ column, operator, values }) => `${column.join('.')} ${operator} ${values.join(',')}`),
    ).toEqual(expected);
  });
});

describe('pruning through views', () => {
  beforeAll(() => {
    const own = { comment: 'public', builtIn: true };
    place.view('main.default.plain', "SELECT id AS number, at, upper(who) AS who FROM numbers WHERE who <> 'x'", own);
    place.view('main.default.over', 'SELECT p.*, 1 AS one FROM plain p', own);
    place.view('main.default.every', 'SELECT * FROM plain', own);
    place.view('main.default.hourly', 'SELECT id, count(*) AS n FROM numbers GROUP BY id', own);
    place.view('main.default.latest', 'SELECT id FROM numbers ORDER BY at DESC LIMIT 1', own);
    place.view('main.default.ranked', 'SELECT id, row_number() OVER (ORDER BY at) AS r FROM numbers', own);
    place.view('main.default.padded', 'SELECT b.id FROM (VALUES (1)) v(x) LEFT JOIN numbers b ON true', own);
  });

  test.each([
    ["SELECT 1 FROM plain WHERE number = 2 AND at >= '2026-01-02'", ['id = 2', 'at >= 2026-01-02T00:00:00Z']],
    ["SELECT 1 FROM plain WHERE who = 'ANN@EXAMPLE.COM'", []],
    ['SELECT 1 FROM every e JOIN numbers n ON n.id = e.number WHERE e.Number = 2', ['id = 2']],
    ['SELECT 1 FROM over WHERE number = 2 AND one = 1', []],
    ['SELECT 1 FROM hourly WHERE id = 1', []],
    ['SELECT 1 FROM latest WHERE id = 1', []],
    ['SELECT 1 FROM ranked WHERE id = 1', []],
    ['SELECT 1 FROM padded WHERE id IS NULL', []],
  ] as const)('%s', async (sql, expected) => {
    place.scans.length = 0;
    await place.rowsOf(sql);
    const filters = place.scans.flatMap((scan) => scan.filters ?? []);
    const shown = filters.map(({ column, operator, values }) => `${column.join('.')} ${operator} ${values.join(',')}`);
    expect(shown).toEqual(expected);
  });

  test('what the view leaves out stays out', async () => {
    expect(await place.rowsOf('SELECT number FROM every WHERE number >= 2 ORDER BY number')).toEqual([['2'], ['3']]);
    expect(await place.rowsOf('SELECT id FROM latest WHERE id = 1')).toEqual([]);
    expect(await place.rowsOf('SELECT r FROM ranked WHERE id = 3')).toEqual([['3']]);
  });
});

describe('own rows and views', () => {
  test('only the columns that a statement names are read, and every one that it may need', async () => {
    const rows = await place.rowsOf('SELECT count(*) FROM own', ann);
    expect(rows).toEqual([['1']]);
    expect(await place.rowsOf('SELECT o FROM own o', ann)).toEqual([['{"who":"ann@example.com","secret":"1"}']]);
    expect(await place.rowsOf('SELECT b FROM own AS o(a, b)', ann)).toEqual([['1']]);
    expect(await place.rowsOf('SELECT SECRET FROM own JOIN (SELECT 1 AS x) ON true ORDER BY ALL', ann)).toEqual([
      ['1'],
    ]);
    expect(await place.rowsOf("SELECT 1 FROM own JOIN (SELECT '1' AS secret) v USING (secret)", ann)).toEqual([['1']]);
    expect(await place.rowsOf("SELECT 1 FROM own NATURAL JOIN (SELECT '2' AS secret) v", ann)).toEqual([]);
    expect(await place.rowsOf('SELECT * EXCEPT (who) FROM own', ann)).toEqual([['1']]);
  });

  test('a caller without SELECT sees only rows of their own, whatever the statement does', async () => {
    expect(await place.rowsOf('SELECT secret FROM own', ann)).toEqual([['1']]);
    expect(await place.rowsOf('SELECT count(*) FROM own', admin)).toEqual([['2']]);
    // Bob's row would make the cast fail.
    expect(await place.rowsOf('SELECT sum(CAST(secret AS INT)) FROM own', ann)).toEqual([['1']]);
    expect(
      await place.rowsOf(
        "SELECT count(*) FROM own WHERE 1 / (CASE WHEN who = 'bob@example.com' THEN 0 ELSE 1 END) > 0",
        ann,
      ),
    ).toEqual([['1']]);
    expect(
      await place.rowsOf(
        "SELECT count(*) FROM own a FULL JOIN own b ON a.who <> b.who WHERE a.who = 'bob@example.com'",
        ann,
      ),
    ).toEqual([['0']]);
  });

  test('a view reads with the rights of its owner and knows its reader', async () => {
    place.view('main.default.stolen', 'SELECT * FROM numbers', { comment: 'public', owner: bob.userName });
    expect(await place.errorOf('SELECT * FROM stolen', ann)).toMatchObject({ code: 'policy_forbidden' });
    expect(await place.rowsOf('SELECT max(id), any_value(reader) FROM ids', ann)).toEqual([['3', 'ann@example.com']]);
    expect(await place.errorOf('SELECT * FROM numbers', ann)).toMatchObject({ code: 'policy_forbidden' });
  });

  test("a view over a table with own rows shows the reader's", async () => {
    expect(await place.rowsOf('SELECT * FROM secrets', ann)).toEqual([['ann@example.com', '1']]);
    expect(await place.rowsOf('SELECT who FROM secrets', bob)).toEqual([['bob@example.com']]);
  });

  test('conditions of the reader do not reach the rows that a view leaves out', async () => {
    await place.table(
      'main.default.carls',
      struct(field('who', 'string'), field('id', 'long')),
      [
        { who: 'ann', id: 1 },
        { who: 'bob', id: 0 },
      ],
      { owner: 'carl' },
    );
    place.view('main.default.guarded', "SELECT who, id FROM carls WHERE who = 'ann'", {
      comment: 'public',
      owner: 'carl',
    });
    expect(await place.rowsOf('SELECT 1 FROM guarded WHERE 10 / id > 0', ann)).toEqual([['1']]);
  });

  test('the tables below a view cannot be reached by the names that they have inside', async () => {
    const guarded = '(SELECT count(*) FROM guarded)';
    const recursive = `WITH RECURSIVE relation_1_0 AS (SELECT * FROM relation_1_0 UNION ALL SELECT * FROM relation_1_0 WHERE false) SELECT *, ${guarded} FROM relation_1_0`;
    expect((await place.errorOf(recursive, ann)).code).toMatch(/^caller_sql_|^caller_table/);
    for (const name of ['held.relation_1_0', 'memory.held.relation_1_0', 'relation_1_0']) {
      expect(await place.errorOf(`SELECT *, ${guarded} FROM ${name}`, ann)).toMatchObject({
        code: 'caller_table_not_found',
      });
    }
  });

  test('a view of itself ends', async () => {
    expect((await place.errorOf('SELECT * FROM loop')).message).toContain('[RECURSIVE_VIEW]');
  });
});

describe('results', () => {
  test('rows and bytes are limited', async () => {
    const rows = await place.engine.execute({ sql: 'SELECT * FROM range(5000)', caller: admin, rowLimit: 3 });
    expect(rows).toMatchObject({ rows: [['0'], ['1'], ['2']], truncated: true });
    const all = await place.engine.execute({ sql: 'SELECT * FROM range(3)', caller: admin, rowLimit: 3 });
    expect(all).toMatchObject({ truncated: false });
    const bytes = await place.engine.execute({
      sql: "SELECT repeat('x', 100) FROM range(100)",
      caller: admin,
      byteLimit: 250,
    });
    expect(bytes).toMatchObject({ truncated: true });
    expect(bytes.rows).toHaveLength(2);
  });

  test('columns may have one name twice, names come from what was written', async () => {
    const { columns } = await place.engine.execute({
      sql: "SELECT 1 AS a, 2 AS a, count(*), upper( 'x' ), to_json(array(1)), CAST(1.5 AS DECIMAL(5,2))",
      caller: admin,
    });
    expect(columns.map(({ name }) => name)).toEqual([
      'a',
      'a',
      'count(1)',
      "upper( 'x' )",
      'to_json(array(1))',
      'CAST(1.5 AS DECIMAL(5,2))',
    ]);
    expect(columns.at(-1)!.type).toBe('decimal(5,2)');
  });

  test('sums of BIGINT are BIGINT, or an overflow', async () => {
    const { columns, rows } = await place.engine.execute({ sql: 'SELECT sum(id) FROM numbers', caller: admin });
    expect([columns[0]!.type, rows]).toEqual(['long', [['6']]]);
    const overflow = await place.errorOf('SELECT sum(x) FROM VALUES (9223372036854775807), (1) AS t(x)');
    expect(overflow.message).toContain('[ARITHMETIC_OVERFLOW]');
  });

  test('parameters', async () => {
    const parameters = [
      { name: 'who', value: "ann@example.com' OR '1'='1" },
      { name: 'least', value: '2', type: 'BIGINT' },
    ];
    const { rows } = await place.engine.execute({
      sql: 'SELECT id FROM numbers WHERE who = :who OR id > :least',
      caller: admin,
      parameters,
    });
    expect(rows).toEqual([['3']]);
  });
});

describe('the queue', () => {
  test('a statement that was cancelled before it began, and one while it runs', async () => {
    const signal = AbortSignal.abort();
    await expect(place.engine.execute({ sql: 'SELECT 1', caller: admin }, signal)).rejects.toMatchObject({
      code: 'caller_sql_cancelled',
    });
    const controller = new AbortController();
    const running = place.engine.execute(
      { sql: 'SELECT count(*) FROM range(50000), range(50000), range(50000) WHERE random() < 0', caller: admin },
      controller.signal,
    );
    setTimeout(() => controller.abort(), 300);
    await expect(running).rejects.toMatchObject({ code: 'caller_sql_cancelled' });
    expect(await place.rowsOf('SELECT 1')).toEqual([['1']]);
  });

  test('too many waiting statements are refused', async () => {
    Object.assign(place.limits, { concurrency: 1, queue: 1 });
    const outcomes = await Promise.allSettled([1, 2, 3].map((n) => place.rowsOf(`SELECT ${n}`)));
    Object.assign(place.limits, { concurrency: 2, queue: 100 });
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
    expect((outcomes[2] as PromiseRejectedResult).reason).toMatchObject({ code: 'gateway_sql_busy' });
  });
});

test('the usage of a caller by tool and day', async () => {
  const day = (back: number): string => new Date(Date.now() - back * 86_400_000).toISOString();
  const row = (
    requester: string,
    agent: string,
    id: string,
    back: number,
    tokens: readonly [number, number, number],
  ): object => ({
    event_time: day(back),
    requester,
    user_agent: agent,
    request_id: id,
    destination_model: 'claude-sonnet-4-5',
    input_tokens: tokens[0],
    output_tokens: tokens[1],
    total_tokens: tokens[0] + tokens[1],
    token_details: { cache_read_input_tokens: tokens[2] },
  });
  await place.table(
    'system.ai_gateway.usage',
    usageTable.schema!,
    [
      row('ann@example.com', 'Codex-CLI/1.0', 'r1', 1, [10, 5, 4]),
      row('ann@example.com', 'codex/1.0', 'r1', 1, [1, 1, 0]),
      row('ann@example.com', 'claude-cli/2', 'r2', 2, [100, 50, 40]),
      row('ann@example.com', 'curl/8', 'r3', 2, [7, 7, 7]),
      row('ann@example.com', 'gemini', 'r4', 45, [7, 7, 7]),
      row('bob@example.com', 'codex', 'r5', 1, [9, 9, 9]),
    ],
    { ownRowsColumn: 'requester', builtIn: true },
  );
  const { columns, rows } = await place.engine.execute({ sql: usageQuery, caller: ann });
  expect(columns).toEqual([
    { name: 'requester_name', type: 'string' },
    { name: 'tool', type: 'string' },
    { name: 'usage_day', type: 'date' },
    { name: 'total_tokens_used', type: 'long' },
    { name: 'sessions', type: 'long' },
    { name: 'model_tokens', type: 'string' },
  ]);
  const model = 'claude-sonnet-4-5';
  expect(
    rows.map((cells) => cells.map((cell, index) => (index === 5 ? (JSON.parse(cell!) as unknown) : cell))),
  ).toEqual([
    [
      'ann@example.com',
      'codex',
      day(1).slice(0, 10),
      '17',
      '1',
      [{ model, requests: 1, tokens: 17, input: 11, cached: 4, output: 6 }],
    ],
    [
      'ann@example.com',
      'claude',
      day(2).slice(0, 10),
      '150',
      '1',
      [{ model, requests: 1, tokens: 150, input: 100, cached: 40, output: 50 }],
    ],
  ]);
  const filters = place.scans.at(-1)!.filters!.map(({ column, operator }) => `${column[0]} ${operator}`);
  expect(filters).toEqual(expect.arrayContaining(['event_time >=', 'requester =']));
});

test('usage_cost of the last day asks for files of the last day, and of the caller', async () => {
  place.view('system.ai_gateway.usage_cost', usageCostView.viewText!, { builtIn: true, ownRowsColumn: 'requester' });
  const sql =
    'SELECT count(*), sum(total_tokens) FROM system.ai_gateway.usage_cost WHERE event_time >= current_timestamp() - INTERVAL 40 DAYS';
  const pruned = async (caller: Caller): Promise<string[]> => {
    place.scans.length = 0;
    await place.rowsOf(sql, caller);
    return place.scans.flatMap(({ filters }) =>
      (filters ?? []).map(({ column, operator }) => `${column.join('.')} ${operator}`),
    );
  };
  expect(await pruned(admin)).toEqual(['event_time >=']);
  expect(new Set(await pruned(ann))).toEqual(new Set(['event_time >=', 'requester =']));
  expect(await place.rowsOf(sql, ann)).toEqual([['4', '181']]);
  expect(await place.rowsOf(sql, admin)).toEqual([['5', '199']]);
});

/** A statement of the kind that the vendor's command-line client sends for its usage report. */
const usageQuery = `
WITH recent AS (
  SELECT
    date(event_time) AS usage_day,
    CASE
      WHEN LOWER(user_agent) LIKE '%codex%' THEN 'codex'
      WHEN LOWER(user_agent) LIKE '%claude%' THEN 'claude'
      WHEN LOWER(user_agent) LIKE '%gemini%' THEN 'gemini'
      WHEN LOWER(user_agent) LIKE '%opencode%' THEN 'opencode'
    END AS tool,
    request_id, destination_model,
    COALESCE(total_tokens, 0) AS total_tokens,
    COALESCE(input_tokens, 0) AS input_tokens,
    COALESCE(token_details.cache_read_input_tokens, 0) AS cached_tokens,
    COALESCE(output_tokens, 0) AS output_tokens
  FROM system.ai_gateway.usage
  WHERE event_time >= current_timestamp() - INTERVAL 30 DAYS AND requester = current_user()
),
by_day AS (
  SELECT tool, usage_day, SUM(total_tokens) AS total_tokens_used, COUNT(DISTINCT request_id) AS sessions
  FROM recent WHERE tool IS NOT NULL GROUP BY 1, 2
),
by_model AS (
  SELECT tool, usage_day, destination_model, COUNT(DISTINCT request_id) AS requests, SUM(total_tokens) AS tokens,
    SUM(input_tokens) AS input, SUM(cached_tokens) AS cached, SUM(output_tokens) AS output
  FROM recent WHERE tool IS NOT NULL GROUP BY 1, 2, 3
),
models AS (
  SELECT tool, usage_day, TO_JSON(SORT_ARRAY(COLLECT_LIST(NAMED_STRUCT('model', destination_model, 'requests', requests,
    'tokens', tokens, 'input', input, 'cached', cached, 'output', output)))) AS model_tokens
  FROM by_model GROUP BY tool, usage_day
)
SELECT current_user() AS requester_name, d.tool, d.usage_day, d.total_tokens_used, d.sessions, m.model_tokens
FROM by_day d LEFT JOIN models m ON d.tool = m.tool AND d.usage_day = m.usage_day
ORDER BY d.usage_day DESC, d.tool;`;
