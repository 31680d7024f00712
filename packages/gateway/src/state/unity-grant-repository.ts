import type { Queryable, Row } from './store.ts';

/** One privilege of one principal on one object. Names are the parts, joined by dots, in lower case. */
export interface GrantRow {
  /** METASTORE, CATALOG, SCHEMA or TABLE. */
  readonly kind: string;
  /** Empty for the metastore. */
  readonly name: string;
  readonly principal: string;
  readonly privilege: string;
  readonly grantedBy: string;
  readonly grantedAt: number;
}

export async function selectGrants(db: Queryable): Promise<GrantRow[]> {
  return (await db.all('SELECT * FROM unity_grants ORDER BY kind, name, principal, privilege')).map(toGrantRow);
}

/** Grants on exactly this object. */
export async function selectGrantsOn(db: Queryable, kind: string, name: string): Promise<GrantRow[]> {
  const rows = await db.all('SELECT * FROM unity_grants WHERE kind = ? AND name = ? ORDER BY principal', kind, name);
  return rows.map(toGrantRow);
}

function toGrantRow(row: Row): GrantRow {
  return {
    kind: row['kind'] as string,
    name: row['name'] as string,
    principal: row['principal'] as string,
    privilege: row['privilege'] as string,
    grantedBy: row['granted_by'] as string,
    grantedAt: row['granted_at'] as number,
  };
}

/** Stores a grant; one that is there already stays as it is. */
export async function insertGrant(db: Queryable, row: GrantRow): Promise<void> {
  await db.run(
    `INSERT INTO unity_grants (kind, name, principal, privilege, granted_by, granted_at)
     VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    row.kind,
    row.name,
    row.principal,
    row.privilege,
    row.grantedBy,
    row.grantedAt,
  );
}

/** Takes a grant away; one that is not there is no error. */
export async function deleteGrant(
  db: Queryable,
  row: Pick<GrantRow, 'kind' | 'name' | 'principal' | 'privilege'>,
): Promise<void> {
  await db.run(
    'DELETE FROM unity_grants WHERE kind = ? AND name = ? AND principal = ? AND privilege = ?',
    row.kind,
    row.name,
    row.principal,
    row.privilege,
  );
}

/** Takes all grants on an object away. */
export async function deleteGrantsOn(db: Queryable, kind: string, name: string): Promise<void> {
  await db.run('DELETE FROM unity_grants WHERE kind = ? AND name = ?', kind, name);
}
