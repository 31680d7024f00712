/** Longest string bound, in code points. */
export const MAX_BOUND_LENGTH = 32;
const LAST_CODE_POINT = 0x10ffff;

/** A lower bound of at most 32 code points: the beginning of the text. */
export function lowestText(text: string): string {
  return text.length <= MAX_BOUND_LENGTH ? text : beginning(text).join('');
}

/**
 * An upper bound of at most 32 code points, in the order of code points (which is that of UTF-8 bytes): the text itself,
 * or its beginning with the last character that can be raised raised by one. `undefined` where none can.
 */
export function highestText(text: string): string | undefined {
  if (text.length <= MAX_BOUND_LENGTH) return text;
  const points = beginning(text);
  if (points.join('').length === text.length) return text;
  for (let length = points.length; length > 0; length--) {
    const last = points[length - 1]?.codePointAt(0) ?? LAST_CODE_POINT;
    if (last < LAST_CODE_POINT) return points.slice(0, length - 1).join('') + String.fromCodePoint(raised(last));
  }
  return undefined;
}

function beginning(text: string): string[] {
  const points: string[] = [];
  for (const point of text) {
    if (points.length === MAX_BOUND_LENGTH) break;
    points.push(point);
  }
  return points;
}

/** The next code point; surrogates are none. */
function raised(point: number): number {
  return point === 0xd7ff ? 0xe000 : point + 1;
}

/** A number as JSON writes it, digit by digit as it was; `undefined` for infinities and NaN. */
export function numberBound(text: string): string | undefined {
  return /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/.test(text) ? text : undefined;
}

/** `YYYY-MM-DD`; `undefined` outside of the years 1 to 9999. */
export function dateBound(text: string): string | undefined {
  return /^\d{4}-\d\d-\d\d$/.test(text) ? text : undefined;
}

/**
 * DuckDB's text of a timestamp (UTC) as ISO 8601 with milliseconds, without a zone: rounded down for `min`, up for `max`.
 * `undefined` outside of the years 1 to 9999, and for infinities.
 */
export function timestampBound(text: string, side: 'min' | 'max'): string | undefined {
  const parts = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?(?:\+00(?::00)?)?$/.exec(text);
  if (!parts) return undefined;
  const micros = (parts[3] ?? '').padEnd(6, '0');
  const millis = Date.parse(`${parts[1]}T${parts[2]}.${micros.slice(0, 3)}Z`);
  const up = side === 'max' && micros.slice(3) !== '000' ? 1 : 0;
  const iso = new Date(millis + up).toISOString();
  return iso.length === 24 ? iso.slice(0, -1) : undefined;
}
