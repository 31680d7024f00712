import type { DeltaType } from '../lake/schema/delta-type.ts';
import type { OtelSchemaVersion, Signal } from './signal.ts';
import { otelProperties, otelSchema } from './tables.ts';

const sqlNames: Readonly<Record<string, string>> = { integer: 'INT' };

/**
 * The CREATE TABLE statement of a table for a signal.
 * @param name the table's name in parts, unquoted.
 */
export function ddlFor(signal: Signal, version: OtelSchemaVersion, name: readonly string[]): string {
  const columns = otelSchema(signal, version).fields.map((column) => `  ${column.name} ${sqlType(column.type, 1)}`);
  const properties = Object.entries(otelProperties(version)).map(([key, value]) => `  '${key}' = '${value}'`);
  return [
    `CREATE TABLE ${name.map(quoted).join('.')} (`,
    columns.join(',\n'),
    ') USING DELTA',
    'TBLPROPERTIES (',
    properties.join(',\n'),
    ')',
  ].join('\n');
}

/** The type as the vendor's pages write it, with a line for every field of a struct. */
function sqlType(type: DeltaType, depth: number): string {
  if (typeof type === 'string') return sqlNames[type] ?? type.toUpperCase();
  switch (type.type) {
    case 'array':
      return `ARRAY<${sqlType(type.elementType, depth)}>`;
    case 'map':
      return `MAP<${sqlType(type.keyType, depth)}, ${sqlType(type.valueType, depth)}>`;
    case 'struct': {
      const indent = '  '.repeat(depth);
      const fields = type.fields.map((child) => `${indent}  ${child.name}: ${sqlType(child.type, depth + 1)}`);
      return `STRUCT<\n${fields.join(',\n')}\n${indent}>`;
    }
  }
}

function quoted(part: string): string {
  return /^[A-Za-z_]\w*$/.test(part) ? part : `\`${part.replaceAll('`', '``')}\``;
}
