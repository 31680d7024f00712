import type { PrimitiveName } from '../schema/delta-type.ts';

/** A value of a type in a form that compares exactly with others of the type. */
export type ExactValue =
  | { readonly kind: 'decimal'; readonly digits: bigint; readonly exponent: number }
  | { readonly kind: 'double'; readonly value: number }
  | { readonly kind: 'text'; readonly bytes: Buffer }
  /** Microseconds since 1970, or days, or 0 and 1 for booleans. */
  | { readonly kind: 'ordinal'; readonly value: bigint };

/** Beyond it a number is not worth its zeros. */
const MAX_EXPONENT = 400;

/**
 * Reads a value from text as filters, statistics and partition values spell it. `undefined` where the text is no such
 * value, or the type has no order that is known here.
 */
export function exactValue(text: string, type: PrimitiveName): ExactValue | undefined {
  switch (type) {
    case 'string':
      return { kind: 'text', bytes: Buffer.from(text) };
    case 'float':
    case 'double':
      return double(text);
    case 'boolean':
      return text === 'true' || text === 'false' ? { kind: 'ordinal', value: text === 'true' ? 1n : 0n } : undefined;
    case 'date':
      return /^\d{4}-\d\d-\d\d$/.test(text) ? timestamp(text) : undefined;
    case 'timestamp':
    case 'timestamp_ntz':
      return timestamp(text);
    case 'binary':
    case 'variant':
      return undefined;
    default:
      return decimal(text);
  }
}

/** Below zero, zero or above, as `left` lies before, at or behind `right`. */
export function compareExact(left: ExactValue, right: ExactValue): number | undefined {
  if (left.kind === 'decimal' && right.kind === 'decimal') {
    const exponent = Math.min(left.exponent, right.exponent);
    return order(
      left.digits * 10n ** BigInt(left.exponent - exponent),
      right.digits * 10n ** BigInt(right.exponent - exponent),
    );
  }
  if (left.kind === 'text' && right.kind === 'text') return Buffer.compare(left.bytes, right.bytes);
  if (left.kind === 'double' && right.kind === 'double') return order(left.value, right.value);
  if (left.kind === 'ordinal' && right.kind === 'ordinal') return order(left.value, right.value);
  return undefined;
}

function order<T extends number | bigint>(left: T, right: T): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

function decimal(text: string): ExactValue | undefined {
  const parts = /^([+-]?)(\d{1,100})(?:\.(\d{0,100}))?(?:[eE]([+-]?\d{1,6}))?$/.exec(text.trim());
  if (!parts) return undefined;
  const [, sign, whole = '', fraction = '', power = '0'] = parts;
  const exponent = Number(power) - fraction.length;
  if (Math.abs(exponent) > MAX_EXPONENT) return undefined;
  const digits = BigInt(whole + fraction);
  return { kind: 'decimal', digits: sign === '-' ? -digits : digits, exponent };
}

function double(text: string): ExactValue | undefined {
  const value = text.trim() === '' ? NaN : Number(text);
  return Number.isNaN(value) ? undefined : { kind: 'double', value };
}

/** ISO 8601, or with a blank for the `T`; without a zone it is UTC. More than six decimals are cut. */
function timestamp(text: string): ExactValue | undefined {
  const parts = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d(?::?\d\d)?)?)?$/.exec(
    text.trim(),
  );
  if (!parts) return undefined;
  const [, day, time = '00:00:00', fraction = '', zone = 'Z'] = parts;
  const seconds = Date.parse(`${day}T${time}${zoneText(zone)}`);
  if (Number.isNaN(seconds)) return undefined;
  return { kind: 'ordinal', value: BigInt(seconds) * 1000n + BigInt(fraction.padEnd(6, '0').slice(0, 6)) };
}

function zoneText(zone: string): string {
  if (zone === 'Z') return zone;
  return `${zone.slice(0, 3)}:${zone.length > 3 ? zone.slice(-2) : '00'}`;
}
