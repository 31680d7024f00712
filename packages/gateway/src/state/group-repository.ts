import type { Queryable, Row } from './store.ts';

/** A group as stored. Times are milliseconds since 1970. */
export interface GroupRow {
  readonly id: string;
  /** What names are compared by; no two groups share one. */
  readonly nameKey: string;
  readonly displayName: string;
  readonly externalId: string | null;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** Who put a member into a group: SCIM or an admin, or the identity provider at sign-in. */
export type MemberOrigin = 'api' | 'sso';

export interface MemberRow {
  readonly groupId: string;
  readonly memberKind: 'account' | 'group';
  readonly memberId: string;
  readonly origin: MemberOrigin;
}

/** Every group, by name. */
export async function selectGroups(db: Queryable): Promise<GroupRow[]> {
  return (await db.all('SELECT * FROM account_groups ORDER BY name_key')).map(toGroupRow);
}

export async function selectGroup(db: Queryable, id: string): Promise<GroupRow | undefined> {
  const row = await db.get('SELECT * FROM account_groups WHERE id = ?', id);
  return row === undefined ? undefined : toGroupRow(row);
}

export async function selectGroupByKey(db: Queryable, nameKey: string): Promise<GroupRow | undefined> {
  const row = await db.get('SELECT * FROM account_groups WHERE name_key = ?', nameKey);
  return row === undefined ? undefined : toGroupRow(row);
}

/** Stores a new group, or all of one that exists. */
export async function saveGroup(db: Queryable, row: GroupRow): Promise<void> {
  await db.run(
    `INSERT INTO account_groups (id, name_key, display_name, external_id, created_at, updated_at)
     VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET name_key = excluded.name_key, display_name = excluded.display_name,
       external_id = excluded.external_id, updated_at = excluded.updated_at`,
    row.id,
    row.nameKey,
    row.displayName,
    row.externalId,
    row.createdAt,
    row.updatedAt,
  );
}

/** Removes a group, its members' membership, and its place in other groups. */
export async function deleteGroupRows(db: Queryable, id: string): Promise<void> {
  await db.run('DELETE FROM group_members WHERE group_id = ? OR member_id = ?', id, id);
  await db.run('DELETE FROM account_groups WHERE id = ?', id);
}

/** Every membership of every group. */
export async function selectMembers(db: Queryable): Promise<MemberRow[]> {
  return (await db.all('SELECT * FROM group_members')).map(toMemberRow);
}

/** The groups that somebody is in directly. */
export async function selectMemberships(db: Queryable, memberId: string): Promise<MemberRow[]> {
  return (await db.all('SELECT * FROM group_members WHERE member_id = ?', memberId)).map(toMemberRow);
}

export async function selectMembersOf(db: Queryable, groupId: string): Promise<MemberRow[]> {
  return (await db.all('SELECT * FROM group_members WHERE group_id = ?', groupId)).map(toMemberRow);
}

/** Adds a member; one that is there already stays. */
export async function insertMember(db: Queryable, row: MemberRow): Promise<void> {
  await db.run(
    `INSERT INTO group_members (group_id, member_kind, member_id, origin) VALUES (?, ?, ?, ?)
     ON CONFLICT (group_id, member_id, origin) DO NOTHING`,
    row.groupId,
    row.memberKind,
    row.memberId,
    row.origin,
  );
}

/** Takes a member out, whoever put it in; only what `origin` put in where that is given. */
export async function deleteMember(
  db: Queryable,
  groupId: string,
  memberId: string,
  origin?: MemberOrigin,
): Promise<number> {
  return origin === undefined
    ? db.run('DELETE FROM group_members WHERE group_id = ? AND member_id = ?', groupId, memberId)
    : db.run(
        'DELETE FROM group_members WHERE group_id = ? AND member_id = ? AND origin = ?',
        groupId,
        memberId,
        origin,
      );
}

function toGroupRow(row: Row): GroupRow {
  return {
    id: row['id'] as string,
    nameKey: row['name_key'] as string,
    displayName: row['display_name'] as string,
    externalId: row['external_id'] as string | null,
    createdAt: row['created_at'] as number,
    updatedAt: row['updated_at'] as number,
  };
}

function toMemberRow(row: Row): MemberRow {
  return {
    groupId: row['group_id'] as string,
    memberKind: row['member_kind'] as MemberRow['memberKind'],
    memberId: row['member_id'] as string,
    origin: row['origin'] as MemberOrigin,
  };
}
