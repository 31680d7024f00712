/** Personal access tokens. */
export const tokens = `CREATE TABLE personal_access_tokens (
  id           TEXT PRIMARY KEY,
  user_name    TEXT NOT NULL,
  token_hash   BLOB NOT NULL UNIQUE,
  comment      TEXT,
  created_at   INTEGER NOT NULL,
  expires_at   INTEGER,
  revoked_at   INTEGER,
  last_used_at INTEGER
) STRICT;
CREATE INDEX personal_access_tokens_by_user ON personal_access_tokens (user_name);`;
