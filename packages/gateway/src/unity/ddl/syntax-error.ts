import { GatewayError } from '../../errors/gateway-error.ts';
import type { Token } from './token.ts';

/** How much of a wrong token a message repeats. */
const MAX_SHOWN = 60;

/**
 * The error for a token that cannot stand where it stands.
 * @param expected what could have stood there, as the end of "expected …".
 */
export function unexpected(sql: string, token: Token, expected: string): GatewayError {
  const written = sql.slice(token.start, token.end);
  const cut = written.length > MAX_SHOWN ? `${written.slice(0, MAX_SHOWN)}…` : written;
  const shown = token.kind === 'end' ? 'end of input' : `'${cut.replace(/[\p{Cc}\p{Cs}]/gu, ' ')}'`;
  return syntaxError(sql, token.start, `Syntax error at or near ${shown}`, `expected ${expected}`);
}

/** The error for a place in the statement. Lines and columns count from 1. */
export function syntaxError(sql: string, offset: number, what: string, then: string): GatewayError {
  const { line, column } = placeOf(sql, offset);
  return new GatewayError(
    'caller_sql_syntax',
    `[PARSE_SYNTAX_ERROR] ${what} (line ${line}, column ${column}): ${then}.`,
  );
}

/** The refusal of something that Databricks SQL has and the gateway does not. */
export function notOffered(sql: string, token: Token, what: string, instead: string): GatewayError {
  const { line, column } = placeOf(sql, token.start);
  return new GatewayError(
    'caller_sql_refused',
    `[UNSUPPORTED_FEATURE] ${what} is not offered here (line ${line}, column ${column}): ${instead}.`,
  );
}

function placeOf(sql: string, offset: number): { line: number; column: number } {
  let line = 1;
  let lineStart = 0;
  for (let at = sql.indexOf('\n'); at >= 0 && at < offset; at = sql.indexOf('\n', at + 1)) {
    line += 1;
    lineStart = at + 1;
  }
  return { line, column: Array.from(sql.slice(lineStart, offset)).length + 1 };
}
