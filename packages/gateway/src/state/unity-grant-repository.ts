import type { Store } from './store.ts';

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

export function selectGrants(store: Store): GrantRow[] {
  return store
    .prepare('SELECT * FROM unity_grants ORDER BY kind, name, principal, privilege')
    .all()
    .map((row) => ({
      kind: row['kind'] as string,
      name: row['name'] as string,
      principal: row['principal'] as string,
      privilege: row['privilege'] as string,
      grantedBy: row['granted_by'] as string,
      grantedAt: row['granted_at'] as number,
    }));
}

/** Stores a grant; one that is there already stays as it is. */
export function insertGrant(store: Store, row: GrantRow): void {
  store
    .prepare(
      `INSERT INTO unity_grants (kind, name, principal, privilege, granted_by, granted_at)
       VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    )
    .run(row.kind, row.name, row.principal, row.privilege, row.grantedBy, row.grantedAt);
}

/** Takes a grant away; one that is not there is no error. */
export function deleteGrant(store: Store, row: Pick<GrantRow, 'kind' | 'name' | 'principal' | 'privilege'>): void {
  store
    .prepare('DELETE FROM unity_grants WHERE kind = ? AND name = ? AND principal = ? AND privilege = ?')
    .run(row.kind, row.name, row.principal, row.privilege);
}

/** Takes all grants on an object away. */
export function deleteGrantsOn(store: Store, kind: string, name: string): void {
  store.prepare('DELETE FROM unity_grants WHERE kind = ? AND name = ?').run(kind, name);
}
