import type { Queryable, Row } from './store.ts';

export type ServiceKind = 'MODEL_SERVICE' | 'MODEL_PROVIDER_SERVICE';

/** A service as stored. Names are lower case, times milliseconds since 1970. */
export interface ServiceRow {
  readonly kind: ServiceKind;
  readonly catalog: string;
  readonly schema: string;
  readonly name: string;
  /** Given once: a service of the same name that is made later has another one. */
  readonly uid: string;
  readonly owner: string;
  readonly comment: string | null;
  /** JSON in the shape of the REST API; secrets as `{"sealed": …}`. */
  readonly config: string;
  /** JSON object: name of a provider service to its `uid`; `null` for one of the configuration. */
  readonly providers: string;
  readonly etag: string;
  readonly createdAt: number;
  readonly createdBy: string;
  readonly updatedAt: number;
  readonly updatedBy: string;
}

export type ServiceName = Pick<ServiceRow, 'kind' | 'catalog' | 'schema' | 'name'>;

export async function selectServices(db: Queryable): Promise<ServiceRow[]> {
  return (await db.all('SELECT * FROM unity_services ORDER BY kind, catalog, schema, name')).map(toServiceRow);
}

export async function selectService(db: Queryable, name: ServiceName): Promise<ServiceRow | undefined> {
  const row = await db.get(
    'SELECT * FROM unity_services WHERE kind = ? AND catalog = ? AND schema = ? AND name = ?',
    name.kind,
    name.catalog,
    name.schema,
    name.name,
  );
  return row && toServiceRow(row);
}

/** Stores a service. False where the name is taken. Throws where there is no such schema. */
export async function insertService(db: Queryable, row: ServiceRow): Promise<boolean> {
  const changes = await db.run(
    `INSERT INTO unity_services (kind, catalog, schema, name, uid, owner, comment, config, providers, etag,
       created_at, created_by, updated_at, updated_by)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    row.kind,
    row.catalog,
    row.schema,
    row.name,
    row.uid,
    row.owner,
    row.comment,
    row.config,
    row.providers,
    row.etag,
    row.createdAt,
    row.createdBy,
    row.updatedAt,
    row.updatedBy,
  );
  return changes > 0;
}

/** Writes a service anew, where it still has the etag that was read. False where it was changed or deleted since. */
export async function updateService(db: Queryable, row: ServiceRow, readEtag: string): Promise<boolean> {
  const changes = await db.run(
    `UPDATE unity_services SET owner = ?, comment = ?, config = ?, providers = ?, etag = ?, updated_at = ?,
       updated_by = ?
     WHERE kind = ? AND catalog = ? AND schema = ? AND name = ? AND etag = ?`,
    row.owner,
    row.comment,
    row.config,
    row.providers,
    row.etag,
    row.updatedAt,
    row.updatedBy,
    row.kind,
    row.catalog,
    row.schema,
    row.name,
    readEtag,
  );
  return changes > 0;
}

/** False where there is none. Grants are deleted apart. */
export async function deleteService(db: Queryable, name: ServiceName): Promise<boolean> {
  const changes = await db.run(
    'DELETE FROM unity_services WHERE kind = ? AND catalog = ? AND schema = ? AND name = ?',
    name.kind,
    name.catalog,
    name.schema,
    name.name,
  );
  return changes > 0;
}

function toServiceRow(row: Row): ServiceRow {
  return {
    kind: row['kind'] as ServiceKind,
    catalog: row['catalog'] as string,
    schema: row['schema'] as string,
    name: row['name'] as string,
    uid: row['uid'] as string,
    owner: row['owner'] as string,
    comment: row['comment'] as string | null,
    config: row['config'] as string,
    providers: row['providers'] as string,
    etag: row['etag'] as string,
    createdAt: row['created_at'] as number,
    createdBy: row['created_by'] as string,
    updatedAt: row['updated_at'] as number,
    updatedBy: row['updated_by'] as string,
  };
}
