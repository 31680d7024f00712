import type { Queryable, Row } from './store.ts';

/** A user or service principal as stored. Times are milliseconds since 1970. */
export interface AccountRow {
  readonly id: string;
  readonly type: 'USER' | 'SERVICE_PRINCIPAL';
  /** What names are compared by; no two accounts share one. */
  readonly nameKey: string;
  readonly userName: string;
  readonly displayName: string;
  readonly givenName: string | null;
  readonly familyName: string | null;
  readonly emails: readonly AccountEmail[];
  readonly externalId: string | null;
  readonly active: boolean;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface AccountEmail {
  readonly value: string;
  /** `work`, `home`, `other`. */
  readonly type: string | undefined;
  readonly primary: boolean;
}

/** Every account, by name. */
export async function selectAccounts(db: Queryable): Promise<AccountRow[]> {
  return (await db.all('SELECT * FROM accounts ORDER BY name_key')).map(toAccountRow);
}

export async function selectAccount(db: Queryable, id: string): Promise<AccountRow | undefined> {
  const row = await db.get('SELECT * FROM accounts WHERE id = ?', id);
  return row === undefined ? undefined : toAccountRow(row);
}

export async function selectAccountByKey(db: Queryable, nameKey: string): Promise<AccountRow | undefined> {
  const row = await db.get('SELECT * FROM accounts WHERE name_key = ?', nameKey);
  return row === undefined ? undefined : toAccountRow(row);
}

/** Stores a new account, or all of one that exists. */
export async function saveAccount(db: Queryable, row: AccountRow): Promise<void> {
  await db.run(
    `INSERT INTO accounts (id, type, name_key, user_name, display_name, given_name, family_name, emails, external_id,
       active, created_at, updated_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET name_key = excluded.name_key, user_name = excluded.user_name,
       display_name = excluded.display_name, given_name = excluded.given_name, family_name = excluded.family_name,
       emails = excluded.emails, external_id = excluded.external_id, active = excluded.active,
       updated_at = excluded.updated_at`,
    row.id,
    row.type,
    row.nameKey,
    row.userName,
    row.displayName,
    row.givenName,
    row.familyName,
    JSON.stringify(row.emails),
    row.externalId,
    row.active ? 1 : 0,
    row.createdAt,
    row.updatedAt,
  );
}

/** Removes an account with its password and its place in groups. */
export async function deleteAccountRows(db: Queryable, id: string): Promise<void> {
  await db.run('DELETE FROM group_members WHERE member_id = ?', id);
  await db.run('DELETE FROM account_passwords WHERE account_id = ?', id);
  await db.run('DELETE FROM accounts WHERE id = ?', id);
}

/** The hash of an account's password, in the form of `password-hash.ts`. */
export async function selectPasswordHash(db: Queryable, accountId: string): Promise<string | undefined> {
  const row = await db.get('SELECT password_hash FROM account_passwords WHERE account_id = ?', accountId);
  return row?.['password_hash'] as string | undefined;
}

export async function savePasswordHash(db: Queryable, accountId: string, hash: string, at: number): Promise<void> {
  await db.run(
    `INSERT INTO account_passwords (account_id, password_hash, updated_at) VALUES (?, ?, ?)
     ON CONFLICT (account_id) DO UPDATE SET password_hash = excluded.password_hash, updated_at = excluded.updated_at`,
    accountId,
    hash,
    at,
  );
}

/** Puts a stronger hash of the same password in the place of `known`; does nothing where it was changed meanwhile. */
export async function renewPasswordHash(db: Queryable, accountId: string, known: string, hash: string): Promise<void> {
  await db.run(
    'UPDATE account_passwords SET password_hash = ? WHERE account_id = ? AND password_hash = ?',
    hash,
    accountId,
    known,
  );
}

function toAccountRow(row: Row): AccountRow {
  return {
    id: row['id'] as string,
    type: row['type'] as AccountRow['type'],
    nameKey: row['name_key'] as string,
    userName: row['user_name'] as string,
    displayName: row['display_name'] as string,
    givenName: row['given_name'] as string | null,
    familyName: row['family_name'] as string | null,
    emails: JSON.parse(row['emails'] as string) as AccountEmail[],
    externalId: row['external_id'] as string | null,
    active: row['active'] === 1,
    createdAt: row['created_at'] as number,
    updatedAt: row['updated_at'] as number,
  };
}
