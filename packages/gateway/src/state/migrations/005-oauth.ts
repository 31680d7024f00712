/**
 * What the OAuth server keeps: codes, tokens, grants, sessions, registered clients (by SHA-256 of their value, in hexadecimal),
 * and its signing keys, sealed.
 */
export const oauth = `CREATE TABLE oauth_records (
  model       TEXT NOT NULL,
  id          TEXT NOT NULL,
  payload     TEXT NOT NULL,
  grant_id    TEXT,
  uid         TEXT,
  user_code   TEXT,
  account_id  TEXT,
  client_id   TEXT,
  created_at  INTEGER NOT NULL,
  expires_at  INTEGER NOT NULL,
  consumed_at INTEGER,
  PRIMARY KEY (model, id)
) STRICT;
CREATE INDEX oauth_records_by_grant ON oauth_records (grant_id);
CREATE INDEX oauth_records_by_uid ON oauth_records (uid);
CREATE INDEX oauth_records_by_user_code ON oauth_records (user_code);
CREATE INDEX oauth_records_by_account ON oauth_records (account_id);
CREATE INDEX oauth_records_by_expiry ON oauth_records (expires_at);
CREATE TABLE oauth_keys (
  id          TEXT PRIMARY KEY,
  kind        TEXT NOT NULL,
  sealed      TEXT NOT NULL,
  active_from INTEGER NOT NULL,
  created_at  INTEGER NOT NULL
) STRICT;`;
