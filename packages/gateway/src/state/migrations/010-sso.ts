/**
 * Sign-ins through identity providers that are under way, found by the hash of their `state`; and which person of
 * which issuer an account belongs to.
 */
export const sso = `CREATE TABLE sso_sign_ins (
  state_hash      TEXT PRIMARY KEY,
  provider_id     TEXT NOT NULL,
  interaction_uid TEXT NOT NULL,
  redirect_uri    TEXT NOT NULL,
  nonce           TEXT NOT NULL,
  code_verifier   TEXT NOT NULL,
  browser_hash    TEXT NOT NULL,
  expires_at      INTEGER NOT NULL
) STRICT;
CREATE INDEX sso_sign_ins_by_expiry ON sso_sign_ins (expires_at);
CREATE TABLE sso_links (
  issuer     TEXT NOT NULL,
  subject    TEXT NOT NULL,
  account_id TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (issuer, subject),
  UNIQUE (issuer, account_id)
) STRICT;`;
