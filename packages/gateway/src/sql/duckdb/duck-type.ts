import { typeText, type DeltaType } from '../../lake/schema/delta-type.ts';

/** A column type in DuckDB's words. */
export function duckType(type: DeltaType): string {
  if (typeof type === 'string') return primitives[type] ?? typeText(type).toUpperCase();
  if (type.type === 'array') return `${duckType(type.elementType)}[]`;
  if (type.type === 'map') return `MAP(${duckType(type.keyType)}, ${duckType(type.valueType)})`;
  return `STRUCT(${type.fields.map((field) => `"${field.name.replaceAll('"', '""')}" ${duckType(field.type)}`).join(', ')})`;
}

const primitives: Readonly<Record<string, string>> = {
  string: 'VARCHAR',
  byte: 'TINYINT',
  short: 'SMALLINT',
  integer: 'INTEGER',
  long: 'BIGINT',
  binary: 'BLOB',
  timestamp: 'TIMESTAMPTZ',
  timestamp_ntz: 'TIMESTAMP',
  variant: 'JSON',
};
