import { migrations } from '../../../packages/gateway/src/state/migrations/index.ts';
import { postgresSchema } from '../../../packages/gateway/src/state/portable-sql.ts';
import type { StoreLocation } from '../../../packages/gateway/src/state/store.ts';
import type { StorePlace } from '../../../packages/gateway/src/state/testing/store-place.ts';
import type { Postgres } from '../../support/postgres.ts';

/** Stores in databases of their own on one server, for the suites that every kind of store passes. */
export function postgresPlace(server: () => Postgres): StorePlace {
  const execute = (location: StoreLocation, sql: string): Promise<void> => server().execute(location.url ?? '', sql);
  const setVersion = (version: number): string => `UPDATE schema_version SET version = ${version}`;
  return {
    async newLocation() {
      // No directory: nothing of the store may be on this machine's disk.
      return { dataDirectory: '/nonexistent', url: await server().createDatabase(), maxConnections: 4 };
    },
    execute,
    setVersion,
    makeOld: (location, version) =>
      execute(
        location,
        [
          'CREATE TABLE schema_version (version BIGINT NOT NULL)',
          `INSERT INTO schema_version VALUES (${version})`,
          ...migrations.slice(0, version).map(postgresSchema),
        ].join(';\n'),
      ),
    // The server goes as a whole.
    remove: async () => {},
  };
}
