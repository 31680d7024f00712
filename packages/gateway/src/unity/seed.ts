import { insertGrant } from '../state/unity-grant-repository.ts';
import { insertCatalog, insertSchema, objectExists, selectCatalogs } from '../state/unity-object-repository.ts';
import type { Queryable } from '../state/store.ts';
import { ACCOUNT_USERS, ADMINS } from './caller.ts';
import type { Privilege, Securable } from './securable.ts';
import type { UnityState } from './unity-state.ts';
import { keyOf, lowerCase } from './names.ts';

/** Who made what the gateway brings itself. */
export const SYSTEM_USER = 'System user';

/** The catalog of the gateway's own tables. */
export const SYSTEM = 'system';

/**
 * Makes what exists from the start. `main` with `main.default`, in which everyone may create tables, is
 * made once: an admin may revoke that or drop it. `system` and `system.ai`, the schema of the
 * hosted models, are always there.
 */
export async function seed(state: UnityState): Promise<void> {
  if (state.snapshot().schemas.has(keyOf([SYSTEM, 'ai']))) return;
  await state.change(async (tx) => {
    if ((await selectCatalogs(tx)).length === 0) {
      await addCatalog(state, tx, 'main', false);
      await addSchema(state, tx, 'main', 'default', false);
      await grantToAll(state, tx, { kind: 'CATALOG', name: ['main'] }, ['USE CATALOG']);
      await grantToAll(state, tx, { kind: 'SCHEMA', name: ['main', 'default'] }, ['USE SCHEMA', 'CREATE TABLE']);
    }
    if (!(await objectExists(tx, [SYSTEM]))) {
      await addCatalog(state, tx, SYSTEM, true);
      await grantToAll(state, tx, { kind: 'CATALOG', name: [SYSTEM] }, ['USE CATALOG', 'USE SCHEMA']);
    }
    await addSchema(state, tx, SYSTEM, 'ai', true);
  });
}

/** See `Catalog.ensureSchemas`. */
export async function ensureSchemas(state: UnityState, services: readonly string[]): Promise<void> {
  await state.refresh();
  const { schemas } = state.snapshot();
  const missing = services
    .map((name) => lowerCase(name).split('.'))
    .filter((name) => !schemas.has(keyOf(name.slice(0, 2))));
  if (missing.length === 0) return;
  await state.change(async (tx) => {
    for (const [catalog = '', schema = ''] of missing) await ensureSchema(state, tx, catalog, schema);
  });
}

/** Inside a transaction: another process may have made it meanwhile. */
async function ensureSchema(state: UnityState, tx: Queryable, catalog: string, schema: string): Promise<void> {
  if (!(await objectExists(tx, [catalog]))) {
    await addCatalog(state, tx, catalog, false);
    await grantToAll(state, tx, { kind: 'CATALOG', name: [catalog] }, ['USE CATALOG']);
  }
  if (await objectExists(tx, [catalog, schema])) return;
  await addSchema(state, tx, catalog, schema, catalog === SYSTEM);
  await grantToAll(state, tx, { kind: 'SCHEMA', name: [catalog, schema] }, ['USE SCHEMA']);
}

/** Makes a schema unless it is there. Inside a transaction. */
export async function addSchema(
  state: UnityState,
  tx: Queryable,
  catalog: string,
  name: string,
  builtIn: boolean,
): Promise<void> {
  await insertSchema(tx, { ...common(state, builtIn), catalog, name });
}

async function addCatalog(state: UnityState, tx: Queryable, name: string, builtIn: boolean): Promise<void> {
  await insertCatalog(tx, { ...common(state, builtIn), name });
}

function common(state: UnityState, builtIn: boolean) {
  const at = state.now();
  return { owner: ADMINS, comment: null, builtIn, createdAt: at, createdBy: SYSTEM_USER, updatedAt: at };
}

async function grantToAll(
  state: UnityState,
  tx: Queryable,
  { kind, name }: Securable,
  privileges: readonly Privilege[],
): Promise<void> {
  for (const privilege of privileges) {
    await insertGrant(tx, {
      kind,
      name: keyOf(name),
      principal: ACCOUNT_USERS,
      privilege,
      grantedBy: SYSTEM_USER,
      grantedAt: state.now(),
    });
  }
}
