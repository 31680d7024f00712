import type { StructField, StructType } from '../../lake/schema/delta-type.ts';
import { serviceKinds, type Securable } from '../securable.ts';
import { parseType, refuseConstraints } from './parse-type.ts';
import { unexpected } from './syntax-error.ts';
import type { TokenReader } from './token-reader.ts';

/** Parts that several statements share. */

/** `IF NOT EXISTS`, where it stands. */
export function ifNotExists(reader: TokenReader): boolean {
  if (!reader.sees('IF') || !['NOT', 'EXISTS'].includes(reader.peek(1).keyword)) return false;
  reader.must('IF', 'NOT', 'EXISTS');
  return true;
}

/** `IF EXISTS`, where it stands. */
export function ifExists(reader: TokenReader): boolean {
  if (!reader.sees('IF') || !['NOT', 'EXISTS'].includes(reader.peek(1).keyword)) return false;
  reader.must('IF', 'EXISTS');
  return true;
}

/** The word for a kind of object, and its name. */
export function securable(reader: TokenReader): Securable {
  const service = serviceSecurable(reader);
  if (service !== undefined) return service;
  const kind = securableKind(reader);
  if (kind === undefined) throw reader.unexpected('CATALOG, SCHEMA, TABLE or VIEW and a name');
  return { kind, name: securableName(reader, kind) };
}

/** A service and its name, where one stands: `MODEL SERVICE main.team.fast`. */
export function serviceSecurable(reader: TokenReader): Securable | undefined {
  const kind = serviceKinds.find((one) => reader.takes(...one.split('_')));
  return kind && { kind, name: reader.name('the name of a service', 3) };
}

/** The word for a kind of object, where one stands. */
export function securableKind(reader: TokenReader): 'CATALOG' | 'SCHEMA' | 'TABLE' | undefined {
  if (reader.takes('CATALOG')) return 'CATALOG';
  if (reader.takes('SCHEMA') || reader.takes('DATABASE')) return 'SCHEMA';
  if (reader.takes('TABLE') || reader.takes('VIEW')) return 'TABLE';
  return undefined;
}

export function securableName(reader: TokenReader, kind: 'CATALOG' | 'SCHEMA' | 'TABLE'): string[] {
  switch (kind) {
    case 'CATALOG':
      return reader.name('the name of a catalog', 1);
    case 'SCHEMA':
      return reader.name('the name of a schema', 2);
    case 'TABLE':
      return tableName(reader);
  }
}

export function tableName(reader: TokenReader): string[] {
  return reader.name('the name of a table', 3);
}

/** A user, group or service principal: an identifier, in backquotes where it has other characters. */
export function principal(reader: TokenReader): string {
  const name = reader.identifier('the name of a user or group, such as `ada@example.com`, in `backquotes`');
  if (reader.seesSymbol('@') || reader.seesSymbol('.') || reader.seesSymbol('-')) {
    throw reader.unexpected('the name of the user or group in `backquotes`');
  }
  return name;
}

/** Columns with types and comments, in round brackets. */
export function columns(reader: TokenReader): StructType {
  return { type: 'struct', fields: reader.list(() => column(reader), 'the columns') };
}

/** One column: name, type, comment. */
export function column(reader: TokenReader): StructField {
  if (reader.sees('CONSTRAINT') || reader.sees('PRIMARY', 'KEY') || reader.sees('FOREIGN', 'KEY')) {
    throw reader.notOffered('A constraint', 'leave it out, rows are not checked');
  }
  const name = reader.identifier('the name of a column');
  if (reader.seesSymbol('.')) throw reader.unexpected('a type; fields of a struct cannot be named here');
  const type = parseType(reader);
  refuseConstraints(reader);
  const comment = reader.takes('COMMENT') ? reader.text("the comment in 'quotes'") : undefined;
  refuseConstraints(reader);
  return { name, type, nullable: true, metadata: comment === undefined ? {} : { comment } };
}

/** `('key' = 'value', …)`. A key may be dotted words too, a value a number, true or false. */
export function properties(reader: TokenReader, value: 'needed' | 'optional' = 'needed'): Record<string, string> {
  const entries = new Map<string, string>();
  reader.list(() => {
    const at = reader.peek();
    const key = propertyKey(reader);
    if (entries.has(key)) throw unexpected(reader.sql, at, 'each key once');
    const given = reader.takesSymbol('=') || value === 'needed' || reader.peek().kind === 'text';
    entries.set(key, given ? propertyValue(reader) : '');
  }, "the properties, 'key' = 'value'");
  return Object.fromEntries(entries);
}

/** `('key', …)`. */
export function propertyKeys(reader: TokenReader): string[] {
  return reader.list(() => propertyKey(reader), "the keys, each in 'quotes'");
}

export function propertyKey(reader: TokenReader): string {
  if (reader.peek().kind === 'text') return reader.next().value;
  return reader.name("a key in 'quotes'", 16).join('.');
}

function propertyValue(reader: TokenReader): string {
  const { kind, keyword, value } = reader.peek();
  if (kind === 'text' || kind === 'number') return reader.next().value;
  if (keyword === 'TRUE' || keyword === 'FALSE') return reader.next().value.toLowerCase();
  if (value === '-' && reader.peek(1).kind === 'number') {
    reader.next();
    return `-${reader.next().value}`;
  }
  throw reader.unexpected("= and the value in 'quotes'");
}
