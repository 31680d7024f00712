import { describe, expect, test } from 'vitest';
import { prepareStatement, TRAVEL_MARK } from './prepare-statement.ts';

const prepared = (sql: string): string => prepareStatement(sql).text.text.replaceAll(TRAVEL_MARK, '#');

describe('what the translator would get wrong is taken out', () => {
  test.each([
    ['SELECT * FROM a.t VERSION AS OF 3 AS x;', 'SELECT * FROM `a`.`t#V3` AS x'],
    ['SELECT * FROM t@v3 JOIN u', 'SELECT * FROM `t#V3` JOIN u'],
    ["SELECT * FROM t TIMESTAMP AS OF '2026-01-01' x", 'SELECT * FROM `t#T0` x'],
    ['SELECT * FROM t FOR VERSION AS OF 3', 'SELECT * FROM `t#V3`'],
    ['SELECT a.b.c.* FROM a.b.c', 'SELECT `a#b#c`.* FROM `a`.`b`.`c`'],
    ['SELECT :x, :x', 'SELECT dbx_parameter(0), dbx_parameter(1)'],
    ['SELECT try_cast(f(x) AS INT)', 'SELECT dbx_try(CAST(f(x) AS INT))'],
    [
      'SELECT SIZE (x), CAST(y AS DECIMAL(10, 2)), y::decimal(3,1)',
      'SELECT dbx_size (x), CAST(y AS DECIMAL(10, 2)), y::decimal(3,1)',
    ],
    ['SELECT exists(l, x -> x), EXISTS (SELECT 1)', 'SELECT dbx_exists(l, x -> x), EXISTS (SELECT 1)'],
    ["SELECT DATE '2026-01-01'", "SELECT CAST( '2026-01-01' AS DATE)"],
    ["SELECT 'size(x) :p', `size(x)` -- size(x)", "SELECT 'size(x) :p', `size(x)`"],
    ['SELECT default, at FROM t', 'SELECT `default`, `at` FROM t'],
    ["SELECT x AT TIME ZONE 'UTC'", "SELECT x AT TIME ZONE 'UTC'"],
  ])('%s', (sql, expected) => {
    expect(prepared(sql)).toBe(expected);
  });

  test('expressions of timestamps end where the alias or the next clause begins', () => {
    const of = (tail: string): readonly string[] =>
      prepareStatement(`SELECT 1 FROM t TIMESTAMP AS OF ${tail}`).timestamps;
    expect(of('current_timestamp() - INTERVAL 1 DAY WHERE x = 1')).toEqual(['current_timestamp() - INTERVAL 1 DAY']);
    expect(of('date_sub(current_date(), 1) AS x')).toEqual(['date_sub(current_date(), 1)']);
    expect(of("TIMESTAMP '2026-01-01' x, u")).toEqual(["TIMESTAMP '2026-01-01'"]);
  });

  test("places in the prepared text lead back to the caller's", () => {
    const sql = 'SELECT size(a), :p, wrong FROM t';
    const { text } = prepareStatement(sql);
    expect(text.originalOffset(text.text.indexOf('wrong'))).toBe(sql.indexOf('wrong'));
    expect(text.originalOffset(text.text.indexOf('parameter'))).toBe(sql.indexOf(':p'));
  });
});

describe('only one query gets through', () => {
  test.each(['', ';', '-- nothing', 'SELECT 1; SELECT 2', 'COPY t TO x', 'nonsense', '(', '* FROM t'])('%j', (sql) => {
    expect(() => prepareStatement(sql)).toThrow(/^\[(PARSE_SYNTAX_ERROR|UNSUPPORTED_FEATURE)\]/);
  });
});
