import type { StructField, StructType } from './delta-type.ts';

/** The field a path of logical names leads to through structs, with all fields on the way; `undefined` where there is none. */
export function findColumn(schema: StructType, path: readonly string[]): readonly StructField[] | undefined {
  const fields: StructField[] = [];
  let struct: StructType | undefined = schema;
  for (const name of path) {
    const field: StructField | undefined = struct && fieldNamed(struct, name);
    if (!field) return undefined;
    fields.push(field);
    struct = typeof field.type !== 'string' && field.type.type === 'struct' ? field.type : undefined;
  }
  return fields.length > 0 ? fields : undefined;
}

/** The field of that name; Delta's names differ by more than case, so case is ignored where nothing fits exactly. */
export function fieldNamed(struct: StructType, name: string): StructField | undefined {
  const folded = name.toLowerCase();
  return (
    struct.fields.find((field) => field.name === name) ??
    struct.fields.find((field) => field.name.toLowerCase() === folded)
  );
}
