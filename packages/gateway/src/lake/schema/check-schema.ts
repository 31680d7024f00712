import { GatewayError } from '../../errors/gateway-error.ts';
import type { DeltaType, StructType } from './delta-type.ts';
import { fieldNamed } from './find-column.ts';

/** Characters that Delta refuses in names of columns where column mapping is off. */
const FORBIDDEN = /[ ,;{}()\n\t=]/;
const MAX_DEPTH = 50;

/**
 * Checks the schema of a table that is to be made, or changed: at least one column, names that are not empty, free of
 * ` ,;{}()=`, tab and newline, and different by more than case; types that can be written.
 * @throws GatewayError `caller_invalid_parameter`, naming the column.
 */
export function checkNewSchema(schema: StructType, partitionColumns: readonly string[] = []): void {
  if (schema.fields.length === 0) throw invalid('A table needs at least one column.');
  checkStruct(schema, '', 0);
  for (const name of partitionColumns) {
    const field = fieldNamed(schema, name);
    if (!field) throw invalid(`The partition column \`${name}\` is not a column of the table.`);
    if (typeof field.type !== 'string')
      throw invalid(`The partition column \`${name}\` is nested; only plain columns can be.`);
  }
  if (partitionColumns.length >= schema.fields.length)
    throw invalid('A table needs a column that it is not partitioned by.');
}

function checkStruct(struct: StructType, path: string, depth: number): void {
  if (struct.fields.length === 0) throw invalid(`The struct \`${path}\` has no fields.`);
  const seen = new Set<string>();
  for (const { name, type } of struct.fields) {
    const full = path === '' ? name : `${path}.${name}`;
    if (name === '') throw invalid(path === '' ? 'A column has no name.' : `A field of \`${path}\` has no name.`);
    if (FORBIDDEN.test(name)) {
      throw invalid(
        `The name \`${full}\` has a character that Delta tables do not take: one of " ,;{}()=", tab or newline.`,
      );
    }
    if (seen.has(name.toLowerCase()))
      throw invalid(`The name \`${full}\` stands twice; upper and lower case do not matter.`);
    seen.add(name.toLowerCase());
    checkType(type, full, depth);
  }
}

function checkType(type: DeltaType, path: string, depth: number): void {
  if (depth > MAX_DEPTH) throw invalid(`The type of \`${path}\` is nested too deeply.`);
  if (typeof type === 'string') {
    if (type === 'variant') throw invalid(`The column \`${path}\` is a VARIANT, which cannot be written.`);
    const decimal = /^decimal\((\d+),(\d+)\)$/.exec(type);
    if (decimal && !validDecimal(Number(decimal[1]), Number(decimal[2]))) {
      throw invalid(
        `The column \`${path}\` is a ${type}; at most 38 digits are possible, with no more of them behind the point.`,
      );
    }
    return;
  }
  switch (type.type) {
    case 'struct':
      return checkStruct(type, path, depth + 1);
    case 'array':
      return checkType(type.elementType, `${path}.element`, depth + 1);
    case 'map':
      checkType(type.keyType, `${path}.key`, depth + 1);
      return checkType(type.valueType, `${path}.value`, depth + 1);
  }
}

function validDecimal(precision: number, scale: number): boolean {
  return precision >= 1 && precision <= 38 && scale <= precision;
}

function invalid(message: string): GatewayError {
  return new GatewayError('caller_invalid_parameter', message);
}
