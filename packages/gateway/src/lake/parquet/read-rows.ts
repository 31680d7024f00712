import type { PrimitiveName, StructField, StructType } from '../schema/delta-type.ts';
import { duckdbPrimitive, duckdbType } from '../schema/duckdb-type.ts';
import { rebuildValue } from '../schema/rebuild-value.ts';
import { GatewayError } from '../../errors/gateway-error.ts';
import { sqlName, sqlString } from './sql-text.ts';

/**
 * A DuckDB SELECT of the columns of `schema` from a file of NDJSON. Missing keys are null, unknown ones ignored, binary
 * is base64 text, maps are objects. A null in a column that takes none is an error.
 * @param longestLine bytes; decides how much DuckDB holds of the file.
 */
export function readRowsSql(file: string, schema: StructType, longestLine: number): string {
  const columns = schema.fields.map(
    (field) => `${sqlString(field.name)}: ${sqlString(duckdbType(field.type, jsonTypes))}`,
  );
  const select = schema.fields.map((field) => `${columnSql(field)} AS ${sqlName(field.name)}`);
  const options = [
    "format = 'newline_delimited'",
    'records = true',
    `columns = {${columns.join(', ')}}`,
    `maximum_object_size = ${Math.max(longestLine + 1, 1024 * 1024)}`,
  ];
  return `SELECT ${select.join(', ')} FROM read_json(${sqlString(file)}, ${options.join(', ')})`;
}

const jsonTypes = { primitive: (name: PrimitiveName) => (name === 'binary' ? 'VARCHAR' : duckdbPrimitive(name)) };

function columnSql(field: StructField): string {
  const column = sqlName(field.name);
  const value = rebuildValue(column, field.type, {
    primitive: (expression, type) => (type === 'binary' ? `from_base64(${expression})` : expression),
  });
  const missing = mandatoryNulls(column, field, '');
  if (missing === undefined) return value;
  return `CASE WHEN ${missing} THEN error(${sqlString(`${field.name} must not be null`)}) ELSE ${value} END`;
}

/** A condition that is met where the value, or a field in it, is null but must not be. */
function mandatoryNulls(expression: string, field: StructField, guard: string): string | undefined {
  const conditions = field.nullable ? [] : [`(${guard}${expression} IS NULL)`];
  const { type } = field;
  if (typeof type !== 'string' && type.type === 'struct') {
    for (const child of type.fields) {
      const inner = mandatoryNulls(
        `struct_extract(${expression}, ${sqlString(child.name)})`,
        child,
        `${guard}${expression} IS NOT NULL AND `,
      );
      if (inner !== undefined) conditions.push(inner);
    }
  } else if (hasMandatory(field)) {
    throw new GatewayError(
      'gateway_lake_unsupported',
      `The column \`${field.name}\` holds a list or map whose elements must not be null, which cannot be written.`,
    );
  }
  return conditions.length === 0 ? undefined : conditions.join(' OR ');
}

/** Whether a list or map in the type forbids nulls inside of it. */
function hasMandatory({ type }: Pick<StructField, 'type'>): boolean {
  if (typeof type === 'string') return false;
  switch (type.type) {
    case 'struct':
      return type.fields.some((field) => !field.nullable || hasMandatory(field));
    case 'array':
      return !type.containsNull || hasMandatory({ type: type.elementType });
    case 'map':
      return !type.valueContainsNull || hasMandatory({ type: type.valueType });
  }
}
