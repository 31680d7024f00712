import {
  DuckDBArrayType,
  DuckDBArrayValue,
  DuckDBBlobValue,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBIntervalValue,
  DuckDBListType,
  DuckDBListValue,
  DuckDBMapType,
  DuckDBMapValue,
  DuckDBStructType,
  DuckDBStructValue,
  DuckDBTimestampMillisecondsValue,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampSecondsValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBTypeId,
  type DuckDBType,
  type DuckDBValue,
} from '@duckdb/node-api';
import { GatewayError } from '../../errors/gateway-error.ts';

const LEAST_LONG = -(2n ** 63n);
const GREATEST_LONG = 2n ** 63n - 1n;

/**
 * A value as the JSON_ARRAY format of the SQL Statement Execution API has it.
 * @throws GatewayError `caller_sql_failed` for a whole number outside BIGINT.
 */
export function valueText(value: DuckDBValue, type: DuckDBType): string | null {
  if (value === null) return null;
  return isNested(value) ? nestedText(value, type) : scalarText(value, type);
}

function isNested(
  value: DuckDBValue,
): value is DuckDBListValue | DuckDBArrayValue | DuckDBStructValue | DuckDBMapValue {
  return (
    value instanceof DuckDBListValue ||
    value instanceof DuckDBArrayValue ||
    value instanceof DuckDBStructValue ||
    value instanceof DuckDBMapValue
  );
}

/** Lists and structs as JSON; a map as an object, its keys as text. */
function nestedText(value: DuckDBValue, type: DuckDBType): string {
  if (value === null) return 'null';
  if (value instanceof DuckDBListValue || value instanceof DuckDBArrayValue) {
    const inner = elementType(type);
    return `[${value.items.map((item) => nestedText(item, inner)).join(',')}]`;
  }
  if (value instanceof DuckDBStructValue && type instanceof DuckDBStructType) {
    const entries = type.entryNames.map((name, index) => [name, value.entries[name] ?? null, type.entryTypes[index]!]);
    return objectText(entries as [string, DuckDBValue, DuckDBType][]);
  }
  if (value instanceof DuckDBMapValue && type instanceof DuckDBMapType) {
    const { keyType, valueType } = type;
    return objectText(
      value.entries.map(({ key, value: held }) => [valueText(key, keyType) ?? 'null', held, valueType]),
    );
  }
  const isBare =
    typeof value === 'boolean' ||
    typeof value === 'bigint' ||
    value instanceof DuckDBDecimalValue ||
    (typeof value === 'number' && Number.isFinite(value));
  return isBare ? scalarText(value, type) : JSON.stringify(scalarText(value, type));
}

function elementType(type: DuckDBType): DuckDBType {
  if (type instanceof DuckDBListType || type instanceof DuckDBArrayType) return type.valueType;
  throw new Error(`A list of the type ${type.toString()}.`);
}

function objectText(entries: readonly (readonly [name: string, value: DuckDBValue, type: DuckDBType])[]): string {
  return `{${entries.map(([name, value, type]) => `${JSON.stringify(name)}:${nestedText(value, type)}`).join(',')}}`;
}

function scalarText(value: DuckDBValue, type: DuckDBType): string {
  if (typeof value === 'bigint') return longText(value);
  if (typeof value === 'number') return numberText(value, type);
  if (value instanceof DuckDBDateValue) return dateText(value.days);
  if (value instanceof DuckDBTimestampTZValue) return timestampText(value.micros, 'Z');
  if (value instanceof DuckDBTimestampValue) return timestampText(value.micros, '');
  if (value instanceof DuckDBTimestampSecondsValue) return timestampText(value.seconds * 1_000_000n, '');
  if (value instanceof DuckDBTimestampMillisecondsValue) return timestampText(value.millis * 1_000n, '');
  if (value instanceof DuckDBTimestampNanosecondsValue) return timestampText(value.nanos / 1_000n, '');
  if (value instanceof DuckDBBlobValue) return Buffer.from(value.bytes).toString('base64');
  if (value instanceof DuckDBIntervalValue) return intervalText(value);
  return String(value);
}

function longText(value: bigint): string {
  if (value >= LEAST_LONG && value <= GREATEST_LONG) return String(value);
  throw new GatewayError(
    'caller_sql_failed',
    `[ARITHMETIC_OVERFLOW] ${value} does not fit BIGINT. Cast to DECIMAL(38,0) first.`,
  );
}

function numberText(value: number, { typeId }: DuckDBType): string {
  if (typeId === DuckDBTypeId.DOUBLE) return floatingText(value, String);
  return typeId === DuckDBTypeId.FLOAT ? floatingText(value, shortestFloat) : String(value);
}

/**
 * As Java prints floating-point numbers, and Spark with it: `1.0`, `1.0E10`, `NaN`, `Infinity`.
 * @param digitsOf the shortest text of a number that is read as that number.
 */
function floatingText(value: number, digitsOf: (value: number) => string): string {
  if (!Number.isFinite(value)) return String(value);
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  const size = Math.abs(value);
  // Digits without trailing zeros, of which `exponent` stand before the point.
  const [mantissa = '0', shift = '0'] = digitsOf(size).split('e');
  const [whole = '0', fraction = ''] = mantissa.split('.');
  const all = (whole + fraction).replace(/^0+/, '');
  const exponent = whole.length + Number(shift) - (whole.length + fraction.length - all.length);
  const digits = all.replace(/0+$/, '') || '0';
  if (size === 0) return `${sign}0.0`;
  if (size < 1e-3 || size >= 1e7) return `${sign}${digits[0]}.${digits.slice(1) || '0'}E${exponent - 1}`;
  if (exponent <= 0) return `${sign}0.${'0'.repeat(-exponent)}${digits}`;
  return `${sign}${digits.slice(0, exponent).padEnd(exponent, '0')}.${digits.slice(exponent) || '0'}`;
}

/** JavaScript has a FLOAT as a double, whose text has more digits than the FLOAT needs. */
function shortestFloat(value: number): string {
  for (let digits = 1; digits < 9; digits += 1) {
    const text = value.toPrecision(digits);
    if (Math.fround(Number(text)) === value) return text;
  }
  return String(value);
}

function dateText(days: number): string {
  return yearText(new Date(days * 86_400_000).toISOString()).slice(0, -14);
}

/** With milliseconds, the rest is cut off. */
function timestampText(micros: bigint, zone: string): string {
  const rest = ((micros % 1_000n) + 1_000n) % 1_000n;
  const millis = (micros - rest) / 1_000n;
  if (millis < -8_640_000_000_000_000n || millis > 8_640_000_000_000_000n)
    return millis < 0n ? '-infinity' : 'infinity';
  return yearText(new Date(Number(millis)).toISOString()).slice(0, -1) + zone;
}

/** JavaScript writes years beyond 9999 with six digits. */
function yearText(iso: string): string {
  return iso.replace(/^\+0*/, '');
}

function intervalText({ months, days, micros }: DuckDBIntervalValue): string {
  const parts: string[] = [];
  const add = (amount: bigint, unit: string): void => {
    if (amount !== 0n) parts.push(`${amount} ${unit}`);
  };
  add(BigInt(months) / 12n, 'years');
  add(BigInt(months) % 12n, 'months');
  add(BigInt(days), 'days');
  add(micros / 3_600_000_000n, 'hours');
  add((micros / 60_000_000n) % 60n, 'minutes');
  const seconds = micros % 60_000_000n;
  if (seconds !== 0n) parts.push(`${(Number(seconds) / 1e6).toString()} seconds`);
  return parts.length === 0 ? '0 seconds' : parts.join(' ');
}
