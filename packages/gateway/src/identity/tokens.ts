import { hash, randomBytes } from 'node:crypto';
import { countChange } from '../state/revisions.ts';
import type { Queryable, Store } from '../state/store.ts';
import { insertToken, markTokenRevoked, selectTokens, type TokenRow } from '../state/token-repository.ts';

/** What every personal access token starts with, so that scanners find leaked ones. */
export const tokenPrefix = 'ucg_';
/** What every secret of a service principal starts with. */
export const secretPrefix = 'ucs_';

export interface NewToken {
  /** Name of the account it speaks for. */
  readonly user: string;
  /** Id of the account; without it the token speaks for whoever has the name. */
  readonly accountId?: string | undefined;
  readonly comment?: string | undefined;
  /** Seconds until it expires; never, when left out. */
  readonly lifetimeSeconds?: number | undefined;
  /** What it may be used for; everything, when left out. */
  readonly scopes?: readonly string[] | undefined;
  /** Name of who made it for somebody else. */
  readonly createdBy?: string | undefined;
}

/** A token just made: `token` is shown here and never again, `id` is what `revokeToken` takes. */
export interface CreatedToken {
  readonly id: string;
  readonly token: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly expiresAt: number | null;
}

/** What may be shown of a token. */
export type TokenInfo = Omit<TokenRow, 'tokenHash'>;

/** Makes a personal access token. Only its SHA-256 is stored. */
export async function createToken(db: Queryable, request: NewToken, now: number = Date.now()): Promise<CreatedToken> {
  const { id, value, valueHash } = newCredential(tokenPrefix);
  const expiresAt = request.lifetimeSeconds === undefined ? null : now + request.lifetimeSeconds * 1000;
  await insertToken(db, {
    id,
    userName: request.user,
    accountId: request.accountId ?? null,
    tokenHash: valueHash,
    comment: request.comment ?? null,
    scopes: request.scopes ?? null,
    createdBy: request.createdBy ?? null,
    createdAt: now,
    expiresAt,
  });
  return { id, token: value, createdAt: now, expiresAt };
}

/** All tokens, oldest first, expired and revoked ones included, without their hashes. */
export async function listTokens(db: Queryable): Promise<TokenInfo[]> {
  return (await selectTokens(db)).map(withoutHash);
}

/** Revokes a token for good. False where no valid token has that id. In force within a second, in every process. */
export async function revokeToken(store: Store, id: string, now: number = Date.now()): Promise<boolean> {
  return store.transaction(async (tx) => {
    const revoked = await markTokenRevoked(tx, id, now);
    if (revoked) await countChange(tx, 'tokens');
    return revoked;
  });
}

export function withoutHash({ tokenHash: _, ...info }: TokenRow): TokenInfo {
  return info;
}

/** A new id, a new value (the prefix and 32 random bytes in base64url), and what is stored of the value. */
export function newCredential(prefix: string): { id: string; value: string; valueHash: Buffer } {
  const value = prefix + randomBytes(32).toString('base64url');
  return { id: randomBytes(8).toString('hex'), value, valueHash: hashToken(value) };
}

/** SHA-256 of the whole token. Tokens carry 256 random bits, so no salt and no slow hash is needed. */
export function hashToken(token: string): Buffer {
  return hash('sha256', token, 'buffer');
}
