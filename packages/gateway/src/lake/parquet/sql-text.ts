/** Text as a DuckDB string literal. */
export function sqlString(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A name as a quoted DuckDB identifier. */
export function sqlName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Strings as a DuckDB list literal. */
export function sqlList(texts: readonly string[]): string {
  return `[${texts.map(sqlString).join(', ')}]`;
}
