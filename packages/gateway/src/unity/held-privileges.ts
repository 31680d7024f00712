import { ACCOUNT_USERS } from './caller.ts';
import { INFORMATION_SCHEMA } from './information-schema/definitions.ts';
import { keyOf } from './names.ts';
import type { Securable } from './securable.ts';
import { securableKey, type Snapshot } from './snapshot.ts';

/** Grants and owners of one image, arranged for questions: none of them looks at more than one object or principal. */
export interface HeldPrivileges {
  /** By `securableKey`, then by `comparable` principal: the privileges granted on exactly that object. */
  readonly on: ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<string>>>;
  /** By `keyOf` a catalog or schema: `comparable` principals to whom something in it belongs, is granted or is shown. */
  readonly within: ReadonlyMap<string, ReadonlySet<string>>;
}

const known = new WeakMap<Snapshot, HeldPrivileges>();

/** Made once for each image, when it is first asked for. */
export function heldPrivileges(snapshot: Snapshot): HeldPrivileges {
  let held = known.get(snapshot);
  if (held === undefined) {
    const on = grantsByPrincipal(snapshot);
    known.set(snapshot, (held = { on, within: principalsWithin(snapshot, on) }));
  }
  return held;
}

/** How principals are compared: case does not matter. */
export function comparable(principal: string): string {
  return principal.toLowerCase();
}

function grantsByPrincipal({ grants }: Snapshot): Map<string, Map<string, Set<string>>> {
  const on = new Map<string, Map<string, Set<string>>>();
  for (const [key, rows] of grants) {
    const held = new Map<string, Set<string>>();
    for (const { principal, privilege } of rows) entry(held, comparable(principal)).add(privilege);
    on.set(key, held);
  }
  return on;
}

function principalsWithin(snapshot: Snapshot, on: HeldPrivileges['on']): Map<string, Set<string>> {
  const within = new Map<string, Set<string>>();
  const note = (securable: Securable, others: readonly string[]): void => {
    const principals = [...others.map(comparable), ...(on.get(securableKey(securable))?.keys() ?? [])];
    for (let parts = securable.name.length - 1; parts > 0; parts -= 1) {
      const all = entry(within, keyOf(securable.name.slice(0, parts)));
      for (const principal of principals) all.add(principal);
    }
  };
  for (const { catalog, name, owner } of snapshot.schemas.values()) {
    if (name !== INFORMATION_SCHEMA) note({ kind: 'SCHEMA', name: [catalog, name] }, [owner]);
  }
  for (const { kind, catalog, schema, name, owner, ownRowsColumn } of snapshot.tables.values()) {
    const shownTo = ownRowsColumn === undefined ? [] : [ACCOUNT_USERS];
    if (kind !== 'VIRTUAL') note({ kind: 'TABLE', name: [catalog, schema, name] }, [owner, ...shownTo]);
  }
  for (const { kind, catalog, schema, name, owner } of snapshot.services.values()) {
    note({ kind, name: [catalog, schema, name] }, [owner]);
  }
  return within;
}

function entry<T>(map: Map<string, Set<T>>, key: string): Set<T> {
  let set = map.get(key);
  if (set === undefined) map.set(key, (set = new Set()));
  return set;
}
