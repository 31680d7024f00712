/**
 * Accounts, their passwords and secrets, groups and who is in them. Accounts and groups that `gateway.yaml` declares
 * have no row here, but may have passwords, and members by API: those name the ids that follow from their names.
 */
export const identity = `CREATE TABLE accounts (
  id           TEXT PRIMARY KEY,
  type         TEXT NOT NULL CHECK (type IN ('USER', 'SERVICE_PRINCIPAL')),
  name_key     TEXT NOT NULL UNIQUE,
  user_name    TEXT NOT NULL,
  display_name TEXT NOT NULL,
  given_name   TEXT,
  family_name  TEXT,
  emails       TEXT NOT NULL,
  external_id  TEXT,
  active       INTEGER NOT NULL,
  created_at   INTEGER NOT NULL,
  updated_at   INTEGER NOT NULL
) STRICT;
CREATE TABLE account_passwords (
  account_id    TEXT PRIMARY KEY,
  password_hash TEXT NOT NULL,
  updated_at    INTEGER NOT NULL
) STRICT;
CREATE TABLE account_groups (
  id           TEXT PRIMARY KEY,
  name_key     TEXT NOT NULL UNIQUE,
  display_name TEXT NOT NULL,
  external_id  TEXT,
  created_at   INTEGER NOT NULL,
  updated_at   INTEGER NOT NULL
) STRICT;
CREATE TABLE group_members (
  group_id    TEXT NOT NULL,
  member_kind TEXT NOT NULL CHECK (member_kind IN ('account', 'group')),
  member_id   TEXT NOT NULL,
  origin      TEXT NOT NULL CHECK (origin IN ('api', 'sso')),
  PRIMARY KEY (group_id, member_id, origin)
) STRICT;
CREATE INDEX group_members_by_member ON group_members (member_id);
CREATE TABLE service_principal_secrets (
  id           TEXT PRIMARY KEY,
  account_id   TEXT NOT NULL,
  secret_hash  BLOB NOT NULL UNIQUE,
  created_at   INTEGER NOT NULL,
  expires_at   INTEGER,
  revoked_at   INTEGER,
  last_used_at INTEGER
) STRICT;
CREATE INDEX service_principal_secrets_by_account ON service_principal_secrets (account_id);
ALTER TABLE personal_access_tokens ADD COLUMN account_id TEXT;
ALTER TABLE personal_access_tokens ADD COLUMN scopes TEXT;
ALTER TABLE personal_access_tokens ADD COLUMN created_by TEXT;
CREATE INDEX personal_access_tokens_by_account ON personal_access_tokens (account_id);`;
