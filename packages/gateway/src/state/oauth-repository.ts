import type { Queryable, Row } from './store.ts';

/** Something the OAuth server keeps. Times are milliseconds since 1970, ids are SHA-256 in hexadecimal. */
export interface OAuthRecord {
  /** `AccessToken`, `RefreshToken`, `Grant`, `Session`, `Client` and so on, as `oidc-provider` names them. */
  readonly model: string;
  readonly id: string;
  /** JSON without the value that `id` is the hash of. */
  readonly payload: string;
  /** Id of the grant it belongs to. */
  readonly grantId: string | null;
  /** Hash of a session's second name. */
  readonly uid: string | null;
  /** Hash of a device's short code. */
  readonly userCode: string | null;
  readonly accountId: string | null;
  readonly clientId: string | null;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly consumedAt: number | null;
}

/** A signing or cookie key; the key itself is sealed. */
export interface OAuthKeyRow {
  readonly id: string;
  readonly kind: string;
  readonly sealed: string;
  readonly activeFrom: number;
  readonly createdAt: number;
}

/** Writes a record anew. A device keeps its short code, and whatever was consumed stays so. */
export async function putOAuthRecord(db: Queryable, record: Omit<OAuthRecord, 'consumedAt'>): Promise<void> {
  await db.run(
    `INSERT INTO oauth_records
       (model, id, payload, grant_id, uid, user_code, account_id, client_id, created_at, expires_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (model, id) DO UPDATE SET
       payload = excluded.payload, grant_id = excluded.grant_id, uid = excluded.uid,
       user_code = COALESCE(excluded.user_code, oauth_records.user_code),
       account_id = excluded.account_id, client_id = excluded.client_id, expires_at = excluded.expires_at`,
    record.model,
    record.id,
    record.payload,
    record.grantId,
    record.uid,
    record.userCode,
    record.accountId,
    record.clientId,
    record.createdAt,
    record.expiresAt,
  );
}

/** The record, expired ones included until they are cleared away. */
export async function findOAuthRecord(db: Queryable, model: string, id: string): Promise<OAuthRecord | undefined> {
  return toRecord(await db.get('SELECT * FROM oauth_records WHERE model = ? AND id = ?', model, id));
}

/** The session with this second name. */
export async function findOAuthRecordByUid(
  db: Queryable,
  model: string,
  uid: string,
): Promise<OAuthRecord | undefined> {
  return toRecord(await db.get('SELECT * FROM oauth_records WHERE model = ? AND uid = ?', model, uid));
}

/** The newest device with this short code. */
export async function findOAuthRecordByUserCode(
  db: Queryable,
  model: string,
  userCode: string,
): Promise<OAuthRecord | undefined> {
  return toRecord(
    await db.get(
      'SELECT * FROM oauth_records WHERE model = ? AND user_code = ? ORDER BY created_at DESC LIMIT 1',
      model,
      userCode,
    ),
  );
}

/** An access token whose grant, where it has one, is still there at `now`. */
export async function findOAuthAccessToken(db: Queryable, id: string, now: number): Promise<OAuthRecord | undefined> {
  return toRecord(
    await db.get(
      `SELECT * FROM oauth_records AS token
       WHERE token.id = ? AND token.model IN ('AccessToken', 'ClientCredentials')
         AND (token.grant_id IS NULL OR EXISTS (
           SELECT 1 FROM oauth_records AS given
           WHERE given.model = 'Grant' AND given.id = token.grant_id AND given.expires_at > ?))`,
      id,
      now,
    ),
  );
}

/** Marks a record consumed at `at`. False where it was already, or is not there. */
export async function consumeOAuthRecord(db: Queryable, model: string, id: string, at: number): Promise<boolean> {
  const changed = await db.run(
    'UPDATE oauth_records SET consumed_at = ? WHERE model = ? AND id = ? AND consumed_at IS NULL',
    at,
    model,
    id,
  );
  return changed > 0;
}

export async function deleteOAuthRecord(db: Queryable, model: string, id: string): Promise<boolean> {
  return (await db.run('DELETE FROM oauth_records WHERE model = ? AND id = ?', model, id)) > 0;
}

/** Deletes what belongs to a grant; of one model, or, without `model`, everything with the grant itself. */
export async function deleteOAuthGrantRecords(db: Queryable, grantId: string, model?: string): Promise<number> {
  if (model !== undefined) {
    return db.run('DELETE FROM oauth_records WHERE grant_id = ? AND model = ?', grantId, model);
  }
  const members = await db.run('DELETE FROM oauth_records WHERE grant_id = ?', grantId);
  return members + (await db.run("DELETE FROM oauth_records WHERE model = 'Grant' AND id = ?", grantId));
}

/** Deletes every token, grant, code and session of an account. */
export async function deleteOAuthAccountRecords(db: Queryable, accountId: string): Promise<number> {
  return db.run('DELETE FROM oauth_records WHERE account_id = ?', accountId);
}

/** Ids of all accounts that are signed in somewhere or have tokens. */
export async function selectOAuthAccounts(db: Queryable): Promise<readonly string[]> {
  const rows = await db.all(
    `SELECT DISTINCT account_id FROM oauth_records
     WHERE model IN ('Grant', 'Session', 'ClientCredentials') AND account_id IS NOT NULL`,
  );
  return rows.map((row) => row['account_id'] as string);
}

/** Deletes at most `limit` records that expired before `before`. */
export async function deleteExpiredOAuthRecords(db: Queryable, before: number, limit: number): Promise<number> {
  return db.run(
    `DELETE FROM oauth_records WHERE (model, id) IN
       (SELECT model, id FROM oauth_records WHERE expires_at < ? ORDER BY expires_at LIMIT ?)`,
    before,
    limit,
  );
}

/** Deletes grants made before `before` that nothing refers to any more. */
export async function deleteUnusedOAuthGrants(db: Queryable, before: number): Promise<number> {
  return db.run(
    `DELETE FROM oauth_records WHERE model = 'Grant' AND created_at < ?
       AND NOT EXISTS (SELECT 1 FROM oauth_records AS other WHERE other.grant_id = oauth_records.id)`,
    before,
  );
}

/** How many records of a model there are. */
export async function countOAuthRecords(db: Queryable, model: string): Promise<number> {
  const row = await db.get('SELECT COUNT(*) AS number FROM oauth_records WHERE model = ?', model);
  return Number(row?.['number'] ?? 0);
}

/** Moves the end of a record later, never earlier. */
export async function extendOAuthRecord(db: Queryable, model: string, id: string, expiresAt: number): Promise<void> {
  await db.run(
    'UPDATE oauth_records SET expires_at = ? WHERE model = ? AND id = ? AND expires_at < ?',
    expiresAt,
    model,
    id,
    expiresAt,
  );
}

/** All keys, oldest first. */
export async function selectOAuthKeys(db: Queryable): Promise<readonly OAuthKeyRow[]> {
  const rows = await db.all('SELECT * FROM oauth_keys ORDER BY active_from, id');
  return rows.map((row) => ({
    id: row['id'] as string,
    kind: row['kind'] as string,
    sealed: row['sealed'] as string,
    activeFrom: row['active_from'] as number,
    createdAt: row['created_at'] as number,
  }));
}

export async function insertOAuthKey(db: Queryable, key: OAuthKeyRow): Promise<void> {
  await db.run(
    'INSERT INTO oauth_keys (id, kind, sealed, active_from, created_at) VALUES (?, ?, ?, ?, ?)',
    key.id,
    key.kind,
    key.sealed,
    key.activeFrom,
    key.createdAt,
  );
}

export async function deleteOAuthKey(db: Queryable, id: string): Promise<void> {
  await db.run('DELETE FROM oauth_keys WHERE id = ?', id);
}

function toRecord(row: Row | undefined): OAuthRecord | undefined {
  if (row === undefined) return undefined;
  return {
    model: row['model'] as string,
    id: row['id'] as string,
    payload: row['payload'] as string,
    grantId: row['grant_id'] as string | null,
    uid: row['uid'] as string | null,
    userCode: row['user_code'] as string | null,
    accountId: row['account_id'] as string | null,
    clientId: row['client_id'] as string | null,
    createdAt: row['created_at'] as number,
    expiresAt: row['expires_at'] as number,
    consumedAt: row['consumed_at'] as number | null,
  };
}
