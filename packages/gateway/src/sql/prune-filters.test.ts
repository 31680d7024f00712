import { expect, test } from 'vitest';
import { field, struct } from '../lake/schema/delta-type.ts';
import type { ScanCondition } from './plan/query-plan.ts';
import { pruneFilters } from './prune-filters.ts';

const schema = struct(
  field('Id', 'long'),
  field('name', 'string'),
  field('at', 'timestamp'),
  field('day', 'date'),
  field('ok', 'boolean'),
  field('st', struct(field('Inner', 'decimal(10,2)'))),
);

const kept = (
  column: string,
  operator: ScanCondition['operator'],
  valueType: ScanCondition['valueType'],
  ...values: string[]
): string[] =>
  pruneFilters([{ column: column.split('.'), operator, values, valueType }], schema).map(
    (filter) => `${filter.column.join('.')} ${filter.operator} ${filter.values.join(',')}`,
  );

test.each([
  [kept('ID', '=', 'number', '5'), ['Id = 5']],
  [kept('ST.inner', '<', 'number', '1.5'), ['st.Inner < 1.5']],
  [kept('name', 'in', 'string', 'a', 'b'), ['name in a,b']],
  [kept('at', '>=', 'string', '2026-01-01 10:00:00'), ['at >= 2026-01-01T10:00:00Z']],
  [kept('at', '<', 'date', '2026-01-01'), ['at < 2026-01-01T00:00:00Z']],
  [kept('day', '>=', 'timestamp', '2026-01-01T10:00:00Z'), ['day > 2026-01-01']],
  [kept('day', '<', 'timestamp', '2026-01-01T10:00:00Z'), ['day <= 2026-01-01']],
  [kept('day', '<', 'timestamp', '2026-01-01T00:00:00Z'), ['day < 2026-01-01']],
  [kept('ok', '=', 'boolean', 'true'), ['ok = true']],
  [kept('name', 'is null', 'none'), ['name is null ']],
])('%j is %j', (filters, expected) => {
  expect(filters).toEqual(expected);
});

test.each([
  ['a text compared with a number', kept('name', '=', 'number', '5')],
  ['a number compared with a text', kept('Id', '=', 'string', '5')],
  ['a timestamp in another zone', kept('at', '=', 'string', '2026-01-01T00:00:00+02:00')],
  ['a date that is a time', kept('day', '=', 'timestamp', '2026-01-01T10:00:00Z')],
  ['a column that is not there', kept('nothing', '=', 'number', '5')],
  ['a struct', kept('st', 'is null', 'none')],
])('%s is left to the engine', (_what, filters) => {
  expect(filters).toEqual([]);
});
