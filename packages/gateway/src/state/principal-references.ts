import { countChange } from './revisions.ts';
import type { Queryable } from './store.ts';
import { deleteGrant, insertGrant, selectGrants } from './unity-grant-repository.ts';

/** Tables whose rows have an owner. */
const OWNED = ['unity_catalogs', 'unity_schemas', 'unity_tables', 'unity_services'] as const;

/** What becomes of what somebody had in the catalog. */
export interface Successor {
  /** Who owns what they owned. */
  readonly owner: string;
  /** Who has what was granted to them; `undefined`: it ends. */
  readonly grantee: string | undefined;
}

/**
 * Grants and owners name people and groups, who may be renamed or deleted: brings the catalog after them.
 * @param isMeant whether a name, as it was written, is theirs.
 */
export async function replacePrincipal(
  tx: Queryable,
  isMeant: (name: string) => boolean,
  { owner, grantee }: Successor,
): Promise<void> {
  let changes = 0;
  for (const grant of await selectGrants(tx)) {
    if (!isMeant(grant.principal)) continue;
    await deleteGrant(tx, grant);
    if (grantee !== undefined) await insertGrant(tx, { ...grant, principal: grantee });
    changes += 1;
  }
  for (const table of OWNED) {
    for (const row of await tx.all(`SELECT DISTINCT owner FROM ${table}`)) {
      const name = row['owner'] as string;
      if (isMeant(name)) changes += await tx.run(`UPDATE ${table} SET owner = ? WHERE owner = ?`, owner, name);
    }
  }
  if (changes > 0) await countChange(tx, 'unity');
}
