import { GatewayError } from '../errors/gateway-error.ts';
import { deleteGrant, insertGrant, selectGrantsOn } from '../state/unity-grant-repository.ts';
import type { Queryable } from '../state/store.ts';
import { selectService } from '../state/service-repository.ts';
import { objectExists } from '../state/unity-object-repository.ts';
import type { Caller } from './caller.ts';
import type { Grant, GrantChange } from './catalog.ts';
import { keyOf, shown } from './names.ts';
import { checkPrincipal } from './principals.ts';
import { inWords, insufficient, notFound } from './refusals.ts';
import { chain } from './rights.ts';
import type { Privilege, Securable, SecurableKind } from './securable.ts';
import { securableKey } from './snapshot.ts';
import { DECLARED_BY } from './services/declared-services.ts';
import type { UnityState } from './unity-state.ts';

const onTables = ['ALL PRIVILEGES', 'SELECT', 'MODIFY', 'BROWSE', 'MANAGE', 'APPLY TAG'] as const;
const onServices = ['ALL PRIVILEGES', 'EXECUTE', 'READ METADATA', 'MANAGE'] as const;
const onSchemas = [...onTables, 'USE SCHEMA', 'CREATE TABLE', 'CREATE SERVICE', 'EXECUTE', 'READ METADATA'] as const;
const onCatalogs = [...onSchemas, 'USE CATALOG', 'CREATE SCHEMA'] as const;

/** What can be granted on a kind of object: what it is about itself, and what is inherited below it. */
export const grantable: Readonly<Record<SecurableKind, readonly Privilege[]>> = {
  METASTORE: ['CREATE CATALOG', 'MANAGE'],
  CATALOG: onCatalogs,
  SCHEMA: onSchemas,
  TABLE: onTables,
  MODEL_SERVICE: onServices,
  MODEL_PROVIDER_SERVICE: onServices,
  MCP_SERVICE: onServices,
  AGENT_SERVICE: onServices,
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
export async function changeGrants(
  state: UnityState,
  securable: Securable,
  changes: readonly GrantChange[],
  caller: Caller,
): Promise<void> {
  await state.refresh();
  const rights = state.rights(caller);
  rights.requireSeen(securable);
  rights.requireUse(securable);
  if (!rights.manages(securable)) throw insufficient('MANAGE', securable);
  for (const { add, remove } of changes) checkPrivileges(securable, [...add, ...remove]);
  refuseDeclared(state, securable, changes);
  const { kind } = securable;
  const name = keyOf(securable.name);
  await state.change(async (tx) => {
    if (!(await isStored(state, tx, securable))) throw notFound(securable);
    const present = await selectGrantsOn(tx, kind, name);
    for (const change of changes) {
      const wanted = checkPrincipal(change.principal);
      const spelled = (row: { principal: string }) => row.principal.toLowerCase() === wanted.toLowerCase();
      const principal = present.find(spelled)?.principal ?? wanted;
      for (const privilege of change.remove) await deleteGrant(tx, { kind, name, principal, privilege });
      for (const privilege of change.add) {
        const grantedAt = state.now();
        await insertGrant(tx, { kind, name, principal, privilege, grantedBy: caller.userName, grantedAt });
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

/**
 * `information_schema` is in the image but not in the store, and takes no grants. Services of the configuration are not
 * in the store either, and do.
 */
async function isStored(state: UnityState, tx: Queryable, { kind, name }: Securable): Promise<boolean> {
  if (kind === 'METASTORE') return true;
  if (kind === 'CATALOG' || kind === 'SCHEMA' || kind === 'TABLE') return objectExists(tx, name);
  if (state.snapshot().services.get(securableKey({ kind, name }))?.origin === 'configuration') return true;
  if (kind !== 'MODEL_SERVICE' && kind !== 'MODEL_PROVIDER_SERVICE') return false;
  const [catalog = '', schema = '', leaf = ''] = name;
  return (await selectService(tx, { kind, catalog, schema, name: leaf })) !== undefined;
}

/** What the configuration grants is revoked there. */
function refuseDeclared(state: UnityState, securable: Securable, changes: readonly GrantChange[]): void {
  const rows = state.snapshot().grants.get(securableKey(securable)) ?? [];
  const declared = rows.filter((row) => row.grantedBy === DECLARED_BY);
  for (const { principal, remove } of changes) {
    const row = declared.find(
      (one) =>
        one.principal.toLowerCase() === principal.trim().toLowerCase() && remove.includes(one.privilege as Privilege),
    );
    if (row === undefined) continue;
    throw new GatewayError(
      'caller_invalid_state',
      `${row.privilege} on ${inWords(securable)} is granted to ${shown(row.principal)} by the configuration. Take it away under grants in ${DECLARED_BY}.`,
    );
  }
}
