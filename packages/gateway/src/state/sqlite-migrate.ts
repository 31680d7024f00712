import type { DatabaseSync } from 'node:sqlite';
import { migrations, schemaVersion, StateVersionError } from './migrations/index.ts';
import { SqliteConnection } from './sqlite-connection.ts';

/**
 * Opens the file and brings its schema up to date in one transaction: all of it or nothing, by one process when
 * several start.
 * @throws StateVersionError
 */
export function openMigrated(file: string): SqliteConnection {
  const connection = new SqliteConnection(file);
  try {
    migrate(connection.database, file);
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

function migrate(database: DatabaseSync, file: string): void {
  if (userVersion(database) === schemaVersion) return;
  database.exec('BEGIN IMMEDIATE');
  try {
    const found = userVersion(database);
    if (found > schemaVersion) throw new StateVersionError(file, found);
    for (const sql of migrations.slice(found)) database.exec(sql);
    database.exec(`PRAGMA user_version = ${schemaVersion}; COMMIT`);
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

function userVersion(database: DatabaseSync): number {
  return Number(database.prepare('PRAGMA user_version').get()?.['user_version']);
}
