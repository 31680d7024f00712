import { syntaxError } from './syntax-error.ts';
import type { Token, TokenKind } from './token.ts';

const blank = /[\s\u00a0\ufeff]+/y;
const lineComment = /--[^\n]*/y;
const word = /[\p{L}_$\d][\p{L}\p{M}\p{N}_$]*/uy;
const number = /\d+(?:\.\d*)?(?:[eE][+-]?\d+)?(?![\p{L}\p{N}_])/uy;

/**
 * Cuts Databricks SQL into tokens, without comments, the last one of kind `end`. Takes time linear in the
 * length, and knows nothing of grammar: what is neither a word, a quoted thing nor a number comes out as
 * single characters.
 * @throws GatewayError `caller_sql_syntax` where a quote or comment is not closed.
 */
export function tokenize(sql: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; ;) {
    const token = tokenAt(sql, at);
    tokens.push(token);
    if (token.kind === 'end') return tokens;
    at = token.end;
  }
}

/** The first token at or after an offset. */
export function tokenAt(sql: string, offset: number): Token {
  const start = skipBlank(sql, offset);
  const first = sql.charAt(start);
  if (first === '') return { kind: 'end', value: '', keyword: '', start, end: start };
  if (first === "'" || first === '"') return textToken(sql, start, first);
  if (first === '`') return quotedToken(sql, start);
  const digits = match(number, sql, start);
  if (digits !== undefined) return plain('number', digits, start);
  const letters = match(word, sql, start);
  if (letters !== undefined) return { ...plain('word', letters, start), keyword: letters.toUpperCase() };
  return plain('symbol', String.fromCodePoint(sql.codePointAt(start)!), start);
}

function skipBlank(sql: string, offset: number): number {
  let at = offset;
  for (;;) {
    const skipped = match(blank, sql, at) ?? match(lineComment, sql, at);
    if (skipped !== undefined) at += skipped.length;
    else if (sql.startsWith('/*', at)) at = endOfComment(sql, at);
    else return at;
  }
}

/** Comments in brackets may stand in one another, as in Spark. */
function endOfComment(sql: string, start: number): number {
  let depth = 1;
  for (let at = start + 2; at < sql.length;) {
    if (sql.startsWith('*/', at)) {
      at += 2;
      depth -= 1;
      if (depth === 0) return at;
    } else if (sql.startsWith('/*', at)) {
      at += 2;
      depth += 1;
    } else at += 1;
  }
  throw syntaxError(sql, start, "Syntax error at or near '/*'", 'the comment is not closed, expected */');
}

function quotedToken(sql: string, start: number): Token {
  let value = '';
  for (let at = start + 1; ;) {
    const close = sql.indexOf('`', at);
    if (close < 0) {
      throw syntaxError(sql, start, "Syntax error at or near '`'", 'the name is not closed, expected a backquote');
    }
    value += sql.slice(at, close);
    if (sql.charAt(close + 1) !== '`') {
      return { kind: 'quoted', value, keyword: '', start, end: close + 1 };
    }
    value += '`';
    at = close + 2;
  }
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', 0: '\0', Z: '\u001a' };

function textToken(sql: string, start: number, quote: string): Token {
  const parts: string[] = [];
  let from = start + 1;
  for (let at = from; at < sql.length;) {
    const character = sql.charAt(at);
    if (character === quote && sql.charAt(at + 1) === quote) {
      parts.push(sql.slice(from, at + 1));
      at += 2;
      from = at;
    } else if (character === quote) {
      parts.push(sql.slice(from, at));
      return { kind: 'text', value: parts.join(''), keyword: '', start, end: at + 1 };
    } else if (character === '\\' && at + 1 < sql.length) {
      const { text, length } = escapeAt(sql, at + 1);
      parts.push(sql.slice(from, at), text);
      at += 1 + length;
      from = at;
    } else at += 1;
  }
  throw syntaxError(sql, start, `Syntax error at or near ${quote}`, `the text is not closed, expected ${quote}`);
}

/** The character that an escape stands for (Databricks SQL, "STRING type"), from after its backslash. */
function escapeAt(sql: string, at: number): { text: string; length: number } {
  const character = sql.charAt(at);
  const unicode = character === 'u' ? /u([\da-f]{4})/iy : /U([\da-f]{8})/y;
  const digits = match(unicode, sql, at)?.slice(1);
  const code = digits === undefined ? undefined : Number.parseInt(digits, 16);
  if (code !== undefined && code <= 0x10ffff) return { text: String.fromCodePoint(code), length: digits!.length + 1 };
  if (character === '%' || character === '_') return { text: `\\${character}`, length: 1 };
  return { text: escapes[character] ?? character, length: 1 };
}

function plain(kind: TokenKind, value: string, start: number): Token {
  return { kind, value, keyword: '', start, end: start + value.length };
}

function match(pattern: RegExp, sql: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(sql)?.[0];
}
