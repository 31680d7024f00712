import type { StructType } from '../lake/schema/delta-type.ts';
import { selectGrants, type GrantRow } from '../state/unity-grant-repository.ts';
import {
  selectCatalogs,
  selectSchemas,
  selectTables,
  type CatalogRow,
  type TableRow,
} from '../state/unity-object-repository.ts';
import { selectServices, type ServiceName, type ServiceRow } from '../state/service-repository.ts';
import { selectTags } from '../state/unity-tag-repository.ts';
import type { Queryable } from '../state/store.ts';
import type { CatalogInfo, SchemaInfo, ServiceInfo, TableInfo } from './catalog.ts';
import { informationSchemaTables, INFORMATION_SCHEMA } from './information-schema/definitions.ts';
import { keyOf } from './names.ts';
import type { Securable, SecurableKind } from './securable.ts';

/** Everything Unity Catalog knows at one moment. Maps are by `keyOf` the name, in the order of names. */
export interface Snapshot {
  readonly catalogs: ReadonlyMap<string, CatalogInfo>;
  readonly schemas: ReadonlyMap<string, SchemaInfo>;
  readonly tables: ReadonlyMap<string, TableInfo>;
  /** Services, those of the configuration too. By `securableKey`. */
  readonly services: ReadonlyMap<string, ServiceInfo>;
  /** Services as they were made by API; their secrets are sealed. */
  readonly storedServices: readonly ServiceRow[];
  /** By `securableKey`. */
  readonly grants: ReadonlyMap<string, readonly GrantRow[]>;
}

/** Key of an object among grants. */
export function securableKey({ kind, name }: Securable): string {
  return `${kind} ${keyOf(name)}`;
}

/** The object that a key of `Snapshot` stands for. */
export function securableOf(kind: SecurableKind, key: string): Securable {
  return { kind, name: key === '' ? [] : key.split('.') };
}

/** Reads everything, and adds `information_schema` to each catalog. */
export async function readSnapshot(db: Queryable): Promise<Snapshot> {
  const tags = await readTags(db);
  const tagsOf = (kind: SecurableKind, key: string) => tags.get(`${kind} ${key}`) ?? {};
  const catalogs = new Map<string, CatalogInfo>();
  const schemas = new Map<string, SchemaInfo>();
  const tables = new Map<string, TableInfo>();
  for (const row of await selectCatalogs(db)) {
    catalogs.set(row.name, catalogInfo(row, tagsOf('CATALOG', row.name)));
    addInformationSchema(row, schemas, tables);
  }
  for (const row of await selectSchemas(db)) {
    const key = `${row.catalog}.${row.name}`;
    schemas.set(key, { ...catalogInfo(row, tagsOf('SCHEMA', key)), catalog: row.catalog });
  }
  for (const row of await selectTables(db)) {
    const key = `${row.catalog}.${row.schema}.${row.name}`;
    tables.set(key, tableInfo(row, tagsOf('TABLE', key)));
  }
  const storedServices = await selectServices(db);
  return {
    catalogs,
    schemas: sorted(schemas),
    tables: sorted(tables),
    services: new Map(storedServices.map((row) => [securableKey(securableOfService(row)), serviceInfo(row)])),
    storedServices,
    grants: await readGrants(db),
  };
}

/** The object that a stored service is. */
export function securableOfService({
  kind,
  catalog,
  schema,
  name,
}: Omit<ServiceName, 'kind'> & Pick<Securable, 'kind'>) {
  return { kind, name: [catalog, schema, name] };
}

function serviceInfo(row: ServiceRow): ServiceInfo {
  return {
    kind: row.kind,
    origin: 'api',
    catalog: row.catalog,
    schema: row.schema,
    name: row.name,
    owner: row.owner,
    comment: row.comment ?? undefined,
    tags: {},
    createdAt: row.createdAt,
    createdBy: row.createdBy,
    updatedAt: row.updatedAt,
    builtIn: false,
  };
}

async function readTags(db: Queryable): Promise<Map<string, Record<string, string>>> {
  const tags = new Map<string, Record<string, string>>();
  for (const { kind, name, tag, value } of await selectTags(db)) {
    const key = `${kind} ${name}`;
    const entries = tags.get(key) ?? (Object.create(null) as Record<string, string>);
    entries[tag] = value;
    tags.set(key, entries);
  }
  return tags;
}

async function readGrants(db: Queryable): Promise<Map<string, GrantRow[]>> {
  const grants = new Map<string, GrantRow[]>();
  for (const row of await selectGrants(db)) {
    const key = `${row.kind} ${row.name}`;
    const rows = grants.get(key);
    if (rows) rows.push(row);
    else grants.set(key, [row]);
  }
  return grants;
}

function addInformationSchema(
  catalog: CatalogRow,
  schemas: Map<string, SchemaInfo>,
  tables: Map<string, TableInfo>,
): void {
  const common = { ...catalogInfo(catalog, {}), comment: undefined, builtIn: true, catalog: catalog.name };
  schemas.set(`${catalog.name}.${INFORMATION_SCHEMA}`, { ...common, name: INFORMATION_SCHEMA });
  for (const [name, { comment }] of Object.entries(informationSchemaTables)) {
    tables.set(`${catalog.name}.${INFORMATION_SCHEMA}.${name}`, {
      ...common,
      name,
      schema: INFORMATION_SCHEMA,
      comment,
      kind: 'VIRTUAL',
      table: undefined,
      viewText: undefined,
      ownRowsColumn: undefined,
    });
  }
}

function catalogInfo(row: CatalogRow, tags: Readonly<Record<string, string>>): CatalogInfo {
  return {
    name: row.name,
    owner: row.owner,
    comment: row.comment ?? undefined,
    tags,
    createdAt: row.createdAt,
    createdBy: row.createdBy,
    updatedAt: row.updatedAt,
    builtIn: row.builtIn,
  };
}

function tableInfo(row: TableRow, tags: Readonly<Record<string, string>>): TableInfo {
  const managed = row.tableId !== null && row.location !== null;
  return {
    ...catalogInfo(row, tags),
    catalog: row.catalog,
    schema: row.schema,
    kind: row.kind,
    table: managed ? { id: row.tableId, location: row.location } : undefined,
    viewText: row.viewText ?? undefined,
    viewColumns: row.viewColumns === null ? undefined : (JSON.parse(row.viewColumns) as StructType),
    ownRowsColumn: row.ownRowsColumn ?? undefined,
  };
}

function sorted<T>(map: Map<string, T>): Map<string, T> {
  return new Map([...map].toSorted(([left], [right]) => (left < right ? -1 : 1)));
}
