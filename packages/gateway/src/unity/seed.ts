import { insertGrant } from '../state/unity-grant-repository.ts';
import { insertCatalog, insertSchema, objectExists, selectCatalogs } from '../state/unity-object-repository.ts';
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
export function seed(state: UnityState): void {
  const { store } = state;
  if (objectExists(store, [SYSTEM, 'ai'])) return;
  state.change(() => {
    if (selectCatalogs(store).length === 0) {
      addCatalog(state, 'main', false);
      addSchema(state, 'main', 'default', false);
      grantToAll(state, { kind: 'CATALOG', name: ['main'] }, ['USE CATALOG']);
      grantToAll(state, { kind: 'SCHEMA', name: ['main', 'default'] }, ['USE SCHEMA', 'CREATE TABLE']);
    }
    if (!objectExists(store, [SYSTEM])) {
      addCatalog(state, SYSTEM, true);
      grantToAll(state, { kind: 'CATALOG', name: [SYSTEM] }, ['USE CATALOG', 'USE SCHEMA']);
    }
    addSchema(state, SYSTEM, 'ai', true);
  });
}

/** See `Catalog.ensureSchemas`. */
export function ensureSchemas(state: UnityState, services: readonly string[]): void {
  state.refresh();
  const { schemas } = state.snapshot();
  const missing = services
    .map((name) => lowerCase(name).split('.'))
    .filter((name) => !schemas.has(keyOf(name.slice(0, 2))));
  if (missing.length === 0) return;
  state.change(() => {
    for (const [catalog = '', schema = ''] of missing) ensureSchema(state, catalog, schema);
  });
}

/** Inside a transaction: another process may have made it meanwhile. */
function ensureSchema(state: UnityState, catalog: string, schema: string): void {
  if (!objectExists(state.store, [catalog])) {
    addCatalog(state, catalog, false);
    grantToAll(state, { kind: 'CATALOG', name: [catalog] }, ['USE CATALOG']);
  }
  if (objectExists(state.store, [catalog, schema])) return;
  addSchema(state, catalog, schema, catalog === SYSTEM);
  grantToAll(state, { kind: 'SCHEMA', name: [catalog, schema] }, ['USE SCHEMA']);
}

/** Makes a schema unless it is there. Inside a transaction. */
export function addSchema(state: UnityState, catalog: string, name: string, builtIn: boolean): void {
  insertSchema(state.store, { ...common(state, builtIn), catalog, name });
}

function addCatalog(state: UnityState, name: string, builtIn: boolean): void {
  insertCatalog(state.store, { ...common(state, builtIn), name });
}

function common(state: UnityState, builtIn: boolean) {
  const at = state.now();
  return { owner: ADMINS, comment: null, builtIn, createdAt: at, createdBy: SYSTEM_USER, updatedAt: at };
}

function grantToAll(state: UnityState, { kind, name }: Securable, privileges: readonly Privilege[]): void {
  for (const privilege of privileges) {
    insertGrant(state.store, {
      kind,
      name: keyOf(name),
      principal: ACCOUNT_USERS,
      privilege,
      grantedBy: SYSTEM_USER,
      grantedAt: state.now(),
    });
  }
}
