import { sqlName, sqlString } from '../parquet/sql-text.ts';
import type { DeltaType, PrimitiveName, StructField } from './delta-type.ts';

/** How a value is made over into another of the same shape. */
export interface Rebuild {
  /** The new primitive from the old one. */
  readonly primitive?: (expression: string, type: PrimitiveName) => string;
  /** What the field is called in the old value; in the new one it has its logical name. */
  readonly oldName?: (field: StructField) => string;
}

/**
 * A DuckDB expression that makes `expression`, a value of `type`, over: renames fields, converts primitives, in structs,
 * lists and maps at any depth. Nulls stay. Parts that nothing happens to are passed through.
 */
export function rebuildValue(expression: string, type: DeltaType, rebuild: Rebuild, depth = 0): string {
  if (!changes(type, rebuild)) return expression;
  if (typeof type === 'string') return rebuild.primitive?.(expression, type) ?? expression;
  const inner = (part: string, partType: DeltaType): string => rebuildValue(part, partType, rebuild, depth + 1);
  const item = `v${depth}`;
  switch (type.type) {
    case 'struct': {
      const fields = type.fields.map((field) => {
        const old = `struct_extract(${expression}, ${sqlString(oldNameOf(field, rebuild))})`;
        return `${sqlName(field.name)} := ${inner(old, field.type)}`;
      });
      return `CASE WHEN ${expression} IS NULL THEN NULL ELSE struct_pack(${fields.join(', ')}) END`;
    }
    case 'array':
      return `list_transform(${expression}, lambda ${item}: ${inner(item, type.elementType)})`;
    case 'map': {
      const entry = `struct_pack(key := ${inner(`${item}.key`, type.keyType)}, value := ${inner(`${item}.value`, type.valueType)})`;
      return `CASE WHEN ${expression} IS NULL THEN NULL ELSE map_from_entries(list_transform(map_entries(${expression}), lambda ${item}: ${entry})) END`;
    }
  }
}

function oldNameOf(field: StructField, rebuild: Rebuild): string {
  return rebuild.oldName?.(field) ?? field.name;
}

function changes(type: DeltaType, rebuild: Rebuild): boolean {
  if (typeof type === 'string') return rebuild.primitive !== undefined && rebuild.primitive('x', type) !== 'x';
  switch (type.type) {
    case 'struct':
      return type.fields.some((field) => oldNameOf(field, rebuild) !== field.name || changes(field.type, rebuild));
    case 'array':
      return changes(type.elementType, rebuild);
    case 'map':
      return changes(type.keyType, rebuild) || changes(type.valueType, rebuild);
  }
}
