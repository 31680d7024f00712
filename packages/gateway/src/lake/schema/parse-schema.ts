import { GatewayError } from '../../errors/gateway-error.ts';
import { asRecord, parseJson, type JsonRecord } from '../../lib/json-value.ts';
import type { DeltaType, PrimitiveName, StructField, StructType } from './delta-type.ts';

/** Deeper than any real schema; keeps hostile ones from exhausting the stack. */
const MAX_DEPTH = 100;

const primitives: ReadonlySet<string> = new Set([
  'string',
  'long',
  'integer',
  'short',
  'byte',
  'float',
  'double',
  'boolean',
  'binary',
  'date',
  'timestamp',
  'timestamp_ntz',
  'variant',
]);

/**
 * A schema from `metaData.schemaString` (PROTOCOL.md, "Schema Serialization Format"). Unknown keys are ignored;
 * a type that is not known is `gateway_lake_unsupported`.
 */
export function parseSchema(text: string): StructType {
  const type = parseType(parseJson(text), 0);
  if (typeof type === 'string' || type.type !== 'struct') throw malformed('its top level is no struct');
  return type;
}

/** The schema as `metaData.schemaString`. */
export function schemaText(schema: StructType): string {
  return JSON.stringify(schema);
}

function parseType(value: unknown, depth: number): DeltaType {
  if (depth > MAX_DEPTH) throw malformed('it is nested too deeply');
  if (typeof value === 'string') return parsePrimitive(value);
  const record = asRecord(value);
  switch (record?.['type']) {
    case 'struct':
      return { type: 'struct', fields: parseFields(record['fields'], depth) };
    case 'array':
      return {
        type: 'array',
        elementType: parseType(record['elementType'], depth + 1),
        containsNull: record['containsNull'] !== false,
      };
    case 'map':
      return {
        type: 'map',
        keyType: parseType(record['keyType'], depth + 1),
        valueType: parseType(record['valueType'], depth + 1),
        valueContainsNull: record['valueContainsNull'] !== false,
      };
    default:
      throw malformed('a type in it cannot be read');
  }
}

function parseFields(value: unknown, depth: number): StructField[] {
  if (!Array.isArray(value)) throw malformed('a struct in it has no fields');
  return value.map((item: unknown) => parseField(asRecord(item), depth));
}

function parseField(record: JsonRecord | undefined, depth: number): StructField {
  const name = record?.['name'];
  if (!record || typeof name !== 'string') throw malformed('a field in it has no name');
  return {
    name,
    type: parseType(record['type'], depth + 1),
    nullable: record['nullable'] !== false,
    metadata: asRecord(record['metadata']) ?? {},
  };
}

function parsePrimitive(name: string): PrimitiveName {
  if (primitives.has(name)) return name as PrimitiveName;
  const decimal = /^decimal(?:\(\s*(\d{1,2})\s*,\s*(\d{1,2})\s*\))?$/.exec(name);
  if (!decimal) {
    throw new GatewayError(
      'gateway_lake_unsupported',
      `The table has a column of type \`${name}\`, which is not known.`,
    );
  }
  const precision = Number(decimal[1] ?? 10);
  const scale = Number(decimal[2] ?? 0);
  if (precision < 1 || precision > 38 || scale > precision) {
    throw malformed(`${name} is no decimal of at most 38 digits`);
  }
  return `decimal(${precision},${scale})`;
}

function malformed(what: string): GatewayError {
  return new GatewayError('gateway_lake_unsupported', `The schema of the table cannot be read: ${what}.`);
}
