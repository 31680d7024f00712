/** Objects, grants and tags of Unity Catalog. */
export const unity = `CREATE TABLE unity_catalogs (
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
INSERT INTO unity_revision VALUES (0);`;
