import { literalPath } from '../log/literal-path.ts';
import { sqlName, sqlString } from '../parquet/sql-text.ts';
import { fieldId, physicalName, type ColumnMappingMode } from '../schema/column-mapping.ts';
import type { DeltaType, StructField, StructType } from '../schema/delta-type.ts';
import { duckdbType } from '../schema/duckdb-type.ts';
import { rebuildValue } from '../schema/rebuild-value.ts';
import type { FieldNames } from '../parquet/file-field-names.ts';
import { partitionValueSql } from './partition-value.ts';

/** One file to read. */
export interface FileToRead {
  /** Absolute path. */
  readonly path: string;
  readonly partitionValues: Readonly<Record<string, string | null>>;
  /** Rows that are deleted, counted from 0. */
  readonly deletedRows: readonly number[];
  /** Names by field id, where columns are found by id. */
  readonly fieldNames?: FieldNames | undefined;
}

export interface ScanShape {
  /** Logical columns, in order. */
  readonly schema: StructType;
  readonly partitionColumns: readonly string[];
  readonly mapping: ColumnMappingMode;
}

/**
 * A SELECT of the rows of files under their logical names and types. Files that need nothing special are read by one
 * plain `read_parquet`, into which DuckDB pushes filters and projections; columns that a file lacks are null there, other
 * types are cast. The session that runs it must be in UTC.
 */
export function scanSql(shape: ScanShape, files: readonly FileToRead[]): string {
  if (files.length === 0) return emptySql(shape.schema);
  const selects = [...groups(shape, files)].flatMap(([, group]) => {
    const [first] = group;
    if (!first) return [];
    const nameOf = (field: StructField): string => fileName(field, shape.mapping, first.fieldNames);
    const whole = group.filter((file) => file.deletedRows.length === 0);
    const partial = group.filter((file) => file.deletedRows.length > 0);
    if (shape.partitionColumns.length > 0) return [joinedSql(shape, group, nameOf)];
    return [
      ...(whole.length > 0 ? [plainSql(shape, whole, nameOf)] : []),
      ...(partial.length > 0 ? [joinedSql(shape, partial, nameOf)] : []),
    ];
  });
  return selects.join(' UNION ALL ');
}

function emptySql(schema: StructType): string {
  const columns = schema.fields.map((field) => `CAST(NULL AS ${duckdbType(field.type)}) AS ${sqlName(field.name)}`);
  return `SELECT ${columns.join(', ')} WHERE false`;
}

/** Files whose fields have the same names. Only where columns are found by id can there be more than one group. */
function groups(shape: ScanShape, files: readonly FileToRead[]): Map<string, FileToRead[]> {
  return Map.groupBy(files, (file) =>
    shape.mapping === 'id' && file.fieldNames
      ? JSON.stringify(namesOf(shape.schema, (field) => fileName(field, shape.mapping, file.fieldNames)))
      : '',
  );
}

function namesOf(type: DeltaType, nameOf: (field: StructField) => string): unknown {
  if (typeof type === 'string') return 0;
  switch (type.type) {
    case 'struct':
      return type.fields.map((field) => [nameOf(field), namesOf(field.type, nameOf)]);
    case 'array':
      return namesOf(type.elementType, nameOf);
    case 'map':
      return [namesOf(type.keyType, nameOf), namesOf(type.valueType, nameOf)];
  }
}

/** What the field is called in the file. Without an id in the file its physical name holds. */
function fileName(field: StructField, mapping: ColumnMappingMode, names: FieldNames | undefined): string {
  const id = mapping === 'id' ? fieldId(field) : undefined;
  return (id === undefined ? undefined : names?.get(id)) ?? physicalName(field, mapping);
}

type NameOf = (field: StructField) => string;

function plainSql({ schema }: ScanShape, files: readonly FileToRead[], nameOf: NameOf): string {
  const columns = schema.fields.map((field) => {
    const column = sqlName(field.name);
    const value = rebuildValue(column, field.type, { oldName: nameOf });
    return value === column ? column : `${value} AS ${column}`;
  });
  return `SELECT ${columns.join(', ')} FROM ${readSql(schema.fields, files, nameOf, (field) => field.name)}`;
}

/** With partition values and deleted rows, joined to the files' rows by path. */
function joinedSql(shape: ScanShape, files: readonly FileToRead[], nameOf: NameOf): string {
  const isPartition = (field: StructField): boolean => shape.partitionColumns.includes(field.name);
  const stored = shape.schema.fields.filter((field) => !isPartition(field));
  const partition = shape.schema.fields.filter(isPartition);
  const alias = new Map(shape.schema.fields.map((field, index) => [field, `c${index}`]));
  const aliasOf = (field: StructField): string => alias.get(field) ?? field.name;
  const columns = shape.schema.fields.map((field) => {
    const source = isPartition(field) ? `p.${aliasOf(field)}` : `f.${aliasOf(field)}`;
    const value = isPartition(field) ? source : rebuildValue(source, field.type, { oldName: nameOf });
    return `${value} AS ${sqlName(field.name)}`;
  });
  const joins = [
    ...(partition.length > 0 ? [partitionJoin(shape, files, partition, aliasOf)] : []),
    ...(files.some((file) => file.deletedRows.length > 0) ? [deletionJoin(files)] : []),
  ];
  return `SELECT ${columns.join(', ')} FROM ${readSql(stored, files, nameOf, aliasOf)} f ${joins.join(' ')}`;
}

function partitionJoin(
  shape: ScanShape,
  files: readonly FileToRead[],
  partition: readonly StructField[],
  aliasOf: NameOf,
): string {
  const rows = files.map((file) => {
    const values = partition.map((field) =>
      partitionValueSql(file.partitionValues[physicalName(field, shape.mapping)], field.type),
    );
    return `(${[sqlString(file.path), ...values].join(', ')})`;
  });
  const names = ['file', ...partition.map(aliasOf)];
  return `JOIN (VALUES ${rows.join(', ')}) p(${names.join(', ')}) ON f.filename = p.file`;
}

function deletionJoin(files: readonly FileToRead[]): string {
  const rows = files
    .filter((file) => file.deletedRows.length > 0)
    .map((file) => `(${sqlString(file.path)}, '[${file.deletedRows.join(',')}]')`);
  const deleted = `SELECT file, unnest(numbers::BIGINT[]) AS number FROM (VALUES ${rows.join(', ')}) v(file, numbers)`;
  return `ANTI JOIN (${deleted}) d ON f.filename = d.file AND f.file_row_number = d.number`;
}

function readSql(fields: readonly StructField[], files: readonly FileToRead[], nameOf: NameOf, alias: NameOf): string {
  const columns = fields.map((field) => {
    const type = duckdbType(field.type, { fieldName: (child) => nameOf(child as StructField) });
    return `${sqlString(nameOf(field))}: {name: ${sqlString(alias(field))}, type: ${sqlString(type)}, default_value: NULL}`;
  });
  const paths = files.map((file) => sqlString(literalPath(file.path)));
  return `read_parquet([${paths.join(', ')}], schema = MAP {${columns.join(', ')}})`;
}
