import type { DatabaseSync } from 'node:sqlite';

/**
 * Every schema change, oldest first. Forward only: an entry that has been released is never edited,
 * a change is a new entry. The schema's version is the number of entries applied (`user_version`).
 */
const migrations: readonly string[] = [
  `CREATE TABLE personal_access_tokens (
     id           TEXT PRIMARY KEY,
     user_name    TEXT NOT NULL,
     token_hash   BLOB NOT NULL UNIQUE,
     comment      TEXT,
     created_at   INTEGER NOT NULL,
     expires_at   INTEGER,
     revoked_at   INTEGER,
     last_used_at INTEGER
   ) STRICT;
   CREATE INDEX personal_access_tokens_by_user ON personal_access_tokens (user_name);`,
  `CREATE TABLE unity_catalogs (
     name       TEXT PRIMARY KEY,
     owner      TEXT NOT NULL,
     comment    TEXT,
     built_in   INTEGER NOT NULL,
     created_at INTEGER NOT NULL,
     created_by TEXT NOT NULL,
     updated_at INTEGER NOT NULL
   ) STRICT;
   CREATE TABLE unity_schemas (
     catalog    TEXT NOT NULL REFERENCES unity_catalogs (name),
     name       TEXT NOT NULL,
     owner      TEXT NOT NULL,
     comment    TEXT,
     built_in   INTEGER NOT NULL,
     created_at INTEGER NOT NULL,
     created_by TEXT NOT NULL,
     updated_at INTEGER NOT NULL,
     PRIMARY KEY (catalog, name)
   ) STRICT;
   CREATE TABLE unity_tables (
     catalog         TEXT NOT NULL,
     schema          TEXT NOT NULL,
     name            TEXT NOT NULL,
     kind            TEXT NOT NULL CHECK (kind IN ('MANAGED', 'VIEW')),
     table_id        TEXT,
     location        TEXT UNIQUE,
     view_text       TEXT,
     view_columns    TEXT,
     own_rows_column TEXT,
     owner           TEXT NOT NULL,
     comment         TEXT,
     built_in        INTEGER NOT NULL,
     created_at      INTEGER NOT NULL,
     created_by      TEXT NOT NULL,
     updated_at      INTEGER NOT NULL,
     PRIMARY KEY (catalog, schema, name),
     FOREIGN KEY (catalog, schema) REFERENCES unity_schemas (catalog, name)
   ) STRICT;
   CREATE TABLE unity_removed_locations (
     location   TEXT PRIMARY KEY,
     dropped_at INTEGER NOT NULL,
     removed_at INTEGER
   ) STRICT;
   CREATE TABLE unity_grants (
     kind       TEXT NOT NULL,
     name       TEXT NOT NULL,
     principal  TEXT NOT NULL,
     privilege  TEXT NOT NULL,
     granted_by TEXT NOT NULL,
     granted_at INTEGER NOT NULL,
     PRIMARY KEY (kind, name, principal, privilege)
   ) STRICT;
   CREATE TABLE unity_tags (
     kind  TEXT NOT NULL,
     name  TEXT NOT NULL,
     tag   TEXT NOT NULL,
     value TEXT NOT NULL,
     PRIMARY KEY (kind, name, tag)
   ) STRICT;
   CREATE TABLE unity_revision (revision INTEGER NOT NULL) STRICT;
   INSERT INTO unity_revision VALUES (0);`,
];

/** Version of the schema that this program knows. */
export const schemaVersion = migrations.length;

/** The state file was written by a newer gateway. */
export class StateVersionError extends Error {
  constructor(file: string, found: number) {
    super(
      `${file} has schema version ${found}, but this ucode-gateway knows only versions up to ${schemaVersion}. ` +
        'A newer gateway wrote it: run that version, or restore the backup taken before the upgrade.',
    );
    this.name = 'StateVersionError';
  }
}

/**
 * Brings the schema up to date in one transaction, so that two processes that start together do it once.
 * @throws StateVersionError when the file is from a newer gateway; it is then left as it was.
 */
export function migrate(database: DatabaseSync, file: string): void {
  const found = userVersion(database);
  if (found === schemaVersion) return;
  if (found > schemaVersion) throw new StateVersionError(file, found);
  database.exec('BEGIN IMMEDIATE');
  try {
    for (const sql of migrations.slice(userVersion(database))) database.exec(sql);
    database.exec(`PRAGMA user_version = ${schemaVersion}`);
    database.exec('COMMIT');
  } catch (error) {
    database.exec('ROLLBACK');
    throw error;
  }
}

function userVersion(database: DatabaseSync): number {
  return Number(database.prepare('PRAGMA user_version').get()?.['user_version']);
}
