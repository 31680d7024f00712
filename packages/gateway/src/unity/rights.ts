import type { GrantRow } from '../state/unity-grant-repository.ts';
import { ACCOUNT_USERS, isAdmin, type Caller } from './caller.ts';
import { INFORMATION_SCHEMA } from './information-schema/definitions.ts';
import { keyOf } from './names.ts';
import { builtIn, insufficient, notFound } from './refusals.ts';
import type { Privilege, Securable } from './securable.ts';
import { securableKey, type Snapshot } from './snapshot.ts';

/** Privileges that do not speak of what is below: held on a catalog, they show nothing of its schemas. */
const notInherited: ReadonlySet<string> = new Set(['USE CATALOG', 'CREATE CATALOG', 'CREATE SCHEMA']);
/** Privileges that let a table be seen when they are held on what it is in. */
const aboutTables: ReadonlySet<string> = new Set([
  'ALL PRIVILEGES',
  'SELECT',
  'MODIFY',
  'BROWSE',
  'MANAGE',
  'APPLY TAG',
]);

/**
 * What one caller may do. Privileges are inherited downwards: metastore, catalog, schema, table. Owners
 * have every privilege on what they own and what is below it; members of `admins` have every privilege.
 */
export class Rights {
  readonly admin: boolean;
  readonly #snapshot: Snapshot;
  readonly #principals: ReadonlySet<string>;

  constructor(snapshot: Snapshot, caller: Caller) {
    this.#snapshot = snapshot;
    this.admin = isAdmin(caller);
    this.#principals = new Set([caller.userName, ...caller.groups, ACCOUNT_USERS].map(comparable));
  }

  /** Whether `principal` is the caller, one of its groups, or everyone. Case does not matter. */
  speaksFor(principal: string): boolean {
    return this.#principals.has(comparable(principal));
  }

  /** Owner of the object or of something above it. */
  owns(securable: Securable): boolean {
    return chain(securable).some((entry) => {
      const owner = ownerOf(this.#snapshot, entry);
      return owner !== undefined && this.speaksFor(owner);
    });
  }

  has(privilege: Privilege, securable: Securable): boolean {
    if (this.admin || this.owns(securable) || isForEveryone(privilege, securable)) return true;
    return this.#holds(
      securable,
      (held) => held === privilege || (held === 'ALL PRIVILEGES' && privilege !== 'MANAGE'),
    );
  }

  /** Whether exactly this privilege was granted, on the object or above it. */
  hasExplicitly(privilege: Privilege, securable: Securable): boolean {
    return this.#holds(securable, (held) => held === privilege);
  }

  /** May grant, drop, change the owner. */
  manages(securable: Securable): boolean {
    return this.has('MANAGE', securable);
  }

  /** Whether the object exists for this caller at all. */
  sees(securable: Securable): boolean {
    if (!exists(this.#snapshot, securable)) return false;
    if (securable.kind === 'METASTORE' || this.admin || this.owns(securable)) return true;
    if (isInformationSchema(securable)) return this.sees(catalogOf(securable));
    if (this.#granted(securable).length > 0) return true;
    if (securable.kind === 'TABLE') return this.#seesTable(securable);
    const fromAbove = (row: GrantRow) =>
      securable.kind === 'SCHEMA' ? !notInherited.has(row.privilege) : aboutTables.has(row.privilege);
    return above(securable).some((entry) => this.#granted(entry).some(fromAbove)) || this.#seesBelow(securable);
  }

  /**
   * Refuses what the caller may not do.
   * @throws GatewayError `caller_*_not_found` for what it may not see, `policy_forbidden` else.
   */
  require(privilege: Privilege, securable: Securable): void {
    this.requireSeen(securable);
    if (!this.has(privilege, securable)) throw insufficient(privilege, securable);
  }

  /** `require`, with USE CATALOG and USE SCHEMA on what the object is in. */
  requireWithin(privilege: Privilege, securable: Securable): void {
    this.requireSeen(securable);
    this.requireUse(securable);
    if (!this.has(privilege, securable)) throw insufficient(privilege, securable);
  }

  /** USE CATALOG and USE SCHEMA on what the object is in. */
  requireUse(securable: Securable): void {
    for (const entry of above(securable).toReversed()) {
      if (entry.kind === 'CATALOG' && !this.has('USE CATALOG', entry)) throw insufficient('USE CATALOG', entry);
      if (entry.kind === 'SCHEMA' && !this.has('USE SCHEMA', entry)) throw insufficient('USE SCHEMA', entry);
    }
  }

  /** For what changes an object: refuses built-in ones, then what `requireWithin` refuses. */
  requireChange(privilege: Privilege, securable: Securable): void {
    this.requireSeen(securable);
    if (isBuiltIn(this.#snapshot, securable)) throw builtIn(securable);
    this.requireWithin(privilege, securable);
  }

  /** @throws GatewayError `caller_*_not_found` for the first part of the name that the caller may not see. */
  requireSeen(securable: Securable): void {
    if (this.sees(securable)) return;
    const hidden = chain(securable)
      .toReversed()
      .find((entry) => !this.sees(entry));
    throw notFound(hidden ?? securable);
  }

  #seesTable(securable: Securable): boolean {
    if (this.#snapshot.tables.get(keyOf(securable.name))?.ownRowsColumn !== undefined) return true;
    return above(securable).some((entry) => this.#granted(entry).some((row) => aboutTables.has(row.privilege)));
  }

  /** Something in the container is granted to the caller or its own. */
  #seesBelow(securable: Securable): boolean {
    const prefix = `${keyOf(securable.name)}.`;
    if (securable.kind === 'CATALOG') {
      for (const [key, { name, catalog }] of this.#snapshot.schemas) {
        if (name === INFORMATION_SCHEMA || !key.startsWith(prefix)) continue;
        const schema: Securable = { kind: 'SCHEMA', name: [catalog, name] };
        if (this.owns(schema) || this.#granted(schema).length > 0) return true;
      }
    }
    for (const [key, { kind, catalog, schema, name }] of this.#snapshot.tables) {
      if (kind === 'VIRTUAL' || !key.startsWith(prefix)) continue;
      const table: Securable = { kind: 'TABLE', name: [catalog, schema, name] };
      if (this.owns(table) || this.#granted(table).length > 0) return true;
      if (this.#snapshot.tables.get(key)?.ownRowsColumn !== undefined) return true;
    }
    return false;
  }

  #holds(securable: Securable, test: (privilege: string) => boolean): boolean {
    return chain(securable).some((entry) => this.#granted(entry).some((row) => test(row.privilege)));
  }

  /** Grants on exactly this object that reach the caller. */
  #granted(securable: Securable): GrantRow[] {
    const rows = this.#snapshot.grants.get(securableKey(securable)) ?? [];
    return rows.filter((row) => this.speaksFor(row.principal));
  }
}

/** The object, then what it is in, up to the metastore. */
export function chain({ kind, name }: Securable): Securable[] {
  const kinds = ['CATALOG', 'SCHEMA', 'TABLE'] as const;
  const entries: Securable[] = [];
  if (kind !== 'METASTORE') {
    for (let parts = name.length; parts > 0; parts -= 1) {
      entries.push({ kind: kinds[parts - 1] ?? 'TABLE', name: name.slice(0, parts) });
    }
  }
  return [...entries, { kind: 'METASTORE', name: [] }];
}

/** What the object is in, the nearest first. */
export function above(securable: Securable): Securable[] {
  return chain(securable).slice(1);
}

export function ownerOf(snapshot: Snapshot, securable: Securable): string | undefined {
  return infoOf(snapshot, securable)?.owner;
}

export function isBuiltIn(snapshot: Snapshot, securable: Securable): boolean {
  return infoOf(snapshot, securable)?.builtIn ?? false;
}

export function exists(snapshot: Snapshot, securable: Securable): boolean {
  return securable.kind === 'METASTORE' || infoOf(snapshot, securable) !== undefined;
}

function infoOf(snapshot: Snapshot, { kind, name }: Securable) {
  switch (kind) {
    case 'METASTORE':
      return undefined;
    case 'CATALOG':
      return snapshot.catalogs.get(keyOf(name));
    case 'SCHEMA':
      return snapshot.schemas.get(keyOf(name));
    case 'TABLE':
      return snapshot.tables.get(keyOf(name));
  }
}

function catalogOf({ name }: Securable): Securable {
  return { kind: 'CATALOG', name: name.slice(0, 1) };
}

function isInformationSchema({ name }: Securable): boolean {
  return name.length > 1 && keyOf(name.slice(1, 2)) === INFORMATION_SCHEMA;
}

/** `information_schema` needs no grant beyond its catalog's: it shows each caller what it may see. */
function isForEveryone(privilege: Privilege, securable: Securable): boolean {
  return isInformationSchema(securable) && (privilege === 'USE SCHEMA' || privilege === 'SELECT');
}

function comparable(principal: string): string {
  return principal.toLowerCase();
}
