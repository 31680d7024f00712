import { grantable } from '../grants.ts';
import { chain, type Rights } from '../rights.ts';
import type { Privilege, Securable, SecurableKind } from '../securable.ts';
import { securableKey, type Snapshot } from '../snapshot.ts';

/**
 * Rows of `*_privileges`: each grant on each of the objects, inherited ones included. Who may not manage
 * an object sees only the grants that reach the caller.
 */
export function privilegeRows(
  source: { readonly snapshot: Snapshot; readonly rights: Rights },
  kind: SecurableKind,
  names: readonly (readonly string[])[],
): (string | null)[][] {
  return names.flatMap((name) => rowsOn(source, { kind, name }));
}

function rowsOn(
  { snapshot, rights }: { readonly snapshot: Snapshot; readonly rights: Rights },
  securable: Securable,
): (string | null)[][] {
  const all = rights.manages(securable);
  return chain(securable).flatMap((on, distance) =>
    (snapshot.grants.get(securableKey(on)) ?? [])
      .filter((row) => all || rights.speaksFor(row.principal))
      .filter((row) => distance === 0 || grantable[securable.kind].includes(row.privilege as Privilege))
      .map((row) => [
        row.grantedBy,
        row.principal,
        ...securable.name,
        row.privilege.replaceAll(' ', '_'),
        'NO',
        distance === 0 ? 'NONE' : on.kind,
      ]),
  );
}
