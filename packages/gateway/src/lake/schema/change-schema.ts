import { GatewayError } from '../../errors/gateway-error.ts';
import type { StructField, StructType } from './delta-type.ts';
import { fieldNamed } from './find-column.ts';

/**
 * The schema with further columns at its end. They are nullable whatever they say: old files do not have them.
 * @throws GatewayError `caller_already_exists` where a column has that name.
 */
export function addColumns(schema: StructType, added: StructType): StructType {
  const clash = added.fields.find((field) => fieldNamed(schema, field.name));
  if (clash) throw new GatewayError('caller_already_exists', `The table has a column \`${clash.name}\` already.`);
  return { type: 'struct', fields: [...schema.fields, ...added.fields.map((field) => ({ ...field, nullable: true }))] };
}

/**
 * The schema with another comment at one column, or field of a struct; `undefined` takes it away.
 * @throws GatewayError `caller_not_found` where there is no such column.
 */
export function withComment(schema: StructType, path: readonly string[], comment: string | undefined): StructType {
  const [name, ...rest] = path;
  const found = name === undefined ? undefined : fieldNamed(schema, name);
  if (!found) throw new GatewayError('caller_not_found', `The table has no column \`${path.join('.')}\`.`);
  const changed = rest.length === 0 ? commented(found, comment) : withInnerComment(found, rest, comment);
  return { ...schema, fields: schema.fields.map((field) => (field === found ? changed : field)) };
}

function withInnerComment(field: StructField, path: readonly string[], comment: string | undefined): StructField {
  if (typeof field.type === 'string' || field.type.type !== 'struct') {
    throw new GatewayError('caller_not_found', `The column \`${field.name}\` has no field \`${path.join('.')}\`.`);
  }
  return { ...field, type: withComment(field.type, path, comment) };
}

function commented(field: StructField, comment: string | undefined): StructField {
  const { comment: _, ...metadata } = field.metadata;
  return { ...field, metadata: comment === undefined ? metadata : { ...metadata, comment } };
}
