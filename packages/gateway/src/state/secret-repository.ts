import type { Queryable, Row } from './store.ts';

/** A secret of a service principal as stored: its hash, never its value. Times are milliseconds since 1970. */
export interface SecretRow {
  readonly id: string;
  readonly accountId: string;
  /** SHA-256 of the whole secret. */
  readonly secretHash: Uint8Array;
  readonly createdAt: number;
  /** `null`: does not expire. */
  readonly expiresAt: number | null;
  readonly revokedAt: number | null;
  readonly lastUsedAt: number | null;
}

export async function insertSecret(db: Queryable, row: Omit<SecretRow, 'revokedAt' | 'lastUsedAt'>): Promise<void> {
  await db.run(
    `INSERT INTO service_principal_secrets (id, account_id, secret_hash, created_at, expires_at)
     VALUES (?, ?, ?, ?, ?)`,
    row.id,
    row.accountId,
    row.secretHash,
    row.createdAt,
    row.expiresAt,
  );
}

/** The secret with this hash, revoked and expired ones included. */
export async function selectSecretByHash(db: Queryable, secretHash: Uint8Array): Promise<SecretRow | undefined> {
  const row = await db.get('SELECT * FROM service_principal_secrets WHERE secret_hash = ?', secretHash);
  return row === undefined ? undefined : toSecretRow(row);
}

/** All secrets of a service principal, oldest first. */
export async function selectSecretsOf(db: Queryable, accountId: string): Promise<SecretRow[]> {
  const rows = await db.all(
    'SELECT * FROM service_principal_secrets WHERE account_id = ? ORDER BY created_at, id',
    accountId,
  );
  return rows.map(toSecretRow);
}

/** Revokes a secret. False where the service principal has no valid one of that id. */
export async function markSecretRevoked(db: Queryable, accountId: string, id: string, at: number): Promise<boolean> {
  const changed = await db.run(
    'UPDATE service_principal_secrets SET revoked_at = ? WHERE id = ? AND account_id = ? AND revoked_at IS NULL',
    at,
    id,
    accountId,
  );
  return changed > 0;
}

/** Revokes every secret of a service principal. */
export async function markSecretsRevokedOf(db: Queryable, accountId: string, at: number): Promise<void> {
  await db.run(
    'UPDATE service_principal_secrets SET revoked_at = ? WHERE account_id = ? AND revoked_at IS NULL',
    at,
    accountId,
  );
}

export async function recordSecretUse(db: Queryable, id: string, at: number): Promise<void> {
  await db.run('UPDATE service_principal_secrets SET last_used_at = ? WHERE id = ?', at, id);
}

function toSecretRow(row: Row): SecretRow {
  return {
    id: row['id'] as string,
    accountId: row['account_id'] as string,
    secretHash: row['secret_hash'] as Uint8Array,
    createdAt: row['created_at'] as number,
    expiresAt: row['expires_at'] as number | null,
    revokedAt: row['revoked_at'] as number | null,
    lastUsedAt: row['last_used_at'] as number | null,
  };
}
