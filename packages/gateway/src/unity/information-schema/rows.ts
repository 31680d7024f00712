import { typeText, type StructType } from '../../lake/schema/delta-type.ts';
import type { CatalogInfo, TableInfo } from '../catalog.ts';
import type { ResultTable } from '../result-table.ts';
import type { Rights } from '../rights.ts';
import type { Snapshot } from '../snapshot.ts';
import { informationSchemaTables } from './definitions.ts';
import { privilegeRows } from './privileges.ts';
import { baseTypeName } from './type-names.ts';

type Row = readonly (string | null)[];

/** What the rows are made from. */
export interface InformationSource {
  readonly snapshot: Snapshot;
  readonly rights: Rights;
  /** Only this catalog; `undefined` for `system.information_schema`, which has all of them. */
  readonly catalog: string | undefined;
  /** Columns of a table; may fail for a table whose files cannot be read. */
  columns(table: TableInfo): Promise<StructType>;
}

/** Tables whose columns are read at the same time. */
const READS_AT_ONCE = 8;

/** The rows of one table of `information_schema`, as one caller may see them. */
export async function informationSchemaRows(name: string, source: InformationSource): Promise<ResultTable> {
  const columns = informationSchemaTables[name]?.columns.fields ?? [];
  const rows = await rowsOf(name, source);
  return { columns: columns.map((field) => ({ name: field.name, type: field.type })), rows, truncated: false };
}

async function rowsOf(name: string, source: InformationSource): Promise<Row[]> {
  switch (name) {
    case 'catalogs':
      return visibleCatalogs(source).map((info) => [info.name, info.owner, info.comment ?? null, ...audit(info)]);
    case 'schemata':
      return visibleSchemas(source).map((info) => [
        info.catalog,
        info.name,
        info.owner,
        info.comment ?? null,
        ...audit(info),
      ]);
    case 'tables':
      return visibleTables(source).map(tableRow);
    case 'columns':
      return columnRows(source);
    case 'views':
      return visibleTables(source)
        .filter((info) => info.kind === 'VIEW')
        .map((info) => viewRow(info, source.rights));
    case 'catalog_privileges':
      return privilegeRows(
        source,
        'CATALOG',
        visibleCatalogs(source).map((info) => [info.name]),
      );
    case 'schema_privileges':
      return privilegeRows(
        source,
        'SCHEMA',
        visibleSchemas(source).map((info) => [info.catalog, info.name]),
      );
    case 'table_privileges':
      return privilegeRows(source, 'TABLE', visibleTables(source).map(nameOf));
    case 'table_tags':
      return visibleTables(source).flatMap((info) =>
        Object.entries(info.tags).map(([tag, value]) => [...nameOf(info), tag, value]),
      );
    default:
      return [];
  }
}

function tableRow(info: TableInfo): Row {
  const type = info.kind === 'VIRTUAL' ? 'VIEW' : info.kind;
  const insertable = info.kind === 'MANAGED' && !info.builtIn ? 'YES' : 'NO';
  const format = info.kind === 'MANAGED' ? 'DELTA' : null;
  return [...nameOf(info), type, insertable, 'PRESERVE', info.owner, info.comment ?? null, ...audit(info), format];
}

function viewRow(info: TableInfo, rights: Rights): Row {
  const text = rights.manages({ kind: 'TABLE', name: nameOf(info) }) ? (info.viewText ?? null) : null;
  return [...nameOf(info), text, 'NONE', 'NO', 'NO', null];
}

async function columnRows(source: InformationSource): Promise<Row[]> {
  const tables = visibleTables(source);
  const rows: Row[][] = [];
  for (let at = 0; at < tables.length; at += READS_AT_ONCE) {
    rows.push(...(await Promise.all(tables.slice(at, at + READS_AT_ONCE).map((info) => columnsOf(info, source)))));
  }
  return rows.flat();
}

/** A table that cannot be read now has no columns here: one broken table must not hide all others. */
async function columnsOf(info: TableInfo, source: InformationSource): Promise<Row[]> {
  const schema = await source.columns(info).catch(() => undefined);
  return (schema?.fields ?? []).map((field, at) => [
    ...nameOf(info),
    field.name,
    String(at),
    field.nullable ? 'YES' : 'NO',
    typeText(field.type),
    baseTypeName(field.type),
    typeof field.metadata['comment'] === 'string' ? field.metadata['comment'] : null,
  ]);
}

function visibleCatalogs({ snapshot, rights, catalog }: InformationSource): CatalogInfo[] {
  return [...snapshot.catalogs.values()].filter(
    ({ name }) => (catalog === undefined || name === catalog) && rights.sees({ kind: 'CATALOG', name: [name] }),
  );
}

function visibleSchemas({ snapshot, rights, catalog }: InformationSource) {
  return [...snapshot.schemas.values()].filter(
    (info) =>
      (catalog === undefined || info.catalog === catalog) &&
      rights.sees({ kind: 'SCHEMA', name: [info.catalog, info.name] }),
  );
}

function visibleTables({ snapshot, rights, catalog }: InformationSource): TableInfo[] {
  return [...snapshot.tables.values()].filter(
    (info) => (catalog === undefined || info.catalog === catalog) && rights.sees({ kind: 'TABLE', name: nameOf(info) }),
  );
}

function nameOf(info: TableInfo): string[] {
  return [info.catalog, info.schema, info.name];
}

function audit({ createdAt, createdBy, updatedAt }: CatalogInfo): [string, string, string] {
  return [new Date(createdAt).toISOString(), createdBy, new Date(updatedAt).toISOString()];
}
