import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { migrations } from '../migrations/index.ts';
import type { StoreLocation } from '../store.ts';

/** A kind of database that the shared suites run on. */
export interface StorePlace {
  /** Where a store is that no other test has. */
  newLocation(): Promise<StoreLocation>;
  /** Runs statements in the database's own words, past the store. */
  execute(location: StoreLocation, sql: string): Promise<void>;
  /** Makes the location's store as a gateway left it that knew the first `version` migrations only. */
  makeOld(location: StoreLocation, version: number): Promise<void>;
  /** Statement that makes the store one of schema version `version`. */
  setVersion(version: number): string;
  /** Removes all that was made. */
  remove(): Promise<void>;
}

/** Embedded stores in temporary directories. */
export function sqlitePlace(): StorePlace {
  const directories: string[] = [];
  const execute = async ({ dataDirectory }: StoreLocation, sql: string): Promise<void> => {
    const database = new DatabaseSync(path.join(dataDirectory, 'state.db'));
    try {
      database.exec(sql);
    } finally {
      database.close();
    }
  };
  const setVersion = (version: number): string => `PRAGMA user_version = ${version}`;
  return {
    async newLocation() {
      const dataDirectory = mkdtempSync(path.join(tmpdir(), 'ucode-state-'));
      directories.push(dataDirectory);
      return { dataDirectory };
    },
    execute,
    setVersion,
    makeOld: (location, version) =>
      execute(location, [...migrations.slice(0, version), setVersion(version)].join(';\n')),
    async remove() {
      for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
    },
  };
}
