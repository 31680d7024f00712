/**
 * Gives each `?` marker of a statement a name. A `?` within a string, a name in backticks or a comment is
 * no marker. Time is linear in the statement's length, whatever it holds.
 * @param name of the marker with this number, from 1.
 */
export function nameMarkers(sql: string, name: (number: number) => string): { sql: string; count: number } {
  const parts: string[] = [];
  let count = 0;
  let from = 0;
  let at = 0;
  while (at < sql.length) {
    const end = endOfOpaque(sql, at);
    if (end === at && sql[at] === '?') {
      count += 1;
      parts.push(sql.slice(from, at), `:${name(count)}`);
      from = at + 1;
    }
    at = Math.max(end, at + 1);
  }
  return { sql: parts.join('') + sql.slice(from), count };
}

/** Where the string, quoted name or comment that begins at `at` ends; `at` itself where none begins. */
function endOfOpaque(sql: string, at: number): number {
  switch (sql[at]) {
    case "'":
    case '"':
      return endOfString(sql, at, /(^|\W)r$/i.test(sql.slice(Math.max(0, at - 2), at)));
    case '`':
      return after(sql, '`', at + 1);
    case '-':
      return sql[at + 1] === '-' ? after(sql, '\n', at + 2) : at;
    case '/':
      return sql[at + 1] === '*' ? after(sql, '*/', at + 2) : at;
    default:
      return at;
  }
}

/** A doubled quote needs no care: the second one begins the next string. */
function endOfString(sql: string, at: number, raw: boolean): number {
  for (let next = at + 1; next < sql.length; next++) {
    if (sql[next] === '\\' && !raw) next += 1;
    else if (sql[next] === sql[at]) return next + 1;
  }
  return sql.length;
}

function after(sql: string, mark: string, from: number): number {
  const found = sql.indexOf(mark, from);
  return found < 0 ? sql.length : found + mark.length;
}
