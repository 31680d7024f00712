import type { DeltaType } from '../../lake/schema/delta-type.ts';

const names: Readonly<Record<string, string>> = { integer: 'INT', timestamp_ntz: 'TIMESTAMP_NTZ' };

/** The type without its parameters, as `information_schema` and REST name it: `STRUCT`, `DECIMAL`, `LONG`. */
export function baseTypeName(type: DeltaType): string {
  if (typeof type !== 'string') return type.type.toUpperCase();
  return names[type] ?? type.replace(/\(.*/, '').toUpperCase();
}
