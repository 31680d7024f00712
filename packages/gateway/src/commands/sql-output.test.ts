import { expect, test } from 'vitest';
import { csvLines, jsonLines, kindOf, tableLines, type OutputTable } from './sql-output.ts';

const table: OutputTable = {
  columns: [
    { name: 'n', kind: kindOf('decimal(20,0)') },
    { name: 'flag', kind: kindOf('BOOLEAN') },
    { name: 'tags', kind: kindOf('MAP') },
    { name: 'text', kind: kindOf('STRING') },
    { name: 'n', kind: kindOf('double') },
  ],
  rows: [
    ['12345678901234567890', 'true', '{"a":[1]}', 'one, "two"\nthree', 'NaN'],
    [null, null, 'not json', '', '-1.5E-7'],
  ],
  truncated: false,
};

test('--json keeps every digit, nests JSON, and names each column once', () => {
  expect([...jsonLines(table)]).toEqual([
    String.raw`{"n":12345678901234567890,"flag":true,"tags":{"a":[1]},"text":"one, \"two\"\nthree","n_2":"NaN"}`,
    '{"n":null,"flag":null,"tags":"not json","text":"","n_2":-1.5E-7}',
  ]);
});

test('--csv quotes what it must, and tells nothing from empty', () => {
  expect([...csvLines(table)]).toEqual([
    'n,flag,tags,text,n\r',
    '12345678901234567890,true,"{""a"":[1]}","one, ""two""\nthree",NaN\r',
    ',,not json,"",-1.5E-7\r',
  ]);
});

test('the table aligns figures to the right', () => {
  const columns = [table.columns[0]!, table.columns[3]!];
  expect([
    ...tableLines({
      columns,
      rows: [
        ['5', 'a'],
        [null, 'b'],
      ],
      truncated: false,
    }),
  ]).toEqual(['   n  text\n   5  a\nNULL  b']);
});
