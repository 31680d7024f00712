import type { UserConfig } from '../config/gateway-config.ts';
import type { GroupConfig, ServicePrincipalConfig } from '../config/identity-settings.ts';
import { nameKey } from '../lib/name-key.ts';
import { selectAccounts, type AccountRow } from '../state/account-repository.ts';
import {
  selectGroups,
  selectMembers,
  type GroupRow,
  type MemberOrigin,
  type MemberRow,
} from '../state/group-repository.ts';
import type { Queryable } from '../state/store.ts';
import type { Account } from './directory.ts';
import { closures, emptySet, membersOf, uniteInto, type GroupSet } from './group-closure.ts';
import { groupId, userId } from './user-id.ts';

/** What the configuration declares of people and groups. A new object after a reload, the same one in between. */
export interface IdentityDeclared {
  readonly users: readonly UserConfig[];
  readonly groups?: readonly GroupConfig[];
  readonly servicePrincipals?: readonly ServicePrincipalConfig[];
}

/** What the store has of people and groups. */
export interface IdentityRows {
  readonly accounts: readonly AccountRow[];
  readonly groups: readonly GroupRow[];
  readonly members: readonly MemberRow[];
}

/** How somebody came into a group. */
export type MembershipOrigin = MemberOrigin | 'configuration';

/** A group, with who is in it directly. */
export interface Group {
  readonly id: string;
  readonly displayName: string;
  readonly externalId: string | undefined;
  /** Whether it is only in the store; others cannot be renamed or deleted by API. */
  readonly source: 'built-in' | 'configuration' | 'directory';
  /** Ids of accounts and groups, in no order, with how they came in. */
  readonly members: ReadonlyMap<string, ReadonlySet<MembershipOrigin>>;
  /** Milliseconds since 1970; `undefined` where it has no row. */
  readonly createdAt: number | undefined;
  readonly updatedAt: number | undefined;
}

/** The group whose members administer the gateway, and the one that everybody is in without being told. */
export const ADMINS_GROUP = 'admins';
export const EVERYBODY_GROUP = 'account users';

/** Reads what the view is made from. */
export async function readIdentity(db: Queryable): Promise<IdentityRows> {
  return { accounts: await selectAccounts(db), groups: await selectGroups(db), members: await selectMembers(db) };
}

/** A group while the view is made. */
interface Draft {
  readonly number: number;
  readonly key: string;
  readonly group: Group;
  readonly members: Map<string, Set<MembershipOrigin>>;
}

/** Everybody and every group at one moment: the store's rows and the configuration, merged. Never changes. */
export class DirectoryView {
  /** By name. */
  readonly accounts: readonly Account[];
  /** By name. */
  readonly groups: readonly Group[];
  readonly #rows = new Map<string, AccountRow>();
  readonly #accountsById = new Map<string, Account>();
  readonly #accountsByKey = new Map<string, Account>();
  readonly #groupsById = new Map<string, Group>();
  readonly #groupsByKey = new Map<string, Group>();
  readonly #directGroups = new Map<string, Group[]>();

  constructor(rows: IdentityRows, declared: IdentityDeclared) {
    const people = mergeAccounts(rows.accounts, declared);
    const drafts = this.#draftGroups(rows, declared, people);
    this.groups = drafts.map(({ group }) => group);
    const numbers = new Map(drafts.map(({ group, number }) => [group, number]));
    const above = closures(
      drafts.map(({ group }) => (this.#directGroups.get(group.id) ?? []).map((parent) => numbers.get(parent)!)),
    );
    const known = new Map<string, readonly string[]>();
    const nothing = emptySet(drafts.length);
    this.accounts = people.map(({ account, row }) => {
      const direct = (this.#directGroups.get(account.id) ?? []).map((group) => numbers.get(group)!);
      const groups = groupsOf(direct, above, drafts, known, nothing);
      const full: Account = { ...account, groups };
      this.#accountsById.set(full.id, full);
      this.#accountsByKey.set(nameKey(full.userName), full);
      if (row !== undefined) {
        this.#rows.set(full.id, row);
        // A token made before the configuration declared the name goes on working.
        if (row.id !== full.id) this.#accountsById.set(row.id, full);
      }
      return full;
    });
  }

  byId(id: string): Account | undefined {
    return this.#accountsById.get(id);
  }

  byName(userName: string): Account | undefined {
    return this.#accountsByKey.get(nameKey(userName));
  }

  /** What the store knows beyond the account; `undefined` for accounts that only the configuration has. */
  rowOf(account: Account): AccountRow | undefined {
    return this.#rows.get(account.id);
  }

  groupById(id: string): Group | undefined {
    return this.#groupsById.get(id);
  }

  groupByName(name: string): Group | undefined {
    return this.#groupsByKey.get(nameKey(name));
  }

  /** The groups that an account or a group is in directly, by name. */
  directGroups(memberId: string): readonly Group[] {
    return this.#directGroups.get(memberId) ?? [];
  }

  #draftGroups(rows: IdentityRows, declared: IdentityDeclared, people: readonly Merged[]): readonly Draft[] {
    const drafts = collectGroups(rows.groups, declared);
    const byKey = new Map(drafts.map((draft) => [draft.key, draft]));
    for (const { group, key } of drafts) {
      this.#groupsById.set(group.id, group);
      this.#groupsByKey.set(key, group);
    }
    const byId = new Map(drafts.map((draft) => [draft.group.id, draft]));
    const join = (draft: Draft | undefined, memberId: string, origin: MembershipOrigin): void => {
      if (draft === undefined) return;
      const origins = draft.members.get(memberId);
      if (origins === undefined) draft.members.set(memberId, new Set([origin]));
      else origins.add(origin);
    };
    const idsByKey = new Map<string, string>();
    const current = new Map<string, string>();
    for (const { account, row, declaredGroups } of people) {
      idsByKey.set(nameKey(account.userName), account.id);
      current.set(account.id, account.id);
      if (row !== undefined) current.set(row.id, account.id);
      for (const name of declaredGroups) join(byKey.get(nameKey(name)), account.id, 'configuration');
    }
    for (const { name, members, groups } of declared.groups ?? []) {
      const draft = byKey.get(nameKey(name));
      for (const member of members) {
        const id = idsByKey.get(nameKey(member));
        if (id !== undefined) join(draft, id, 'configuration');
      }
      for (const inner of groups) {
        const id = byKey.get(nameKey(inner))?.group.id;
        if (id !== undefined) join(draft, id, 'configuration');
      }
    }
    for (const { groupId: id, memberId, memberKind, origin } of rows.members) {
      const member = memberKind === 'group' ? byId.get(memberId)?.group.id : current.get(memberId);
      if (member !== undefined) join(byId.get(id), member, origin);
    }
    for (const { group, members } of drafts) {
      for (const id of members.keys()) {
        const direct = this.#directGroups.get(id);
        if (direct === undefined) this.#directGroups.set(id, [group]);
        else direct.push(group);
      }
    }
    return drafts;
  }
}

/** An account before its groups are known. */
interface Merged {
  readonly account: Omit<Account, 'groups'>;
  readonly row: AccountRow | undefined;
  readonly declaredGroups: readonly string[];
}

/** Every account once, by name. Where both have a name, the configuration wins. */
function mergeAccounts(rows: readonly AccountRow[], declared: IdentityDeclared): readonly Merged[] {
  const stored = new Map(rows.map((row) => [row.nameKey, row]));
  const merged = new Map<string, Merged>();
  const declare = (
    userName: string,
    entry: Pick<Account, 'type' | 'displayName' | 'active'>,
    groups: readonly string[],
  ): void => {
    const key = nameKey(userName);
    if (merged.has(key)) return;
    const row = stored.get(key);
    const account = { ...entry, id: userId(userName), userName, externalId: row?.externalId ?? undefined } as const;
    merged.set(key, { account: { ...account, source: 'configuration' }, row, declaredGroups: groups });
  };
  for (const { name, active, groups } of declared.users) {
    declare(name, { type: 'USER', displayName: name, active }, groups);
  }
  for (const { applicationId, displayName, active, groups } of declared.servicePrincipals ?? []) {
    declare(applicationId, { type: 'SERVICE_PRINCIPAL', displayName, active }, groups);
  }
  for (const row of rows) {
    if (merged.has(row.nameKey)) continue;
    const { id, type, userName, displayName, active } = row;
    const account = { id, type, userName, displayName, active, externalId: row.externalId ?? undefined } as const;
    merged.set(row.nameKey, { account: { ...account, source: 'directory' }, row, declaredGroups: [] });
  }
  return [...merged].toSorted(byFirst).map(([, one]) => one);
}

/** Every group once, by name: built in, declared, named by a declared account, stored. */
function collectGroups(rows: readonly GroupRow[], declared: IdentityDeclared): readonly Draft[] {
  const stored = new Map(rows.map((row) => [row.nameKey, row]));
  const found = new Map<string, Omit<Draft, 'number'>>();
  const add = (name: string, source: Group['source']): void => {
    const key = nameKey(name);
    if (found.has(key)) return;
    const row = stored.get(key);
    const members = new Map<string, Set<MembershipOrigin>>();
    const group: Group = {
      id: row?.id ?? groupId(key),
      displayName: name,
      externalId: row?.externalId ?? undefined,
      source,
      members,
      createdAt: row?.createdAt,
      updatedAt: row?.updatedAt,
    };
    found.set(key, { key, group, members });
  };
  add(ADMINS_GROUP, 'built-in');
  add(EVERYBODY_GROUP, 'built-in');
  for (const { name, groups } of declared.groups ?? []) {
    add(name, 'configuration');
    for (const inner of groups) add(inner, 'configuration');
  }
  for (const { groups } of declared.users) for (const name of groups) add(name, 'configuration');
  for (const { groups } of declared.servicePrincipals ?? []) for (const name of groups) add(name, 'configuration');
  for (const row of rows) add(row.displayName, 'directory');
  return [...found].toSorted(byFirst).map(([, draft], number) => ({ ...draft, number }));
}

/** Names of every group that somebody directly in `direct` is in. The same array for the same direct groups. */
function groupsOf(
  direct: readonly number[],
  above: readonly GroupSet[],
  drafts: readonly Draft[],
  known: Map<string, readonly string[]>,
  nothing: GroupSet,
): readonly string[] {
  const key = direct.join();
  let names = known.get(key);
  if (names === undefined) {
    const set = nothing.slice();
    for (const group of direct) uniteInto(set, above[group]!);
    names = membersOf(set).map((number) => drafts[number]!.group.displayName);
    known.set(key, names);
  }
  return names;
}

function byFirst([left]: readonly [string, unknown], [right]: readonly [string, unknown]): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
