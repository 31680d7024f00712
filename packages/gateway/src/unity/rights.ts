import { isAdmin, type Caller } from './caller.ts';
import type { ServiceRights } from './catalog.ts';
import { CallerNames, includesAny } from './caller-names.ts';
import { heldPrivileges, type HeldPrivileges } from './held-privileges.ts';
import { INFORMATION_SCHEMA } from './information-schema/definitions.ts';
import { keyOf, lowerCase } from './names.ts';
import { builtIn, insufficient, notFound } from './refusals.ts';
import { isServiceKind, type Privilege, type Securable, type ServiceSecurableKind } from './securable.ts';
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

/** The same for services. */
const aboutServices: ReadonlySet<string> = new Set(['ALL PRIVILEGES', 'EXECUTE', 'READ METADATA', 'MANAGE']);

/**
 * What one caller may do. Privileges are inherited downwards: metastore, catalog, schema, table or service. Owners
 * have every privilege on what they own and what is below it; members of `admins` have every privilege.
 */
export class Rights implements ServiceRights {
  readonly admin: boolean;
  readonly #snapshot: Snapshot;
  readonly #held: HeldPrivileges;
  readonly #names: CallerNames;
  /** Services that may be executed, as far as that was asked. */
  readonly #executable = new Map<string, boolean>();

  constructor(snapshot: Snapshot, caller: Caller) {
    this.#snapshot = snapshot;
    this.admin = isAdmin(caller);
    this.#held = heldPrivileges(snapshot);
    this.#names = new CallerNames(caller);
  }

  /** Whether `principal` is the caller, one of its groups, or everyone. Case does not matter. */
  speaksFor(principal: string): boolean {
    return this.#names.have(principal);
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

  mayExecute(kind: ServiceSecurableKind, name: string): boolean {
    const key = `${kind} ${name}`;
    const known = this.#executable.get(key);
    if (known !== undefined) return known;
    const service: Securable = { kind, name: lowerCase(name).split('.') };
    if (!exists(this.#snapshot, service)) return false;
    const may = this.admin || (this.#uses(service) && this.has('EXECUTE', service));
    this.#executable.set(key, may);
    return may;
  }

  maySee(kind: ServiceSecurableKind, name: string): boolean {
    return this.sees({ kind, name: lowerCase(name).split('.') });
  }

  mayManage(kind: ServiceSecurableKind, name: string): boolean {
    const service: Securable = { kind, name: lowerCase(name).split('.') };
    return this.sees(service) && this.manages(service);
  }

  /** Whether the object exists for this caller at all. */
  sees(securable: Securable): boolean {
    if (!exists(this.#snapshot, securable)) return false;
    if (securable.kind === 'METASTORE' || this.admin) return true;
    if (isServiceKind(securable.kind)) return this.#seesService(securable);
    if (this.owns(securable)) return true;
    if (isInformationSchema(securable)) return this.sees(catalogOf(securable));
    if (this.#holdsOn(securable, () => true)) return true;
    if (securable.kind === 'TABLE') return this.#seesTable(securable);
    const fromAbove = (privilege: string): boolean =>
      securable.kind === 'SCHEMA' ? !notInherited.has(privilege) : aboutTables.has(privilege);
    return above(securable).some((entry) => this.#holdsOn(entry, fromAbove)) || this.#seesBelow(securable);
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

  /** USE CATALOG and USE SCHEMA on what the object is in, as `requireUse` wants them. */
  #uses(securable: Securable): boolean {
    return above(securable).every(
      (entry) =>
        (entry.kind !== 'CATALOG' || this.has('USE CATALOG', entry)) &&
        (entry.kind !== 'SCHEMA' || this.has('USE SCHEMA', entry)),
    );
  }

  #seesService(securable: Securable): boolean {
    const isGranted = this.owns(securable) || this.#holds(securable, (privilege) => aboutServices.has(privilege));
    return isGranted && this.#uses(securable);
  }

  #seesTable(securable: Securable): boolean {
    if (this.#snapshot.tables.get(keyOf(securable.name))?.ownRowsColumn !== undefined) return true;
    return above(securable).some((entry) => this.#holdsOn(entry, (privilege) => aboutTables.has(privilege)));
  }

  /** Something in the container is granted to the caller or its own. */
  #seesBelow({ name }: Securable): boolean {
    return this.#names.anyOf(this.#held.within.get(keyOf(name)));
  }

  #holds(securable: Securable, test: (privilege: string) => boolean): boolean {
    return chain(securable).some((entry) => this.#holdsOn(entry, test));
  }

  /** Whether such a privilege was granted on exactly this object, to whatever the caller is. */
  #holdsOn(securable: Securable, test: (privilege: string) => boolean): boolean {
    const held = this.#held.on.get(securableKey(securable));
    return held !== undefined && this.#names.some(held, (privileges) => includesAny(privileges, test));
  }
}

/** The object, then what it is in, up to the metastore. */
export function chain(securable: Securable): Securable[] {
  const { kind, name } = securable;
  const entries: Securable[] = kind === 'METASTORE' ? [] : [securable];
  if (name.length > 2) entries.push({ kind: 'SCHEMA', name: name.slice(0, 2) });
  if (name.length > 1) entries.push({ kind: 'CATALOG', name: name.slice(0, 1) });
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
    default:
      return snapshot.services.get(`${kind} ${keyOf(name)}`);
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
