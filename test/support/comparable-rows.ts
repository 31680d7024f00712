import type { Lake } from '../../packages/gateway/src/lake/lake.ts';
import type { DeltaType, StructType } from '../../packages/gateway/src/lake/schema/delta-type.ts';
import { readRows } from './lake-rows.ts';

/** Rows of a table in the form that test/readers/read_tables.py prints, sorted. */
export async function comparableRows(
  lake: Pick<Lake, 'scan'>,
  location: string,
  schema: StructType,
): Promise<string[]> {
  const rows = await readRows(lake, location);
  return rows.map((row) => JSON.stringify(comparable(row, schema))).toSorted();
}

function comparable(value: unknown, type: DeltaType): unknown {
  if (value === null || value === undefined) return null;
  if (typeof type !== 'string') {
    switch (type.type) {
      case 'struct': {
        const fields = value as Record<string, unknown>;
        return Object.fromEntries(type.fields.map((one) => [one.name, comparable(fields[one.name], one.type)]));
      }
      case 'array':
        return (value as unknown[]).map((item) => comparable(item, type.elementType));
      case 'map':
        return (value as { key: unknown; value: unknown }[])
          .map((pair) => [comparable(pair.key, type.keyType), comparable(pair.value, type.valueType)])
          .toSorted((a, b) => (String(a[0]) < String(b[0]) ? -1 : 1));
    }
  }
  switch (type) {
    case 'float':
    case 'double':
      return pythonFloat(value);
    case 'timestamp':
      return String(
        BigInt(
          Date.parse(
            String(value)
              .replace(' ', 'T')
              .replace(/\+00$/, 'Z')
              .replace(/(\.\d{3})\d+/, '$1'),
          ),
        ) *
          1000n +
          microseconds(String(value)),
      );
    default:
      return typeof value === 'boolean' ? String(value) : String(value);
  }
}

/** Microseconds below the millisecond of `2026-11-22 10:00:00.123456+00`. */
function microseconds(text: string): bigint {
  const digits = /\.(\d+)/.exec(text)?.[1] ?? '';
  return BigInt(digits.padEnd(6, '0').slice(3, 6));
}

/** As Python's `repr(float)` writes it; whole numbers have `.0`. */
function pythonFloat(value: unknown): string {
  const number = Number(value === 'inf' ? Infinity : value);
  if (!Number.isFinite(number)) return Number.isNaN(number) ? 'NaN' : number > 0 ? 'Infinity' : '-Infinity';
  return Number.isInteger(number) && Math.abs(number) < 1e16 ? `${number}.0` : String(number);
}
