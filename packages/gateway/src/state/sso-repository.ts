import type { Queryable } from './store.ts';

/** A sign-in that waits for the answer of the identity provider. */
export interface SsoSignInRow {
  /** SHA-256 of `state`, hex. */
  readonly stateHash: string;
  readonly providerId: string;
  readonly interactionUid: string;
  readonly redirectUri: string;
  readonly nonce: string;
  readonly codeVerifier: string;
  /** SHA-256 of the cookie of the browser that began, hex. */
  readonly browserHash: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** Which account a person of an issuer signs in to. */
export interface SsoLinkRow {
  readonly issuer: string;
  /** `sub`, never reassigned by the issuer (OpenID Connect Core 5.7). */
  readonly subject: string;
  readonly accountId: string;
}

export async function insertSsoSignIn(db: Queryable, row: SsoSignInRow): Promise<void> {
  await db.run(
    `INSERT INTO sso_sign_ins
     (state_hash, provider_id, interaction_uid, redirect_uri, nonce, code_verifier, browser_hash, expires_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    row.stateHash,
    row.providerId,
    row.interactionUid,
    row.redirectUri,
    row.nonce,
    row.codeVerifier,
    row.browserHash,
    row.expiresAt,
  );
}

/** Takes a sign-in out, so that of any number of callers, in any process, one gets it. */
export async function takeSsoSignIn(db: Queryable, stateHash: string): Promise<SsoSignInRow | undefined> {
  const row = await db.get('DELETE FROM sso_sign_ins WHERE state_hash = ? RETURNING *', stateHash);
  if (row === undefined) return undefined;
  return {
    stateHash: row['state_hash'] as string,
    providerId: row['provider_id'] as string,
    interactionUid: row['interaction_uid'] as string,
    redirectUri: row['redirect_uri'] as string,
    nonce: row['nonce'] as string,
    codeVerifier: row['code_verifier'] as string,
    browserHash: row['browser_hash'] as string,
    expiresAt: row['expires_at'] as number,
  };
}

/** Forgets what expired before `now`. Gives how many still wait. */
export async function pruneSsoSignIns(db: Queryable, now: number): Promise<number> {
  await db.run('DELETE FROM sso_sign_ins WHERE expires_at < ?', now);
  const row = await db.get('SELECT COUNT(*) AS waiting FROM sso_sign_ins');
  return Number(row?.['waiting'] ?? 0);
}

/** The link of a person, if there is one. */
export async function findSsoLink(db: Queryable, issuer: string, subject: string): Promise<SsoLinkRow | undefined> {
  const row = await db.get('SELECT * FROM sso_links WHERE issuer = ? AND subject = ?', issuer, subject);
  return row === undefined ? undefined : { issuer, subject, accountId: row['account_id'] as string };
}

/** The person of an issuer that an account belongs to, if there is one. */
export async function findSsoSubject(db: Queryable, issuer: string, accountId: string): Promise<string | undefined> {
  const row = await db.get('SELECT subject FROM sso_links WHERE issuer = ? AND account_id = ?', issuer, accountId);
  return row?.['subject'] as string | undefined;
}

/** Whether an account belongs to a person of some issuer already. */
export async function hasSsoLink(db: Queryable, accountId: string): Promise<boolean> {
  return (await db.get('SELECT issuer FROM sso_links WHERE account_id = ? LIMIT 1', accountId)) !== undefined;
}

/** Links a person and an account. False where either is linked already. */
export async function insertSsoLink(db: Queryable, row: SsoLinkRow, now: number): Promise<boolean> {
  const inserted = await db.run(
    'INSERT INTO sso_links (issuer, subject, account_id, created_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
    row.issuer,
    row.subject,
    row.accountId,
    now,
  );
  return inserted > 0;
}

/** Removes every link of an account: whoever signs in next under its name is looked at anew. */
export async function deleteSsoLinks(db: Queryable, accountId: string): Promise<number> {
  return db.run('DELETE FROM sso_links WHERE account_id = ?', accountId);
}
