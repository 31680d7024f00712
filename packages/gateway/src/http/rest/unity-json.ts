import { baseTypeName } from '../../unity/information-schema/type-names.ts';
import type { TableDescription } from '../../lake/lake.ts';
import { typeText, type StructType } from '../../lake/schema/delta-type.ts';
import type { CatalogInfo, SchemaInfo, TableInfo } from '../../unity/catalog.ts';

/** Objects of Unity Catalog as its REST API shows them. Times are milliseconds since 1970. */

export function catalogJson(info: CatalogInfo) {
  return {
    name: info.name,
    full_name: info.name,
    ...common(info),
    catalog_type: info.builtIn ? 'SYSTEM_CATALOG' : 'MANAGED_CATALOG',
    isolation_mode: 'OPEN',
    securable_type: 'CATALOG',
  };
}

export function schemaJson(info: SchemaInfo) {
  return {
    name: info.name,
    catalog_name: info.catalog,
    full_name: `${info.catalog}.${info.name}`,
    ...common(info),
    securable_type: 'SCHEMA',
  };
}

/**
 * @param columns left out of a list with `omit_columns`.
 * @param description of the Delta table, for managed ones.
 */
export function tableJson(info: TableInfo, columns?: StructType, description?: TableDescription) {
  return {
    name: info.name,
    catalog_name: info.catalog,
    schema_name: info.schema,
    full_name: `${info.catalog}.${info.schema}.${info.name}`,
    ...common(info),
    table_type: info.kind === 'MANAGED' ? 'MANAGED' : 'VIEW',
    ...(info.table === undefined ? {} : { data_source_format: 'DELTA', table_id: info.table.id }),
    ...(info.viewText === undefined ? {} : { view_definition: info.viewText }),
    ...(description === undefined
      ? {}
      : { storage_location: description.uri, properties: { ...description.properties } }),
    ...(columns === undefined ? {} : { columns: columnsJson(columns, description?.partitionColumns ?? []) }),
    securable_type: 'TABLE',
  };
}

function common({ owner, comment, createdAt, createdBy, updatedAt }: CatalogInfo) {
  return {
    owner,
    ...(comment === undefined ? {} : { comment }),
    created_at: createdAt,
    created_by: createdBy,
    updated_at: updatedAt,
  };
}

function columnsJson({ fields }: StructType, partitionColumns: readonly string[]) {
  return fields.map((field, position) => {
    const comment = field.metadata['comment'];
    const partition = partitionColumns.indexOf(field.name);
    return {
      name: field.name,
      type_text: typeText(field.type),
      type_name: baseTypeName(field.type),
      type_json: JSON.stringify(field),
      position,
      nullable: field.nullable,
      ...(typeof comment === 'string' ? { comment } : {}),
      ...(partition < 0 ? {} : { partition_index: partition }),
    };
  });
}
