import { GatewayError } from '../../errors/gateway-error.ts';

/** `[PARSE_SYNTAX_ERROR]` at an offset of a statement; `undefined`: somewhere. */
export function syntaxError(sql: string, offset: number | undefined, problem: string): GatewayError {
  if (offset === undefined)
    return new GatewayError('caller_sql_syntax', `[PARSE_SYNTAX_ERROR] Syntax error: ${problem}.`);
  const before = sql.slice(0, Math.max(0, Math.min(offset, sql.length))).split('\n');
  const column = before.at(-1)!.length + 1;
  return new GatewayError(
    'caller_sql_syntax',
    `[PARSE_SYNTAX_ERROR] Syntax error: ${problem} (line ${before.length}, column ${column}).`,
  );
}

/** The statement asks for something that is not offered. */
export function refused(what: string): GatewayError {
  return new GatewayError('caller_sql_refused', `[UNSUPPORTED_FEATURE] ${what}`);
}
