import { EditedText, type TextEdit } from './edited-text.ts';
import { outputTexts } from './output-texts.ts';
import { PROTECTED, protectedFunctions } from './protected-functions.ts';
import { refused, syntaxError } from './syntax-error.ts';
import { readTravel } from './time-travel.ts';
import { is, tokenize, type Token } from './tokens.ts';
import { words } from '../words.ts';

/**
 * Stands in a name between the table's own name and its time travel, and between the parts of `schema.table`
 * before `.*`; no caller's name can have it.
 */
export const TRAVEL_MARK = '\u0001';
/** The function that a parameter marker becomes; its argument is the marker's number. */
export const PARAMETER_FUNCTION = `${PROTECTED}parameter`;
/** The function around a cast that gives null instead of an error. */
export const TRY_FUNCTION = `${PROTECTED}try`;

/** A statement that the translator understands as Databricks does. */
export interface PreparedStatement {
  readonly text: EditedText;
  /** Names of the parameter markers, by their number. */
  readonly markers: readonly string[];
  /** Expressions of `TIMESTAMP AS OF`, by their number. */
  readonly timestamps: readonly string[];
  /** The expressions of the outermost select list as written, for the names of columns without one. */
  readonly outputs: readonly string[];
}

const LONGEST = 1024 * 1024;
const DUCKDB_KEYWORDS = words(`
    AT DEFAULT COLUMN SHOW DESCRIBE DO PLACING LAMBDA INITIALLY DEFERRABLE VARIADIC ANALYSE ANALYZE
    ASYMMETRIC SYMMETRIC CHECK CONSTRAINT FOREIGN PRIMARY REFERENCES RETURNING UNIQUE SUMMARIZE GLOB ASOF
  `);
/** First arguments of the functions on dates that have a unit; the translator knows these. */
const UNITS = [
  'YEAR',
  'QUARTER',
  'MONTH',
  'WEEK',
  'DAY',
  'DAYOFYEAR',
  'HOUR',
  'MINUTE',
  'SECOND',
  'MILLISECOND',
  'MICROSECOND',
];

/**
 * Takes out of a query what the translator would lose or get wrong: parameter markers, time travel and
 * functions that mean something else in DuckDB.
 * @throws GatewayError `caller_sql_syntax`; `caller_sql_refused` where it is not one query.
 */
export function prepareStatement(sql: string): PreparedStatement {
  if (sql.length > LONGEST) throw refused(`A statement may have at most ${LONGEST} characters.`);
  const tokens = tokenize(sql);
  while (is(tokens.at(-1), ';')) tokens.pop();
  requireQuery(sql, tokens);
  return new Preparation(sql, tokens).run();
}

function requireQuery(sql: string, tokens: readonly Token[]): void {
  const first = tokens.find((token) => !is(token, '('));
  if (first === undefined) throw syntaxError(sql, sql.length, 'the statement is empty');
  const second = tokens.find((token) => is(token, ';'));
  if (second) throw syntaxError(sql, second.start, 'only one statement can be run at a time');
  if (is(first, 'SELECT', 'WITH', 'VALUES', 'FROM', 'TABLE')) return;
  if (first.kind !== 'word') throw syntaxError(sql, first.start, `unexpected '${first.text}'`);
  if (
    /^(explain|copy|attach|detach|install|load|pragma|set|reset|export|import|call|use|checkpoint|vacuum|insert|update|delete|merge|create|alter|drop|truncate|describe|desc|show|summarize|execute|prepare|deallocate|begin|commit|rollback|optimize|cache|refresh|analyze|grant|revoke|pivot|unpivot)$/i.test(
      first.text,
    )
  ) {
    throw refused(
      `${first.text.toUpperCase()} is not offered here; this warehouse runs queries and the statements of Unity Catalog.`,
    );
  }
  throw syntaxError(sql, first.start, `unexpected '${first.text}'`);
}

class Preparation {
  readonly #sql: string;
  readonly #tokens: readonly Token[];
  readonly #edits: TextEdit[] = [];
  readonly #markers: string[] = [];
  readonly #timestamps: string[] = [];

  constructor(sql: string, tokens: readonly Token[]) {
    this.#sql = sql;
    this.#tokens = tokens;
  }

  run(): PreparedStatement {
    for (let index = 0; index < this.#tokens.length;) index = this.#step(index);
    const last = this.#tokens.at(-1)!;
    this.#replace(last.end, this.#sql.length, '');
    const text = new EditedText(this.#sql, this.#edits);
    return {
      text,
      markers: this.#markers,
      timestamps: this.#timestamps,
      outputs: outputTexts(this.#sql, this.#tokens),
    };
  }

  /** @returns the index to go on with. */
  #step(index: number): number {
    const token = this.#tokens[index]!;
    if (token.kind === 'marker') this.#marker(token);
    else if (is(token, '?')) throw syntaxError(this.#sql, token.start, "parameters are written ':name'");
    else if (is(token, '!')) this.#replace(token.start, token.end, ' NOT ');
    else if (is(token, '==')) this.#replace(token.start, token.end, '=');
    else if (is(token, 'DATE', 'TIMESTAMP', 'TIMESTAMP_LTZ') && this.#tokens[index + 1]?.kind === 'string')
      this.#literal(index);
    else if (is(token, 'LEFT') && is(this.#tokens[index + 1], 'ANTI', 'SEMI'))
      this.#replace(token.start, token.end, '');
    else if (is(token, 'ALL') && is(this.#tokens[index - 1], 'BY') && is(this.#tokens[index - 2], 'ORDER'))
      this.#orderByAll(token);
    else if (is(this.#tokens[index + 1], '(') && token.kind === 'word' && !is(this.#tokens[index - 1], '.'))
      this.#call(index);
    else if (token.kind === 'word' || token.kind === 'quoted') return this.#name(index);
    return index + 1;
  }

  #marker(token: Token): void {
    this.#replace(token.start, token.end, `${PARAMETER_FUNCTION}(${this.#markers.length})`);
    this.#markers.push(token.text);
  }

  /** `DATE '2026-01-02'`. */
  #literal(index: number): void {
    const type = this.#tokens[index]!;
    const value = this.#tokens[index + 1]!;
    this.#replace(type.start, type.end, 'CAST(');
    this.#replace(value.end, value.end, ` AS ${is(type, 'DATE') ? 'DATE' : 'TIMESTAMP'})`);
  }

  #orderByAll(token: Token): void {
    this.#replace(token.start, token.end, `${PROTECTED}all`);
  }

  #call(index: number): void {
    const token = this.#tokens[index]!;
    const name = token.text.toLowerCase();
    if (name === 'try_cast') return this.#tryCast(index);
    if (!protectedFunctions.has(name) || this.#isNoCall(index)) return;
    this.#replace(token.start, token.end, PROTECTED + name);
  }

  /** `EXISTS (SELECT …`, a type such as `CAST(x AS DECIMAL(10, 2))`, a common table's name, `LEFT (SELECT`. */
  #isNoCall(index: number): boolean {
    const before = this.#tokens[index - 1];
    const inside = this.#tokens[index + 2];
    if (is(inside, 'SELECT', 'WITH', 'VALUES', 'FROM'))
      return is(this.#tokens[index], 'EXISTS', 'SOME', 'ANY', 'LEFT', 'RIGHT');
    if (is(this.#tokens[index], 'DATEDIFF', 'DATE_DIFF') && is(inside, ...UNITS) && is(this.#tokens[index + 3], ','))
      return true;
    return is(before, 'AS', '::', '<', ':', 'WITH', 'RECURSIVE');
  }

  #tryCast(index: number): void {
    const token = this.#tokens[index]!;
    const close = this.#closing(index + 1);
    this.#replace(token.start, token.end, `${TRY_FUNCTION}(CAST`);
    this.#replace(close.end, close.end, ')');
  }

  #closing(open: number): Token {
    let depth = 0;
    for (const token of this.#tokens.slice(open)) {
      if (is(token, '(')) depth += 1;
      if (is(token, ')')) depth -= 1;
      if (depth === 0) return token;
    }
    throw syntaxError(this.#sql, this.#tokens[open]!.start, "')' is missing");
  }

  /** A name that nothing is called with: of a table, a column, or before a star. */
  #name(index: number): number {
    const parts = [this.#tokens[index]!];
    while (is(this.#tokens[index + parts.length * 2 - 1], '.') && isName(this.#tokens[index + parts.length * 2])) {
      parts.push(this.#tokens[index + parts.length * 2]!);
    }
    const end = index + parts.length * 2 - 1;
    if (parts.length > 1 && is(this.#tokens[end], '.') && is(this.#tokens[end + 1], '*')) {
      this.#replace(parts[0]!.start, parts.at(-1)!.end, quote(parts.map((part) => part.text).join(TRAVEL_MARK)));
      return end + 2;
    }
    const next = this.#travel(end - 1);
    const quotable = next === end ? parts : parts.slice(0, -1);
    for (const part of quotable) if (parts.length > 1 || this.#isNameToDuckdb(index)) this.#quote(part);
    return next;
  }

  /** A word that is an ordinary name here and a keyword of DuckDB. */
  #isNameToDuckdb(index: number): boolean {
    return is(this.#tokens[index], ...DUCKDB_KEYWORDS) && !is(this.#tokens[index + 1], 'TIME', '(');
  }

  #quote(token: Token): void {
    if (token.kind === 'word') this.#replace(token.start, token.end, quote(token.text));
  }

  #travel(index: number): number {
    const name = this.#tokens[index]!;
    const clause = readTravel(this.#sql, this.#tokens, index + 1);
    if (clause === undefined) return index + 1;
    let mark = `V${clause.text}`;
    if (clause.kind === 'timestamp') mark = `T${this.#timestamps.push(clause.text) - 1}`;
    this.#replace(name.start, this.#tokens[clause.next - 1]!.end, quote(name.text + TRAVEL_MARK + mark));
    return clause.next;
  }

  #replace(start: number, end: number, text: string): void {
    if (start !== end || text !== '') this.#edits.push({ start, end, text });
  }
}

function isName(token: Token | undefined): boolean {
  return token?.kind === 'word' || token?.kind === 'quoted';
}

function quote(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}
