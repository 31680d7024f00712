import { field, struct, type StructType } from '../../lake/schema/delta-type.ts';

/** The schema that every catalog has by itself. */
export const INFORMATION_SCHEMA = 'information_schema';

export interface InformationSchemaTable {
  readonly comment: string;
  readonly columns: StructType;
}

const text = (name: string) => field(name, 'string');
const time = (name: string) => field(name, 'timestamp');
const auditColumns = [time('created'), text('created_by'), time('last_altered')] as const;
const privilegeColumns = [text('privilege_type'), text('is_grantable'), text('inherited_from')] as const;

/**
 * The tables of `information_schema`, with the names of columns that Databricks gives them, as far as
 * the gateway knows what is in them.
 */
export const informationSchemaTables: Readonly<Record<string, InformationSchemaTable>> = {
  catalogs: {
    comment: 'Catalogs that the caller may see.',
    columns: struct(text('catalog_name'), text('catalog_owner'), text('comment'), ...auditColumns),
  },
  schemata: {
    comment: 'Schemas that the caller may see.',
    columns: struct(text('catalog_name'), text('schema_name'), text('schema_owner'), text('comment'), ...auditColumns),
  },
  tables: {
    comment: 'Tables and views that the caller may see.',
    columns: struct(
      text('table_catalog'),
      text('table_schema'),
      text('table_name'),
      text('table_type'),
      text('is_insertable_into'),
      text('commit_action'),
      text('table_owner'),
      text('comment'),
      ...auditColumns,
      text('data_source_format'),
    ),
  },
  columns: {
    comment: 'Columns of the tables and views that the caller may see.',
    columns: struct(
      text('table_catalog'),
      text('table_schema'),
      text('table_name'),
      text('column_name'),
      field('ordinal_position', 'integer'),
      text('is_nullable'),
      text('full_data_type'),
      text('data_type'),
      text('comment'),
    ),
  },
  views: {
    comment: 'Views that the caller may see. The text is shown to those who may manage the view.',
    columns: struct(
      text('table_catalog'),
      text('table_schema'),
      text('table_name'),
      text('view_definition'),
      text('check_option'),
      text('is_updatable'),
      text('is_insertable_into'),
      text('sql_path'),
    ),
  },
  catalog_privileges: {
    comment: 'Privileges on catalogs.',
    columns: struct(text('grantor'), text('grantee'), text('catalog_name'), ...privilegeColumns),
  },
  schema_privileges: {
    comment: 'Privileges on schemas.',
    columns: struct(text('grantor'), text('grantee'), text('catalog_name'), text('schema_name'), ...privilegeColumns),
  },
  table_privileges: {
    comment: 'Privileges on tables and views.',
    columns: struct(
      text('grantor'),
      text('grantee'),
      text('table_catalog'),
      text('table_schema'),
      text('table_name'),
      ...privilegeColumns,
    ),
  },
  table_tags: {
    comment: 'Tags of tables and views.',
    columns: struct(text('catalog_name'), text('schema_name'), text('table_name'), text('tag_name'), text('tag_value')),
  },
};
