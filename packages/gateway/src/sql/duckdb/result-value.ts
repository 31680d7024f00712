import {
  DuckDBArrayValue,
  DuckDBBlobValue,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBIntervalValue,
  DuckDBListValue,
  DuckDBMapValue,
  DuckDBStructValue,
  DuckDBTimestampMillisecondsValue,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampSecondsValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  type DuckDBValue,
} from '@duckdb/node-api';
import { GatewayError } from '../../errors/gateway-error.ts';

const LEAST_LONG = -(2n ** 63n);
const GREATEST_LONG = 2n ** 63n - 1n;

/**
 * A value as the JSON_ARRAY format of the SQL Statement Execution API has it.
 * @throws GatewayError `caller_sql_failed` for a whole number outside BIGINT.
 */
export function valueText(value: DuckDBValue): string | null {
  if (value === null) return null;
  if (isNested(value)) return nestedText(value);
  return scalarText(value);
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
function nestedText(value: DuckDBValue): string {
  if (value === null) return 'null';
  if (value instanceof DuckDBListValue || value instanceof DuckDBArrayValue)
    return `[${value.items.map(nestedText).join(',')}]`;
  if (value instanceof DuckDBStructValue) return objectText(Object.entries(value.entries));
  if (value instanceof DuckDBMapValue)
    return objectText(value.entries.map(({ key, value: held }) => [valueText(key) ?? 'null', held]));
  const isBare =
    typeof value === 'boolean' ||
    typeof value === 'bigint' ||
    value instanceof DuckDBDecimalValue ||
    (typeof value === 'number' && Number.isFinite(value));
  return isBare ? scalarText(value) : JSON.stringify(scalarText(value));
}

function objectText(entries: readonly (readonly [string, DuckDBValue])[]): string {
  return `{${entries.map(([key, value]) => `${JSON.stringify(key)}:${nestedText(value)}`).join(',')}}`;
}

function scalarText(value: DuckDBValue): string {
  if (typeof value === 'bigint') return longText(value);
  if (typeof value === 'number') return numberText(value);
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

/** As Java prints doubles where JSON has no number: `NaN`, `Infinity`. */
function numberText(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
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
