import type { GatewayError } from '../../errors/gateway-error.ts';
import { notOffered, unexpected } from './syntax-error.ts';
import { tokenize } from './tokenize.ts';
import type { Token } from './token.ts';

/** Goes through the tokens of one statement, and says what was expected where they do not fit. */
export class TokenReader {
  readonly sql: string;
  readonly #tokens: readonly Token[];
  #at = 0;

  /** @throws GatewayError `caller_sql_syntax` */
  constructor(sql: string) {
    this.sql = sql;
    this.#tokens = tokenize(sql);
  }

  /** The next token, or one after it. */
  peek(ahead = 0): Token {
    return this.#tokens[Math.min(this.#at + ahead, this.#tokens.length - 1)]!;
  }

  next(): Token {
    const token = this.peek();
    this.#at += 1;
    return token;
  }

  /** Whether these keywords come next, one after the other. */
  sees(...keywords: string[]): boolean {
    return keywords.every((keyword, at) => this.peek(at).keyword === keyword);
  }

  /** Takes these keywords where they come next. */
  takes(...keywords: string[]): boolean {
    if (!this.sees(...keywords)) return false;
    this.#at += keywords.length;
    return true;
  }

  seesSymbol(symbol: string): boolean {
    const token = this.peek();
    return token.kind === 'symbol' && token.value === symbol;
  }

  takesSymbol(symbol: string): boolean {
    if (!this.seesSymbol(symbol)) return false;
    this.#at += 1;
    return true;
  }

  /** Takes keywords that must come next. */
  must(...keywords: string[]): void {
    for (const [at, keyword] of keywords.entries()) {
      if (!this.takes(keyword)) throw this.unexpected(keywords.slice(at).join(' '));
    }
  }

  mustSymbol(symbol: string, expected = `'${symbol}'`): void {
    if (!this.takesSymbol(symbol)) throw this.unexpected(expected);
  }

  /** An identifier, with or without backquotes. */
  identifier(what: string): string {
    const token = this.peek();
    if (token.kind === 'word' || (token.kind === 'quoted' && token.value !== '')) return this.next().value;
    if (token.kind === 'text') throw this.unexpected(`${what}; names are written in \`backquotes\`, not as text`);
    throw this.unexpected(what);
  }

  /** A name of at most `parts` parts with dots between them. */
  name(what: string, parts: number): string[] {
    const name = [this.identifier(what)];
    while (this.seesSymbol('.')) {
      if (name.length === parts) throw this.unexpected(`no more than ${parts} part${parts > 1 ? 's' : ''} in ${what}`);
      this.next();
      name.push(this.identifier(`the next part of ${what}`));
    }
    if (this.seesSymbol('-')) {
      throw this.unexpected(
        `the end of ${what}; put names with other characters than letters, digits and _ in \`backquotes\``,
      );
    }
    return name;
  }

  text(what: string): string {
    if (this.peek().kind !== 'text') throw this.unexpected(what);
    return this.next().value;
  }

  /** One or more things with commas between them, in round brackets. */
  list<T>(item: () => T, what: string): T[] {
    this.mustSymbol('(', `'(' before ${what}`);
    const items = [item()];
    while (this.takesSymbol(',')) items.push(item());
    this.mustSymbol(')', "',' or ')'");
    return items;
  }

  /** The statement must end here; one `;` may stand at the end. */
  end(expected = 'the end of the statement'): void {
    const semicolon = this.takesSymbol(';');
    if (this.peek().kind === 'end') return;
    throw this.unexpected(semicolon ? 'nothing after the semicolon; send one statement at a time' : expected);
  }

  unexpected(expected: string): GatewayError {
    return unexpected(this.sql, this.peek(), expected);
  }

  /** The refusal of a part of the language, at the next token. */
  notOffered(what: string, instead: string): GatewayError {
    return notOffered(this.sql, this.peek(), what, instead);
  }
}
