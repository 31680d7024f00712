import { syntaxError } from './syntax-error.ts';

export type TokenKind = 'word' | 'quoted' | 'string' | 'number' | 'symbol' | 'marker';

/** A piece of a statement in Databricks SQL. Spaces and comments are between tokens. */
export interface Token {
  readonly kind: TokenKind;
  /** A word as written, a quoted name without its quotes, a string's inside as written, a marker without its colon. */
  readonly text: string;
  /** Offsets into the statement, in UTF-16 units. */
  readonly start: number;
  readonly end: number;
}

const SPACE = /\s+|--[^\n]*/y;
const WORD = /[\p{L}_][\p{L}\p{M}\p{N}_]*/uy;
const NUMBER = /(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?:BD|[LSYDF])?(?![\p{L}\p{N}_])/iuy;
const SYMBOL = /::|<=>|<=|>=|<>|!=|==|\|\||->|=>|[-+*/%&|^~<>=!.,:;()[\]{}?@]/y;
const STRING = /'[^'\\]*(?:(?:\\[\s\S]|'')[^'\\]*)*'|"[^"\\]*(?:(?:\\[\s\S]|"")[^"\\]*)*"/y;
const RAW_STRING = /[rR](?:'[^']*'|"[^"]*")/y;
const QUOTED = /`[^`]*(?:``[^`]*)*`/y;

/**
 * Cuts a statement into tokens (Databricks SQL: lexical structure). Bracketed comments nest.
 * @throws GatewayError `caller_sql_syntax` for a text that does not end or a character that belongs nowhere.
 */
export function tokenize(sql: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < sql.length) {
    const skipped = match(SPACE, sql, at) ?? comment(sql, at);
    if (skipped !== undefined) {
      at += skipped.length;
      continue;
    }
    const token = next(sql, at, tokens.at(-1));
    tokens.push(token);
    at = token.end;
  }
  return tokens;
}

/** Whether the token is the word or symbol, whatever its case. */
export function is(token: Token | undefined, ...texts: readonly string[]): boolean {
  if (token === undefined || (token.kind !== 'word' && token.kind !== 'symbol')) return false;
  const text = token.text.toUpperCase();
  return texts.includes(text);
}

function next(sql: string, start: number, before: Token | undefined): Token {
  const string = match(RAW_STRING, sql, start) ?? match(STRING, sql, start);
  if (string !== undefined) return make('string', string, start, string.length);
  const quoted = match(QUOTED, sql, start);
  if (quoted !== undefined) {
    const name = quoted.slice(1, -1).replaceAll('``', '`');
    if (hasControl(name)) throw syntaxError(sql, start, 'a name must not have control characters');
    return make('quoted', name, start, quoted.length);
  }
  const number = match(NUMBER, sql, start);
  if (number !== undefined) return make('number', number, start, number.length);
  const word = match(WORD, sql, start);
  if (word !== undefined) return make('word', word, start, word.length);
  const symbol = match(SYMBOL, sql, start);
  if (symbol === undefined) throw syntaxError(sql, start, unexpected(sql, start));
  const name = symbol === ':' && !followsOperand(before, start) ? match(WORD, sql, start + 1) : undefined;
  if (name !== undefined) return make('marker', name, start, name.length + 1);
  return make('symbol', symbol, start, symbol.length);
}

/** `price:field` is a path, `= :name` a parameter: a path has no space before its colon. */
function followsOperand(before: Token | undefined, start: number): boolean {
  if (before === undefined || before.end !== start) return false;
  return before.kind === 'symbol' ? before.text === ')' || before.text === ']' : true;
}

function unexpected(sql: string, start: number): string {
  const character = String.fromCodePoint(sql.codePointAt(start)!);
  if (character === "'" || character === '"' || character === '`') return 'a quoted text is not closed';
  return hasControl(character) ? 'a control character is not allowed here' : `unexpected '${character}'`;
}

function comment(sql: string, start: number): string | undefined {
  if (!sql.startsWith('/*', start)) return undefined;
  let depth = 0;
  for (let at = start; at < sql.length - 1; at += 1) {
    const pair = sql.slice(at, at + 2);
    if (pair !== '/*' && pair !== '*/') continue;
    depth += pair === '/*' ? 1 : -1;
    at += 1;
    if (depth === 0) return sql.slice(start, at + 1);
  }
  throw syntaxError(sql, start, 'a comment is not closed');
}

function make(kind: TokenKind, text: string, start: number, length: number): Token {
  return { kind, text, start, end: start + length };
}

function match(pattern: RegExp, sql: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(sql)?.[0];
}

function hasControl(text: string): boolean {
  return [...text].some((character) => character < ' ' || character === '\u007f');
}
