import { GatewayError } from '../errors/gateway-error.ts';
import { deleteGrant, insertGrant } from '../state/unity-grant-repository.ts';
import { objectExists } from '../state/unity-object-repository.ts';
import type { Caller } from './caller.ts';
import type { Grant, GrantChange } from './catalog.ts';
import { keyOf } from './names.ts';
import { checkPrincipal } from './principals.ts';
import { insufficient, notFound } from './refusals.ts';
import { chain } from './rights.ts';
import type { Privilege, Securable, SecurableKind } from './securable.ts';
import { securableKey } from './snapshot.ts';
import type { UnityState } from './unity-state.ts';

const onTables = ['ALL PRIVILEGES', 'SELECT', 'MODIFY', 'BROWSE', 'MANAGE', 'APPLY TAG'] as const;
const onSchemas = [...onTables, 'USE SCHEMA', 'CREATE TABLE'] as const;
const onCatalogs = [...onSchemas, 'USE CATALOG', 'CREATE SCHEMA'] as const;

/** What can be granted on a kind of object: what it is about itself, and what is inherited below it. */
export const grantable: Readonly<Record<SecurableKind, readonly Privilege[]>> = {
  METASTORE: ['CREATE CATALOG', 'MANAGE'],
  CATALOG: onCatalogs,
  SCHEMA: onSchemas,
  TABLE: onTables,
};

/** Grants on the object, then those inherited; see `Catalog.grants`. */
export function grants(state: UnityState, securable: Securable, caller: Caller): Grant[] {
  const snapshot = state.snapshot();
  const rights = state.rights(caller);
  rights.requireSeen(securable);
  const all = rights.manages(securable);
  return chain(securable).flatMap((on, distance) =>
    (snapshot.grants.get(securableKey(on)) ?? [])
      .filter((row) => all || rights.speaksFor(row.principal))
      .map((row) => ({ principal: row.principal, privilege: row.privilege as Privilege, on }))
      .filter(({ privilege }) => distance === 0 || grantable[securable.kind].includes(privilege)),
  );
}

/** GRANT and REVOKE; see `Catalog.changeGrants`. Built-in objects can be granted too. */
export function changeGrants(
  state: UnityState,
  securable: Securable,
  changes: readonly GrantChange[],
  caller: Caller,
): void {
  state.refresh();
  const rights = state.rights(caller);
  rights.requireSeen(securable);
  rights.requireUse(securable);
  if (!rights.manages(securable)) throw insufficient('MANAGE', securable);
  for (const { add, remove } of changes) checkPrivileges(securable, [...add, ...remove]);
  const { kind } = securable;
  const name = keyOf(securable.name);
  const present = state.snapshot().grants.get(securableKey(securable)) ?? [];
  state.change(() => {
    if (kind !== 'METASTORE' && !isStored(state, securable)) throw notFound(securable);
    for (const change of changes) {
      const wanted = checkPrincipal(change.principal);
      const spelled = (row: { principal: string }) => row.principal.toLowerCase() === wanted.toLowerCase();
      const principal = present.find(spelled)?.principal ?? wanted;
      for (const privilege of change.remove) deleteGrant(state.store, { kind, name, principal, privilege });
      for (const privilege of change.add) {
        const grantedAt = state.now();
        insertGrant(state.store, { kind, name, principal, privilege, grantedBy: caller.userName, grantedAt });
      }
    }
  });
}

function checkPrivileges({ kind }: Securable, privileges: readonly Privilege[]): void {
  const wrong = privileges.find((privilege) => !grantable[kind].includes(privilege));
  if (wrong === undefined) return;
  throw new GatewayError(
    'caller_invalid_parameter',
    `[INVALID_PRIVILEGE] ${wrong} cannot be granted on a ${kind.toLowerCase()}. These can: ${grantable[kind].join(', ')}.`,
  );
}

/** `information_schema` is in the image but not in the store, and takes no grants. */
function isStored(state: UnityState, { name }: Securable): boolean {
  return objectExists(state.store, name);
}
