import {
  DuckDBBlobValue,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBIntervalValue,
  DuckDBListValue,
  DuckDBMapValue,
  DuckDBStructValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  type DuckDBValue,
} from '@duckdb/node-api';
import { expect, test } from 'vitest';
import { valueText } from './result-value.ts';

const stamp = new DuckDBTimestampTZValue(1_767_225_600_123_456n);

test.each<[DuckDBValue, string | null]>([
  [null, null],
  [true, 'true'],
  [1.5, '1.5'],
  [Number.NaN, 'NaN'],
  [9_223_372_036_854_775_807n, '9223372036854775807'],
  [new DuckDBDecimalValue(-150n, 10, 2), '-1.50'],
  [new DuckDBDateValue(0), '1970-01-01'],
  [new DuckDBDateValue(-719_162), '0001-01-01'],
  [stamp, '2026-01-01T00:00:00.123Z'],
  [new DuckDBTimestampTZValue(-1n), '1969-12-31T23:59:59.999Z'],
  [new DuckDBTimestampValue(0n), '1970-01-01T00:00:00.000'],
  [new DuckDBBlobValue(Buffer.from('abc')), 'YWJj'],
  [new DuckDBIntervalValue(14, 3, 3_661_500_000n), '1 years 2 months 3 days 1 hours 1 minutes 1.5 seconds'],
  [new DuckDBListValue([1, null, 'a"b', stamp]), '[1,null,"a\\"b","2026-01-01T00:00:00.123Z"]'],
  [
    new DuckDBStructValue({ a: 9007199254740993n, b: new DuckDBDecimalValue(150n, 10, 2) }),
    '{"a":9007199254740993,"b":1.50}',
  ],
  [new DuckDBMapValue([{ key: 1, value: Number.POSITIVE_INFINITY }]), '{"1":"Infinity"}'],
])('%o is %s', (value, text) => {
  expect(valueText(value)).toBe(text);
});

test('a whole number beyond BIGINT is an error', () => {
  expect(() => valueText(2n ** 63n)).toThrow('[ARITHMETIC_OVERFLOW]');
});
