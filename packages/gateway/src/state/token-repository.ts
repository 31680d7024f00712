import type { Queryable, Row, Store } from './store.ts';

/** A personal access token as stored: its hash, never its value. Times are milliseconds since 1970. */
export interface TokenRow {
  readonly id: string;
  /** Name of its account when it was made. */
  readonly userName: string;
  /** Account it speaks for; `null` for tokens older than accounts, which speak for whoever has the name. */
  readonly accountId: string | null;
  /** SHA-256 of the whole token. */
  readonly tokenHash: Uint8Array;
  readonly comment: string | null;
  /** What it may be used for; `null`: everything. */
  readonly scopes: readonly string[] | null;
  /** Name of who made it, where that is known and somebody else. */
  readonly createdBy: string | null;
  readonly createdAt: number;
  /** `null`: does not expire. */
  readonly expiresAt: number | null;
  readonly revokedAt: number | null;
  readonly lastUsedAt: number | null;
}

/** Stores a new token. */
export async function insertToken(db: Queryable, row: Omit<TokenRow, 'revokedAt' | 'lastUsedAt'>): Promise<void> {
  await db.run(
    `INSERT INTO personal_access_tokens
       (id, user_name, account_id, token_hash, comment, scopes, created_by, created_at, expires_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    row.id,
    row.userName,
    row.accountId,
    row.tokenHash,
    row.comment,
    row.scopes === null ? null : JSON.stringify(row.scopes),
    row.createdBy,
    row.createdAt,
    row.expiresAt,
  );
}

/** The token with this hash, revoked and expired ones included. */
export async function findTokenByHash(db: Queryable, tokenHash: Uint8Array): Promise<TokenRow | undefined> {
  const row = await db.get('SELECT * FROM personal_access_tokens WHERE token_hash = ?', tokenHash);
  return row === undefined ? undefined : toTokenRow(row);
}

export async function selectToken(db: Queryable, id: string): Promise<TokenRow | undefined> {
  const row = await db.get('SELECT * FROM personal_access_tokens WHERE id = ?', id);
  return row === undefined ? undefined : toTokenRow(row);
}

/** All tokens, oldest first. */
export async function selectTokens(db: Queryable): Promise<TokenRow[]> {
  return (await db.all('SELECT * FROM personal_access_tokens ORDER BY created_at, id')).map(toTokenRow);
}

/** The tokens that were made for an account's id, oldest first. */
export async function selectTokensOf(db: Queryable, accountId: string): Promise<TokenRow[]> {
  const rows = await db.all(
    'SELECT * FROM personal_access_tokens WHERE account_id = ? ORDER BY created_at, id',
    accountId,
  );
  return rows.map(toTokenRow);
}

/** Marks a token revoked at `at`. False where no token has that id, or it was revoked already. */
export async function markTokenRevoked(db: Queryable, id: string, at: number): Promise<boolean> {
  const changed = await db.run(
    'UPDATE personal_access_tokens SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL',
    at,
    id,
  );
  return changed > 0;
}

/** Revokes every token of an account; `isNameOf` tells whether a token that has only a name is one of them. */
export async function markTokensRevokedOf(
  db: Queryable,
  accountId: string,
  isNameOf: (userName: string) => boolean,
  at: number,
): Promise<void> {
  const named = await db.all(
    'SELECT id, user_name FROM personal_access_tokens WHERE account_id IS NULL AND revoked_at IS NULL',
  );
  for (const row of named)
    if (isNameOf(row['user_name'] as string)) await markTokenRevoked(db, row['id'] as string, at);
  await db.run(
    'UPDATE personal_access_tokens SET revoked_at = ? WHERE account_id = ? AND revoked_at IS NULL',
    at,
    accountId,
  );
}

/** Records when tokens were last used, in one transaction. Not a change that readers need to see. */
export async function recordTokenUse(store: Store, lastUsedAt: ReadonlyMap<string, number>): Promise<void> {
  await store.transaction(async (tx) => {
    for (const [id, at] of lastUsedAt) {
      await tx.run('UPDATE personal_access_tokens SET last_used_at = ? WHERE id = ?', at, id);
    }
  });
}

function toTokenRow(row: Row): TokenRow {
  const scopes = row['scopes'] as string | null;
  return {
    id: row['id'] as string,
    userName: row['user_name'] as string,
    accountId: row['account_id'] as string | null,
    tokenHash: row['token_hash'] as Uint8Array,
    comment: row['comment'] as string | null,
    scopes: scopes === null ? null : (JSON.parse(scopes) as string[]),
    createdBy: row['created_by'] as string | null,
    createdAt: row['created_at'] as number,
    expiresAt: row['expires_at'] as number | null,
    revokedAt: row['revoked_at'] as number | null,
    lastUsedAt: row['last_used_at'] as number | null,
  };
}
