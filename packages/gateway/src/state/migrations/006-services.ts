/**
 * Model services and model provider services that were made by API. `config` is JSON in the shape of the REST API with
 * secrets sealed; `providers` is JSON, the `uid` of each provider service that a model service was pointed at. The keys
 * that sealed something are known by their ids.
 */
export const services = `CREATE TABLE unity_services (
  kind       TEXT NOT NULL CHECK (kind IN ('MODEL_SERVICE', 'MODEL_PROVIDER_SERVICE')),
  catalog    TEXT NOT NULL,
  schema     TEXT NOT NULL,
  name       TEXT NOT NULL,
  uid        TEXT NOT NULL UNIQUE,
  owner      TEXT NOT NULL,
  comment    TEXT,
  config     TEXT NOT NULL,
  providers  TEXT NOT NULL,
  etag       TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  updated_at INTEGER NOT NULL,
  updated_by TEXT NOT NULL,
  PRIMARY KEY (kind, catalog, schema, name),
  FOREIGN KEY (catalog, schema) REFERENCES unity_schemas (catalog, name)
) STRICT;
CREATE TABLE encryption_keys (
  id            TEXT PRIMARY KEY,
  first_used_at INTEGER NOT NULL
) STRICT;`;
