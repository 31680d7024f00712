import { randomBytes } from 'node:crypto';
import { nameKey } from '../lib/name-key.ts';
import {
  deleteGroupRows,
  deleteMember,
  insertMember,
  saveGroup,
  selectGroup,
  selectGroupByKey,
  selectMemberships,
  type MemberOrigin,
} from '../state/group-repository.ts';
import type { Queryable } from '../state/store.ts';
import { selectAccountByKey } from '../state/account-repository.ts';
import { replacePrincipal } from '../state/principal-references.ts';
import { checkedName, isNamed, notFound, optionalText, ownerOfTheGone, type Change } from './account-changes.ts';
import { DirectoryError } from './directory-error.ts';
import { ADMINS_GROUP, EVERYBODY_GROUP, type DirectoryView, type Group } from './directory-view.ts';
import { groupId } from './user-id.ts';

/** What changes of a group. Members are ids of accounts and groups. */
export interface GroupFields {
  readonly displayName?: string;
  readonly externalId?: string | undefined;
  readonly add?: Iterable<string>;
  readonly remove?: Iterable<string>;
}

/** Adds a group. @returns its id. @throws DirectoryError `uniqueness`, `invalidValue` */
export async function addGroup(
  change: Change,
  fields: GroupFields & { readonly displayName: string },
): Promise<string> {
  const { tx, view, now } = change;
  const displayName = checkedName(fields.displayName, 'displayName');
  await refuseTakenName(tx, view, displayName);
  const usual = groupId(nameKey(displayName));
  const taken = view.groupById(usual) !== undefined || (await selectGroup(tx, usual)) !== undefined;
  const id = taken ? (randomBytes(8).readBigUInt64BE() >> 1n).toString() : usual;
  const externalId = optionalText(fields.externalId, 'externalId');
  await saveGroup(tx, { id, nameKey: nameKey(displayName), displayName, externalId, createdAt: now, updatedAt: now });
  for (const member of fields.add ?? []) await join(change, id, member, 'api');
  return id;
}

/**
 * Renames a group, which takes what is granted to it along; adds and removes members, whoever added them. Groups of the configuration keep their names and the
 * members declared there. @throws DirectoryError
 */
export async function changeGroup(change: Change, group: Group, fields: GroupFields): Promise<void> {
  const { tx, view, now } = change;
  const { displayName } = fields;
  const renamed = displayName !== undefined && displayName !== group.displayName;
  if (nameKey(group.displayName) === EVERYBODY_GROUP) throw builtIn(group);
  if (renamed && group.source !== 'directory') throw group.source === 'built-in' ? builtIn(group) : declared(group);
  const row = (await selectGroup(tx, group.id)) ?? {
    id: group.id,
    nameKey: nameKey(group.displayName),
    displayName: group.displayName,
    externalId: null,
    createdAt: now,
    updatedAt: now,
  };
  const name = renamed ? checkedName(displayName, 'displayName') : row.displayName;
  if (nameKey(name) !== row.nameKey) {
    await refuseTakenName(tx, view, name);
    await replacePrincipal(tx, isNamed(row.nameKey), { owner: name, grantee: name });
  }
  const externalId = 'externalId' in fields ? optionalText(fields.externalId, 'externalId') : row.externalId;
  await saveGroup(tx, { ...row, nameKey: nameKey(name), displayName: name, externalId, updatedAt: now });
  for (const member of fields.add ?? []) await join(change, group.id, member, 'api');
  for (const member of fields.remove ?? []) {
    if (group.members.get(member)?.has('configuration')) {
      throw new DirectoryError(
        'mutability',
        `gateway.yaml puts '${memberName(view, member)}' into the group '${group.displayName}'. Change it there.`,
      );
    }
    for (const id of storedIds(view, member)) await deleteMember(tx, group.id, id);
  }
}

/** Deletes a group of the store, with what is granted to it. @throws DirectoryError */
export async function removeGroup({ tx }: Change, group: Group): Promise<void> {
  if (group.source === 'built-in') throw builtIn(group);
  if (group.source === 'configuration') throw declared(group);
  const isMeant = isNamed(nameKey(group.displayName));
  await replacePrincipal(tx, isMeant, { owner: ownerOfTheGone(group.id), grantee: undefined });
  await deleteGroupRows(tx, group.id);
}

/**
 * Gives an account exactly these groups by sign-in, making the groups that are missing. What others gave stays. A group
 * with the name of an account would have what is granted to that, so it is left out.
 */
export async function replaceSignInGroups(change: Change, accountId: string, names: readonly string[]): Promise<void> {
  const { tx, view, now } = change;
  const wanted = new Set<string>();
  for (const name of names) {
    if (nameKey(name) === EVERYBODY_GROUP) continue;
    const key = nameKey(name);
    if (view.byName(name) !== undefined || (await selectAccountByKey(tx, key)) !== undefined) continue;
    const stored = await selectGroupByKey(tx, key);
    const group = view.groupByName(name);
    const id = stored?.id ?? group?.id ?? groupId(key);
    if (stored === undefined) {
      const displayName = group?.displayName ?? name.normalize('NFC');
      await saveGroup(tx, { id, nameKey: key, displayName, externalId: null, createdAt: now, updatedAt: now });
    }
    wanted.add(id);
    await insertMember(tx, { groupId: id, memberKind: 'account', memberId: accountId, origin: 'sso' });
  }
  for (const { groupId: id, origin } of await selectMemberships(tx, accountId)) {
    if (origin === 'sso' && !wanted.has(id)) await deleteMember(tx, id, accountId, 'sso');
  }
}

/**
 * Refuses a change after which nobody could administer the gateway.
 * @param view everybody before the change. @param after everybody after it.
 * @throws DirectoryError `mutability`
 */
export function requireAdmin(view: DirectoryView, after: DirectoryView): void {
  if (!hasAdmin(view) || hasAdmin(after)) return;
  throw new DirectoryError(
    'mutability',
    `This is the last active member of the group '${ADMINS_GROUP}'. Give the group another one first.`,
  );
}

function hasAdmin(view: DirectoryView): boolean {
  return view.accounts.some(({ active, groups }) => active && groups.includes(ADMINS_GROUP));
}

async function join({ tx, view }: Change, group: string, member: string, origin: MemberOrigin): Promise<void> {
  const account = view.byId(member);
  const memberKind = account !== undefined ? 'account' : view.groupById(member) !== undefined ? 'group' : undefined;
  if (memberKind === undefined || (memberKind === 'group' && member === group)) {
    throw new DirectoryError('invalidValue', `'${member.slice(0, 100)}' is nobody who could be in this group.`, {
      param: 'members',
    });
  }
  // The everybody group has no members to count, so that it would give the group to nobody.
  if (memberKind === 'group' && view.groupById(member)?.displayName === EVERYBODY_GROUP) {
    throw new DirectoryError('invalidValue', `The group '${EVERYBODY_GROUP}' cannot be in another group.`);
  }
  await insertMember(tx, { groupId: group, memberKind, memberId: account?.id ?? member, origin });
}

/** The ids that a member's rows may have: its own, and that of its row where the configuration took the name over. */
function storedIds(view: DirectoryView, member: string): ReadonlySet<string> {
  const account = view.byId(member);
  const row = account === undefined ? undefined : view.rowOf(account);
  return new Set([member, ...(account === undefined ? [] : [account.id]), ...(row === undefined ? [] : [row.id])]);
}

async function refuseTakenName(tx: Queryable, view: DirectoryView, name: string): Promise<void> {
  const group = view.groupByName(name);
  const key = nameKey(name);
  const taken = (what: string) =>
    new DirectoryError('uniqueness', `There is ${what} named '${name}' already.`, { param: 'displayName' });
  if (group !== undefined || (await selectGroupByKey(tx, key)) !== undefined) throw taken('a group');
  // Grants and owners name people and groups alike.
  if (view.byName(name) !== undefined || (await selectAccountByKey(tx, key)) !== undefined) throw taken('an account');
}

function memberName(view: DirectoryView, id: string): string {
  return view.byId(id)?.userName ?? view.groupById(id)?.displayName ?? notFound(id).message;
}

function declared({ displayName }: Group): DirectoryError {
  return new DirectoryError('mutability', `The group '${displayName}' is declared in gateway.yaml. Change it there.`);
}

function builtIn({ displayName }: Group): DirectoryError {
  return new DirectoryError('mutability', `The group '${displayName}' is always there as it is.`);
}
