/** String literals, quoted names and comments: nothing in them is looked at. */
const LITERAL = /('(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[^]*?\*\/)/;

/**
 * A statement with `?` placeholders, in PostgreSQL's form (`$1`, `$2`, …). Question marks inside literals stay.
 * JSON operators with question marks are not in the SQL that both databases share.
 */
export function numberedPlaceholders(sql: string): string {
  let number = 0;
  return outsideLiterals(sql, (part) => part.replace(/\?/g, () => `$${++number}`));
}

/**
 * A migration, written with SQLite's names of types, for PostgreSQL. Text is compared and sorted by its bytes, as
 * SQLite does it, whatever the language of the database is.
 */
export function postgresSchema(sql: string): string {
  return outsideLiterals(sql, (part) =>
    part
      .replace(/\bINTEGER\b/g, 'BIGINT')
      .replace(/\bBLOB\b/g, 'BYTEA')
      .replace(/\bTEXT\b/g, 'TEXT COLLATE "C"')
      .replace(/\)\s*STRICT\b/g, ')'),
  );
}

/** Changes what is not inside a string literal, a quoted name or a comment. */
function outsideLiterals(sql: string, change: (part: string) => string): string {
  return sql
    .split(LITERAL)
    .map((part, at) => (at % 2 === 0 ? change(part) : part))
    .join('');
}
