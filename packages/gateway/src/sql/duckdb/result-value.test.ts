import {
  BIGINT,
  BLOB,
  BOOLEAN,
  DATE,
  DECIMAL,
  DOUBLE,
  DuckDBBlobValue,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBIntervalValue,
  DuckDBListValue,
  DuckDBMapValue,
  DuckDBStructValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  FLOAT,
  HUGEINT,
  INTEGER,
  INTERVAL,
  LIST,
  MAP,
  STRUCT,
  TIMESTAMP,
  TIMESTAMPTZ,
  VARCHAR,
  type DuckDBType,
  type DuckDBValue,
} from '@duckdb/node-api';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { valueText } from './result-value.ts';

const stamp = new DuckDBTimestampTZValue(1_767_225_600_123_456n);

test.each<[DuckDBValue, DuckDBType, string | null]>([
  [null, DOUBLE, null],
  [true, BOOLEAN, 'true'],
  [7, INTEGER, '7'],
  [9_223_372_036_854_775_807n, BIGINT, '9223372036854775807'],
  [new DuckDBDecimalValue(-150n, 10, 2), DECIMAL(10, 2), '-1.50'],
  [new DuckDBDateValue(0), DATE, '1970-01-01'],
  [new DuckDBDateValue(-719_162), DATE, '0001-01-01'],
  [stamp, TIMESTAMPTZ, '2026-01-01T00:00:00.123Z'],
  [new DuckDBTimestampTZValue(-1n), TIMESTAMPTZ, '1969-12-31T23:59:59.999Z'],
  [new DuckDBTimestampValue(0n), TIMESTAMP, '1970-01-01T00:00:00.000'],
  [new DuckDBBlobValue(Buffer.from('abc')), BLOB, 'YWJj'],
  [new DuckDBIntervalValue(14, 3, 3_661_500_000n), INTERVAL, '1 years 2 months 3 days 1 hours 1 minutes 1.5 seconds'],
  [new DuckDBListValue(['a"b', null]), LIST(VARCHAR), '["a\\"b",null]'],
  [new DuckDBListValue([stamp]), LIST(TIMESTAMPTZ), '["2026-01-01T00:00:00.123Z"]'],
  [
    new DuckDBStructValue({ a: 9007199254740993n, b: new DuckDBDecimalValue(150n, 10, 2), c: 2 }),
    STRUCT({ a: BIGINT, b: DECIMAL(10, 2), c: DOUBLE }),
    '{"a":9007199254740993,"b":1.50,"c":2.0}',
  ],
  [new DuckDBMapValue([{ key: 1, value: Number.POSITIVE_INFINITY }]), MAP(INTEGER, DOUBLE), '{"1":"Infinity"}'],
  [new DuckDBMapValue([{ key: 1, value: 1 }]), MAP(DOUBLE, INTEGER), '{"1.0":1}'],
])('%o is %s', (value, type, text) => {
  expect(valueText(value, type)).toBe(text);
});

test.each([
  [1, '1.0'],
  [0, '0.0'],
  [-0, '-0.0'],
  [-2.5, '-2.5'],
  [1234567.125, '1234567.125'],
  [9_999_999, '9999999.0'],
  [10_000_000, '1.0E7'],
  [12_345_678_900, '1.23456789E10'],
  [-1e300, '-1.0E300'],
  [0.001, '0.001'],
  [0.0123, '0.0123'],
  [0.000999, '9.99E-4'],
  [1.5e-7, '1.5E-7'],
  [5e-324, '5.0E-324'],
  [100, '100.0'],
  [Number.NaN, 'NaN'],
  [Number.NEGATIVE_INFINITY, '-Infinity'],
])('the DOUBLE %d is %s, as in Java', (value, text) => {
  expect(valueText(value, DOUBLE)).toBe(text);
});

test.each([
  [0.1, '0.1'],
  [1, '1.0'],
  [16_777_216, '1.6777216E7'],
  [3.4028234663852886e38, '3.4028235E38'],
])('the FLOAT %d is %s', (value, text) => {
  expect(valueText(Math.fround(value), FLOAT)).toBe(text);
});

test('every DOUBLE is read as it was written', () => {
  fc.assert(fc.property(fc.double(), (value) => Object.is(Number(valueText(value, DOUBLE)), value)));
});

test('a whole number beyond BIGINT is an error', () => {
  expect(() => valueText(2n ** 63n, HUGEINT)).toThrow('[ARITHMETIC_OVERFLOW]');
});
