import { hash, randomBytes } from 'node:crypto';
import type { Store } from '../state/store.ts';
import { insertToken, markTokenRevoked, selectTokens, type TokenRow } from '../state/token-repository.ts';

/** What every personal access token starts with, so that scanners find leaked ones. */
export const tokenPrefix = 'ucg_';

export interface NewToken {
  /** Name of the user it speaks for. */
  readonly user: string;
  readonly comment?: string | undefined;
  /** Seconds until it expires; never, when left out. */
  readonly lifetimeSeconds?: number | undefined;
}

/** What may be shown of a token. */
export type TokenInfo = Omit<TokenRow, 'tokenHash'>;

/**
 * Makes a personal access token: the prefix and 32 random bytes in base64url. Only its SHA-256 is
 * stored, so `token` is shown here and never again. `id` is what `revokeToken` takes.
 */
export function createToken(store: Store, request: NewToken): { id: string; token: string } {
  const id = randomBytes(8).toString('hex');
  const token = tokenPrefix + randomBytes(32).toString('base64url');
  const createdAt = Date.now();
  insertToken(store, {
    id,
    userName: request.user,
    tokenHash: hashToken(token),
    comment: request.comment ?? null,
    createdAt,
    expiresAt: request.lifetimeSeconds === undefined ? null : createdAt + request.lifetimeSeconds * 1000,
  });
  return { id, token };
}

/** All tokens, oldest first, expired and revoked ones included, without their hashes. */
export function listTokens(store: Store): TokenInfo[] {
  return selectTokens(store).map(({ tokenHash: _, ...info }) => info);
}

/** Revokes a token for good. False where no valid token has that id. In force within a second, in every process. */
export function revokeToken(store: Store, id: string): boolean {
  return markTokenRevoked(store, id, Date.now());
}

/** SHA-256 of the whole token. Tokens carry 256 random bits, so no salt and no slow hash is needed. */
export function hashToken(token: string): Buffer {
  return hash('sha256', token, 'buffer');
}
