import type { DeltaType, PrimitiveName, StructField, StructType } from '../../lake/schema/delta-type.ts';
import { TokenReader } from './token-reader.ts';

/** Types may be nested so deep; more than that is an attack on the stack, not a table. */
const MAX_DEPTH = 50;

/**
 * Type names of Databricks SQL and what they become. VARCHAR and CHAR lose their length, which nothing
 * checks; VARIANT becomes text, which holds JSON: readers without the newest protocol can open the table.
 */
const primitives: Readonly<Record<string, PrimitiveName>> = {
  STRING: 'string',
  VARIANT: 'string',
  BIGINT: 'long',
  LONG: 'long',
  INT: 'integer',
  INTEGER: 'integer',
  SMALLINT: 'short',
  SHORT: 'short',
  TINYINT: 'byte',
  BYTE: 'byte',
  FLOAT: 'float',
  REAL: 'float',
  DOUBLE: 'double',
  BOOLEAN: 'boolean',
  BINARY: 'binary',
  DATE: 'date',
  TIMESTAMP: 'timestamp',
  TIMESTAMP_LTZ: 'timestamp',
  TIMESTAMP_NTZ: 'timestamp_ntz',
};

const typesInWords =
  'a type: STRING, BIGINT, INT, SMALLINT, TINYINT, DOUBLE, FLOAT, DECIMAL(p, s), BOOLEAN, BINARY, DATE, TIMESTAMP, ARRAY<…>, MAP<…, …> or STRUCT<…>';

/**
 * A type as SQL writes it, such as the `type_text` of a REST call.
 * @throws GatewayError `caller_sql_syntax`, `caller_sql_refused`
 */
export function parseTypeText(text: string): DeltaType {
  const reader = new TokenReader(text);
  const type = parseType(reader);
  if (reader.peek().kind !== 'end') throw reader.unexpected('the end of the type');
  return type;
}

/** The type that comes next. */
export function parseType(reader: TokenReader, depth = 0): DeltaType {
  if (depth > MAX_DEPTH) throw reader.unexpected(`types that are not nested deeper than ${MAX_DEPTH}`);
  const { keyword } = reader.peek();
  if (keyword === 'STRUCT') return structType(reader, depth);
  if (keyword === 'ARRAY') {
    reader.next();
    reader.mustSymbol('<', "'<' and the type of the elements");
    const elementType = parseType(reader, depth + 1);
    reader.mustSymbol('>');
    return { type: 'array', elementType, containsNull: true };
  }
  if (keyword === 'MAP') return mapType(reader, depth);
  if (keyword === 'DECIMAL' || keyword === 'DEC' || keyword === 'NUMERIC') return decimalType(reader);
  if (keyword === 'VARCHAR' || keyword === 'CHAR' || keyword === 'CHARACTER') return lengthType(reader);
  if (keyword === 'INTERVAL' || keyword === 'VOID' || keyword === 'GEOGRAPHY' || keyword === 'GEOMETRY') {
    throw reader.notOffered(`The type ${keyword}`, 'use STRING');
  }
  const primitive = Object.hasOwn(primitives, keyword) ? primitives[keyword] : undefined;
  if (primitive === undefined) throw reader.unexpected(typesInWords);
  reader.next();
  return primitive;
}

/** Refuses what SQL lets stand after a column's type and the tables here do not have. */
export function refuseConstraints(reader: TokenReader): void {
  if (reader.sees('NOT', 'NULL')) {
    throw reader.notOffered('NOT NULL', 'leave it out, every column may be null');
  }
  for (const word of ['PRIMARY', 'UNIQUE', 'FOREIGN', 'REFERENCES', 'CONSTRAINT', 'CHECK']) {
    if (reader.sees(word)) throw reader.notOffered('A constraint', 'leave it out, rows are not checked');
  }
  if (reader.sees('DEFAULT')) throw reader.notOffered('A DEFAULT', 'leave it out, missing values are null');
  if (reader.sees('GENERATED')) throw reader.notOffered('A generated column', 'compute it in a view');
  if (reader.sees('COLLATE')) throw reader.notOffered('COLLATE', 'leave it out, text is compared by code points');
  if (reader.sees('MASK')) throw reader.notOffered('A column mask', 'grant a view that leaves the column out');
}

function structType(reader: TokenReader, depth: number): StructType {
  reader.next();
  reader.mustSymbol('<', "'<' and the fields of the struct");
  const fields: StructField[] = [];
  if (reader.takesSymbol('>')) return { type: 'struct', fields };
  do {
    const name = reader.identifier('the name of a field');
    reader.takesSymbol(':');
    const type = parseType(reader, depth + 1);
    refuseConstraints(reader);
    const comment = reader.takes('COMMENT') ? reader.text("the comment in 'quotes'") : undefined;
    fields.push({ name, type, nullable: true, metadata: comment === undefined ? {} : { comment } });
  } while (reader.takesSymbol(','));
  reader.mustSymbol('>', "',' or '>'");
  return { type: 'struct', fields };
}

function mapType(reader: TokenReader, depth: number): DeltaType {
  reader.next();
  reader.mustSymbol('<', "'<' and the types of key and value");
  const keyType = parseType(reader, depth + 1);
  reader.mustSymbol(',', "',' and the type of the values");
  const valueType = parseType(reader, depth + 1);
  reader.mustSymbol('>');
  return { type: 'map', keyType, valueType, valueContainsNull: true };
}

function decimalType(reader: TokenReader): PrimitiveName {
  reader.next();
  if (!reader.takesSymbol('(')) return 'decimal(10,0)';
  const precision = wholeNumber(reader, 1, 38, 'a precision from 1 to 38');
  const scale = reader.takesSymbol(',') ? wholeNumber(reader, 0, precision, `a scale from 0 to ${precision}`) : 0;
  reader.mustSymbol(')');
  return `decimal(${precision},${scale})`;
}

function lengthType(reader: TokenReader): PrimitiveName {
  reader.next();
  reader.mustSymbol('(', "'(' and a length");
  wholeNumber(reader, 1, 2_147_483_647, 'a length');
  reader.mustSymbol(')');
  return 'string';
}

function wholeNumber(reader: TokenReader, least: number, most: number, expected: string): number {
  const { kind, value } = reader.peek();
  const found = kind === 'number' && /^\d{1,10}$/.test(value) ? Number(value) : Number.NaN;
  if (!(found >= least && found <= most)) throw reader.unexpected(expected);
  reader.next();
  return found;
}
