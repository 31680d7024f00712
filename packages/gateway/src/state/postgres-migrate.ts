import { migrations, schemaVersion, StateVersionError } from './migrations/index.ts';
import type { PostgresConnection } from './postgres-connection.ts';
import { postgresSchema } from './portable-sql.ts';

/** Number of the advisory lock that one gateway at a time migrates under; of no meaning. */
const MIGRATION_LOCK = 8_484_001;
/** Milliseconds a migration may take, and another gateway waits for it. */
const MIGRATION_TIMEOUT_MS = 600_000;

/**
 * Brings the schema up to date in one transaction: all of it or nothing, by one gateway when several start.
 * @throws StateVersionError
 */
export async function migratePostgres(connection: PostgresConnection, name: string): Promise<void> {
  await requireUtf8(connection);
  await connection.query('BEGIN');
  await connection.query(`SET LOCAL statement_timeout = ${MIGRATION_TIMEOUT_MS}`);
  await connection.query(`SELECT pg_advisory_xact_lock(${MIGRATION_LOCK})`, [], MIGRATION_TIMEOUT_MS);
  const found = await versionOf(connection);
  if (found !== undefined && found > schemaVersion) throw new StateVersionError(`The state database ${name}`, found);
  if (found === undefined) {
    await connection.query('CREATE TABLE schema_version (version BIGINT NOT NULL)');
    await connection.query('INSERT INTO schema_version VALUES (0)');
  }
  if (found !== schemaVersion) {
    for (const sql of migrations.slice(found ?? 0)) {
      await connection.query(postgresSchema(sql), undefined, MIGRATION_TIMEOUT_MS);
    }
    await connection.query('UPDATE schema_version SET version = $1', [schemaVersion]);
  }
  await connection.query('COMMIT');
}

/** `undefined` for a new database. Asked before anything is made: who may only use tables can start too. */
async function versionOf(connection: PostgresConnection): Promise<number | undefined> {
  const there = await connection.query("SELECT to_regclass('schema_version') IS NOT NULL AS there");
  if (there.rows[0]?.there !== 1) return undefined;
  const { rows } = await connection.query('SELECT version FROM schema_version');
  return (rows[0]?.version as number | undefined) ?? 0;
}

/** Other encodings cannot hold every name. */
async function requireUtf8(connection: PostgresConnection): Promise<void> {
  const encoding = (await connection.query('SHOW server_encoding')).rows[0]?.server_encoding as unknown;
  if (encoding !== 'UTF8') {
    throw new Error(`its encoding is ${String(encoding)}; make one with ENCODING 'UTF8'`);
  }
}
