import { refused } from '../databricks/syntax-error.ts';

/** Where a format has the number of the quarter, which DuckDB's has no code for. */
export const QUARTER_MARK = '\u0002';

const codes: Readonly<Record<string, string>> = {
  yyyy: '%Y',
  y: '%Y',
  yy: '%y',
  MMMM: '%B',
  MMM: '%b',
  MM: '%m',
  M: '%-m',
  dd: '%d',
  d: '%-d',
  D: '%j',
  DDD: '%j',
  HH: '%H',
  H: '%-H',
  hh: '%I',
  h: '%-I',
  mm: '%M',
  m: '%-M',
  ss: '%S',
  s: '%-S',
  SSS: '%g',
  SSSSSS: '%f',
  SSSSSSSSS: '%n',
  DD: '%-j',
  LLLL: '%B',
  LLL: '%b',
  LL: '%m',
  L: '%-m',
  a: '%p',
  E: '%a',
  EE: '%a',
  EEE: '%a',
  EEEE: '%A',
};

/** Only for writing: all times are written in UTC. */
const writingCodes: Readonly<Record<string, string>> = {
  ...codes,
  Q: QUARTER_MARK,
  QQ: `0${QUARTER_MARK}`,
  QQQ: `Q${QUARTER_MARK}`,
  q: QUARTER_MARK,
  X: 'Z',
  XX: 'Z',
  XXX: 'Z',
  x: '+00',
  xx: '+0000',
  xxx: '+00:00',
  Z: '+0000',
  z: 'UTC',
  VV: 'UTC',
};
const readingCodes: Readonly<Record<string, string>> = {
  ...codes,
  X: '%z',
  XX: '%z',
  XXX: '%z',
  x: '%z',
  xx: '%z',
  xxx: '%z',
  Z: '%z',
  z: '%Z',
};

/**
 * A Databricks datetime pattern (`yyyy-MM-dd'T'HH:mm:ss`) as DuckDB's `strftime` format.
 * @throws GatewayError `caller_sql_refused` for a letter that has no counterpart.
 */
export function strftimeFormat(pattern: string): string {
  return duckFormat(pattern, writingCodes);
}

/**
 * The same pattern as DuckDB's `strptime` format.
 * @throws GatewayError `caller_sql_refused`
 */
export function strptimeFormat(pattern: string): string {
  return duckFormat(pattern, readingCodes);
}

function duckFormat(pattern: string, known: Readonly<Record<string, string>>): string {
  return pattern.replaceAll(/'((?:[^']|'')*)'|([A-Za-z])\2*|%/g, (part: string, quoted: string | undefined) => {
    if (part === "''") return "'";
    if (part === '%') return '%%';
    if (quoted !== undefined) return quoted.replaceAll("''", "'").replaceAll('%', '%%');
    const code = known[part];
    if (code === undefined) throw refused(`The datetime pattern '${pattern}' has '${part}', which is not offered.`);
    return code;
  });
}
