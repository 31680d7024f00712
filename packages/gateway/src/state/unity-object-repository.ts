import type { Queryable, Row } from './store.ts';

/** A catalog as stored. Times are milliseconds since 1970. Names are lower case, here and below. */
export interface CatalogRow {
  readonly name: string;
  readonly owner: string;
  readonly comment: string | null;
  readonly builtIn: boolean;
  readonly createdAt: number;
  readonly createdBy: string;
  readonly updatedAt: number;
}

export interface SchemaRow extends CatalogRow {
  readonly catalog: string;
}

export interface TableRow extends SchemaRow {
  readonly schema: string;
  readonly kind: 'MANAGED' | 'VIEW';
  /** For MANAGED: `metaData.id` and directory of the Delta table. */
  readonly tableId: string | null;
  readonly location: string | null;
  /** For VIEW: its SELECT. */
  readonly viewText: string | null;
  /** For VIEW: its columns as a Delta schema string, where known. */
  readonly viewColumns: string | null;
  readonly ownRowsColumn: string | null;
}

export async function selectCatalogs(db: Queryable): Promise<CatalogRow[]> {
  return (await db.all('SELECT * FROM unity_catalogs ORDER BY name')).map(toCatalogRow);
}

export async function selectSchemas(db: Queryable): Promise<SchemaRow[]> {
  return (await db.all('SELECT * FROM unity_schemas ORDER BY catalog, name')).map(toSchemaRow);
}

export async function selectTables(db: Queryable): Promise<TableRow[]> {
  return (await db.all('SELECT * FROM unity_tables ORDER BY catalog, schema, name')).map(toTableRow);
}

/** Stores a catalog. False where the name is taken. */
export async function insertCatalog(db: Queryable, row: CatalogRow): Promise<boolean> {
  const changes = await db.run(
    `INSERT INTO unity_catalogs (name, owner, comment, built_in, created_at, created_by, updated_at)
       VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    row.name,
    row.owner,
    row.comment,
    Number(row.builtIn),
    row.createdAt,
    row.createdBy,
    row.updatedAt,
  );
  return changes > 0;
}

/** Stores a schema. False where the name is taken. Throws where there is no such catalog. */
export async function insertSchema(db: Queryable, row: SchemaRow): Promise<boolean> {
  const changes = await db.run(
    `INSERT INTO unity_schemas (catalog, name, owner, comment, built_in, created_at, created_by, updated_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    row.catalog,
    row.name,
    row.owner,
    row.comment,
    Number(row.builtIn),
    row.createdAt,
    row.createdBy,
    row.updatedAt,
  );
  return changes > 0;
}

/** Stores a table. False where the name or the location is taken. Throws where there is no such schema. */
export async function insertTable(db: Queryable, row: TableRow): Promise<boolean> {
  const changes = await db.run(
    `INSERT INTO unity_tables (catalog, schema, name, kind, table_id, location, view_text, view_columns,
         own_rows_column, owner, comment, built_in, created_at, created_by, updated_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    row.catalog,
    row.schema,
    row.name,
    row.kind,
    row.tableId,
    row.location,
    row.viewText,
    row.viewColumns,
    row.ownRowsColumn,
    row.owner,
    row.comment,
    Number(row.builtIn),
    row.createdAt,
    row.createdBy,
    row.updatedAt,
  );
  return changes > 0;
}

/** Gives a view another text. False where there is no such view. */
export async function updateView(
  db: Queryable,
  row: Pick<TableRow, 'catalog' | 'schema' | 'name' | 'viewText' | 'viewColumns' | 'comment' | 'updatedAt'>,
): Promise<boolean> {
  const changes = await db.run(
    `UPDATE unity_tables SET view_text = ?, view_columns = ?, comment = ?, updated_at = ?
       WHERE catalog = ? AND schema = ? AND name = ? AND kind = 'VIEW'`,
    row.viewText,
    row.viewColumns,
    row.comment,
    row.updatedAt,
    row.catalog,
    row.schema,
    row.name,
  );
  return changes > 0;
}

/** What `updateObject` changes; what is left out stays. */
export interface ObjectChange {
  readonly owner?: string | undefined;
  /** `null` takes the comment away. */
  readonly comment?: string | null | undefined;
  readonly ownRowsColumn?: string | null | undefined;
}

/**
 * Changes a catalog, schema or table, by the number of parts of `name`. The column that names own rows
 * is for tables only. False where there is none of that name.
 */
export async function updateObject(
  db: Queryable,
  name: readonly string[],
  change: ObjectChange,
  at: number,
): Promise<boolean> {
  const entries: [string, string | null | undefined][] = [
    ['owner', change.owner],
    ['comment', change.comment],
    ['own_rows_column', change.ownRowsColumn],
  ];
  const given = entries.filter((entry): entry is [string, string | null] => entry[1] !== undefined);
  const { table, where } = place(name);
  const set = [...given.map(([column]) => `${column} = ?`), 'updated_at = ?'].join(', ');
  const changes = await db.run(
    `UPDATE ${table} SET ${set} WHERE ${where}`,
    ...given.map(([, value]) => value),
    at,
    ...name,
  );
  return changes > 0;
}

/** Deletes a catalog, schema or table. False where there is none. Throws where something is left in it. */
export async function deleteObject(db: Queryable, name: readonly string[]): Promise<boolean> {
  const { table, where } = place(name);
  return (await db.run(`DELETE FROM ${table} WHERE ${where}`, ...name)) > 0;
}

/** Whether a catalog, schema or table of that name is stored. */
export async function objectExists(db: Queryable, name: readonly string[]): Promise<boolean> {
  const { table, where } = place(name);
  return (await db.get(`SELECT 1 AS found FROM ${table} WHERE ${where}`, ...name)) !== undefined;
}

function place(name: readonly string[]): { table: string; where: string } {
  switch (name.length) {
    case 1:
      return { table: 'unity_catalogs', where: 'name = ?' };
    case 2:
      return { table: 'unity_schemas', where: 'catalog = ? AND name = ?' };
    default:
      return { table: 'unity_tables', where: 'catalog = ? AND schema = ? AND name = ?' };
  }
}

function toCatalogRow(row: Row): CatalogRow {
  return {
    name: row['name'] as string,
    owner: row['owner'] as string,
    comment: row['comment'] as string | null,
    builtIn: row['built_in'] === 1,
    createdAt: row['created_at'] as number,
    createdBy: row['created_by'] as string,
    updatedAt: row['updated_at'] as number,
  };
}

function toSchemaRow(row: Row): SchemaRow {
  return { ...toCatalogRow(row), catalog: row['catalog'] as string };
}

function toTableRow(row: Row): TableRow {
  return {
    ...toSchemaRow(row),
    schema: row['schema'] as string,
    kind: row['kind'] as TableRow['kind'],
    tableId: row['table_id'] as string | null,
    location: row['location'] as string | null,
    viewText: row['view_text'] as string | null,
    viewColumns: row['view_columns'] as string | null,
    ownRowsColumn: row['own_rows_column'] as string | null,
  };
}
