import { init, transpile, type Dialect } from '@polyglot-sql/sdk';
import type { EditedText } from './edited-text.ts';
import { syntaxError } from './syntax-error.ts';

await init();

const DATABRICKS = 'databricks' as Dialect;
const DUCKDB = 'duckdb' as Dialect;

/**
 * Databricks SQL as DuckDB SQL.
 * @param original the caller's text, for line and column of an error.
 * @throws GatewayError `caller_sql_syntax`
 */
export function translate(prepared: EditedText, original: string): string {
  const result = transpile(prepared.text, DATABRICKS, DUCKDB);
  if (!result.success || result.sql === undefined || result.sql === null) {
    const offset = prepared.originalOffset(unitOffset(prepared.text, result.errorStart));
    throw syntaxError(original, offset, problem(result.error ?? 'the statement cannot be parsed'));
  }
  if (result.sql.length !== 1) throw syntaxError(original, undefined, 'only one statement can be run at a time');
  return result.sql[0]!;
}

/** The translator counts characters, strings count UTF-16 units. */
function unitOffset(text: string, characters: number | undefined): number {
  return characters === undefined ? text.length : Array.from(text).slice(0, characters).join('').length;
}

function problem(message: string): string {
  const text = message.replace(/^Parse error at line \d+, column \d+:\s*/i, '').replaceAll('dbx_', '');
  return text.charAt(0).toLowerCase() + text.slice(1);
}
