import { DirectoryError } from '../directory-error.ts';
import type { ScimObject } from './attributes.ts';

/** A filter (RFC 7644 3.4.2.2), parsed. */
export type Filter =
  | { readonly kind: 'and' | 'or'; readonly left: Filter; readonly right: Filter }
  | { readonly kind: 'not'; readonly inner: Filter }
  /** `emails[type eq "work"]` */
  | { readonly kind: 'some'; readonly attribute: string; readonly inner: Filter }
  | { readonly kind: 'present'; readonly path: readonly string[] }
  | { readonly kind: 'compare'; readonly path: readonly string[]; readonly op: Operator; readonly value: Literal };

export type Operator = 'eq' | 'ne' | 'co' | 'sw' | 'ew' | 'gt' | 'ge' | 'lt' | 'le';
export type Literal = string | number | boolean | null;

const OPERATORS = new Set<string>(['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le']);
const MAX_LENGTH = 4_096;
const MAX_DEPTH = 32;
const TOKEN = /\s*(?:("(?:[^"\\]|\\.)*")|([()[\]])|([^\s()[\]"]+))/y;
/** Compared as they are written (RFC 7643: `caseExact`). */
const CASE_EXACT = new Set(['id', 'externalid', 'value', '$ref', 'version']);

/** @throws DirectoryError `invalidFilter`, naming what was not expected. */
export function parseFilter(text: string): Filter {
  const parser = new Parser(text);
  const filter = parser.either(0);
  parser.end();
  return filter;
}

/** Whether a resource or an element of one passes. Text is compared without regard to case, but for ids. */
export function passes(filter: Filter, resource: ScimObject): boolean {
  switch (filter.kind) {
    case 'and':
      return passes(filter.left, resource) && passes(filter.right, resource);
    case 'or':
      return passes(filter.left, resource) || passes(filter.right, resource);
    case 'not':
      return !passes(filter.inner, resource);
    case 'some':
      return elementsOf(resource, filter.attribute).some((element) => passes(filter.inner, element));
    case 'present':
      return valuesAt(resource, filter.path).some((value) => value !== '' && value !== null && value !== undefined);
    case 'compare': {
      const { path, op, value } = filter;
      const exact = CASE_EXACT.has(path.at(-1)?.toLowerCase() ?? '') && !sameName(path[0] ?? '', 'emails');
      const found = valuesAt(resource, path);
      return op === 'ne'
        ? !found.some((one) => compares('eq', one, value, exact))
        : found.some((one) => compares(op, one, value, exact));
    }
  }
}

/** The names of top-level attributes that a filter looks at, lower-case. */
export function attributesOf(filter: Filter): readonly string[] {
  if ('left' in filter) {
    return [...attributesOf(filter.left), ...attributesOf(filter.right)];
  }
  if (filter.kind === 'not') return attributesOf(filter.inner);
  if (filter.kind === 'some') return [filter.attribute.toLowerCase()];
  return [(filter.path[0] ?? '').toLowerCase()];
}

/** The plain values at a path; of a multi-valued attribute all, `value` standing for an element. */
export function valuesAt(resource: ScimObject, path: readonly string[]): readonly unknown[] {
  let values: unknown[] = [resource];
  for (const name of path) {
    values = values.flatMap((value) => {
      const found = isObject(value) ? value[nameIn(value, name) ?? ''] : undefined;
      return Array.isArray(found) ? (found as unknown[]) : [found];
    });
  }
  return values
    .map((value) => (isObject(value) ? value['value'] : value))
    .filter((value) => value !== undefined && value !== null);
}

function elementsOf(resource: ScimObject, attribute: string): readonly ScimObject[] {
  const found = resource[nameIn(resource, attribute) ?? ''];
  return (Array.isArray(found) ? (found as unknown[]) : [found]).filter(isObject);
}

function nameIn(object: ScimObject, name: string): string | undefined {
  return Object.keys(object).find((one) => sameName(one, name));
}

function sameName(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase();
}

function isObject(value: unknown): value is ScimObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function compares(op: Operator, found: unknown, wanted: Literal, exact: boolean): boolean {
  if (typeof found === 'boolean') {
    const asked = typeof wanted === 'string' ? wanted.toLowerCase() : String(wanted);
    return op === 'eq' && asked === String(found);
  }
  if (typeof found !== 'string' || typeof wanted !== 'string') return op === 'eq' && found === wanted;
  const fold = (text: string): string => (exact ? text : text.normalize('NFC').toLowerCase());
  const [left, right] = [fold(found), fold(wanted)];
  switch (op) {
    case 'eq':
      return left === right;
    case 'ne':
      return left !== right;
    case 'co':
      return left.includes(right);
    case 'sw':
      return left.startsWith(right);
    case 'ew':
      return left.endsWith(right);
    case 'gt':
      return left > right;
    case 'ge':
      return left >= right;
    case 'lt':
      return left < right;
    case 'le':
      return left <= right;
  }
}

/** Recursive descent over the tokens; `or` binds weakest. */
class Parser {
  readonly #tokens: string[] = [];
  #at = 0;

  constructor(text: string) {
    if (text.length > MAX_LENGTH) throw invalid(`is longer than ${MAX_LENGTH} characters`);
    TOKEN.lastIndex = 0;
    const source = text.trimEnd();
    while (TOKEN.lastIndex < source.length) {
      const match = TOKEN.exec(source);
      if (match === null) throw invalid('has a quote that does not end');
      this.#tokens.push(match[1] ?? match[2] ?? match[3] ?? '');
    }
  }

  either(depth: number): Filter {
    let left = this.#both(depth);
    while (this.#takeWord('or')) left = { kind: 'or', left, right: this.#both(depth) };
    return left;
  }

  end(): void {
    if (this.#at < this.#tokens.length) throw this.#unexpected();
  }

  #both(depth: number): Filter {
    let left = this.#one(depth);
    while (this.#takeWord('and')) left = { kind: 'and', left, right: this.#one(depth) };
    return left;
  }

  #one(depth: number): Filter {
    if (depth > MAX_DEPTH) throw invalid('is nested too deeply');
    if (this.#peek()?.toLowerCase() === 'not' && this.#tokens[this.#at + 1] === '(') {
      this.#at++;
      return { kind: 'not', inner: this.#one(depth + 1) };
    }
    if (this.#take('(')) {
      const inner = this.either(depth + 1);
      if (!this.#take(')')) throw this.#unexpected();
      return inner;
    }
    const path = this.#path();
    if (this.#take('[')) {
      const inner = this.either(depth + 1);
      if (!this.#take(']') || path.length !== 1) throw this.#unexpected();
      return { kind: 'some', attribute: path[0] ?? '', inner };
    }
    if (this.#takeWord('pr')) return { kind: 'present', path };
    const op = this.#peek()?.toLowerCase() ?? '';
    if (!OPERATORS.has(op)) throw this.#unexpected();
    this.#at++;
    return { kind: 'compare', path, op: op as Operator, value: this.#literal() };
  }

  #path(): readonly string[] {
    const word = this.#peek() ?? '';
    const name = word.replace(/^urn:ietf:params:scim:schemas:core:2\.0:\w+:/i, '');
    const parts = /^[a-z$][\w$:.-]*$/i.test(name) ? name.split('.') : [];
    if (parts.length === 0 || parts.length > 3 || parts.includes('')) throw this.#unexpected();
    this.#at++;
    return parts;
  }

  #literal(): Literal {
    const word = this.#peek();
    let value: unknown;
    try {
      value = JSON.parse(word === undefined || word.startsWith('"') ? (word ?? '') : word.toLowerCase());
    } catch {
      throw this.#unexpected();
    }
    this.#at++;
    return value as Literal;
  }

  #peek(): string | undefined {
    return this.#tokens[this.#at];
  }

  #take(token: string): boolean {
    if (this.#peek() !== token) return false;
    this.#at++;
    return true;
  }

  #takeWord(word: string): boolean {
    if (this.#peek()?.toLowerCase() !== word) return false;
    this.#at++;
    return true;
  }

  #unexpected(): DirectoryError {
    const token = this.#peek();
    return invalid(token === undefined ? 'ends too early' : `has an unexpected '${token.slice(0, 50)}'`);
  }
}

function invalid(problem: string): DirectoryError {
  return new DirectoryError('invalidFilter', `The filter ${problem}.`, { param: 'filter' });
}
