import type { SQLOutputValue } from 'node:sqlite';
import type { Store } from './store.ts';

/** A personal access token as stored: its hash, never its value. Times are milliseconds since 1970. */
export interface TokenRow {
  readonly id: string;
  readonly userName: string;
  /** SHA-256 of the whole token. */
  readonly tokenHash: Uint8Array;
  readonly comment: string | null;
  readonly createdAt: number;
  /** `null`: does not expire. */
  readonly expiresAt: number | null;
  readonly revokedAt: number | null;
  readonly lastUsedAt: number | null;
}

/** Stores a new token. */
export function insertToken(store: Store, row: Omit<TokenRow, 'revokedAt' | 'lastUsedAt'>): void {
  store
    .prepare(
      `INSERT INTO personal_access_tokens (id, user_name, token_hash, comment, created_at, expires_at)
       VALUES (?, ?, ?, ?, ?, ?)`,
    )
    .run(row.id, row.userName, row.tokenHash, row.comment, row.createdAt, row.expiresAt);
  store.noteChange();
}

/** The token with this hash, revoked and expired ones included. */
export function findTokenByHash(store: Store, tokenHash: Uint8Array): TokenRow | undefined {
  const row = store.prepare('SELECT * FROM personal_access_tokens WHERE token_hash = ?').get(tokenHash);
  return row === undefined ? undefined : toTokenRow(row);
}

/** All tokens, oldest first. */
export function selectTokens(store: Store): TokenRow[] {
  return store.prepare('SELECT * FROM personal_access_tokens ORDER BY created_at, id').all().map(toTokenRow);
}

/** Marks a token revoked at `at`. False where no token has that id, or it was revoked already. */
export function markTokenRevoked(store: Store, id: string, at: number): boolean {
  const { changes } = store
    .prepare('UPDATE personal_access_tokens SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL')
    .run(at, id);
  store.noteChange();
  return changes > 0;
}

/** Records when tokens were last used, in one transaction. Not a change that readers need to see. */
export function recordTokenUse(store: Store, lastUsedAt: ReadonlyMap<string, number>): void {
  store.transaction(() => {
    const update = store.prepare('UPDATE personal_access_tokens SET last_used_at = ? WHERE id = ?');
    for (const [id, at] of lastUsedAt) update.run(at, id);
  });
}

function toTokenRow(row: Record<string, SQLOutputValue>): TokenRow {
  return {
    id: row['id'] as string,
    userName: row['user_name'] as string,
    tokenHash: row['token_hash'] as Uint8Array,
    comment: row['comment'] as string | null,
    createdAt: row['created_at'] as number,
    expiresAt: row['expires_at'] as number | null,
    revokedAt: row['revoked_at'] as number | null,
    lastUsedAt: row['last_used_at'] as number | null,
  };
}
