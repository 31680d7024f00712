import type { TableDescription } from '../../lake/lake.ts';
import { typeText, type DeltaType, type StructField } from '../../lake/schema/delta-type.ts';
import type { TableInfo } from '../catalog.ts';
import { sqlName } from '../names.ts';
import { sortedEntries } from './result.ts';

/** The statement that makes a table or view like this one. */
export function createText(info: TableInfo, description: TableDescription | undefined): string {
  const name = sqlName([info.catalog, info.schema, info.name]);
  if (!description) {
    const comment = info.comment === undefined ? '' : ` COMMENT ${quoted(info.comment)}`;
    return `CREATE VIEW ${name}${comment} AS ${info.viewText ?? ''}`;
  }
  const { schema, partitionColumns, properties } = description;
  const lines = [
    `CREATE TABLE ${name} (`,
    schema.fields.map((field) => `  ${columnText(field)}`).join(',\n'),
    ')',
    'USING delta',
  ];
  if (partitionColumns.length > 0) {
    lines.push(`PARTITIONED BY (${partitionColumns.map((column) => sqlName([column])).join(', ')})`);
  }
  if (info.comment !== undefined) lines.push(`COMMENT ${quoted(info.comment)}`);
  const entries = sortedEntries(properties).map(([key, value]) => `  ${quoted(key)} = ${quoted(value)}`);
  if (entries.length > 0) lines.push(`TBLPROPERTIES (\n${entries.join(',\n')}\n)`);
  return lines.join('\n');
}

function columnText({ name, type, metadata }: StructField): string {
  return `${sqlName([name])} ${fullTypeText(type)}${commentText(metadata)}`;
}

/** As `typeText`, in upper case and with the comments of fields. */
function fullTypeText(type: DeltaType): string {
  if (typeof type === 'string') return typeText(type).toUpperCase();
  switch (type.type) {
    case 'struct':
      return `STRUCT<${type.fields
        .map((field) => `${sqlName([field.name])}: ${fullTypeText(field.type)}${commentText(field.metadata)}`)
        .join(', ')}>`;
    case 'array':
      return `ARRAY<${fullTypeText(type.elementType)}>`;
    case 'map':
      return `MAP<${fullTypeText(type.keyType)}, ${fullTypeText(type.valueType)}>`;
  }
}

function commentText(metadata: StructField['metadata']): string {
  const comment = metadata['comment'];
  return typeof comment === 'string' ? ` COMMENT ${quoted(comment)}` : '';
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
