import { afterAll, beforeAll, describe } from 'vitest';
import { openStore } from '../../packages/gateway/src/state/store.ts';
import { TestCatalog } from '../../packages/gateway/src/unity/testing/open-catalog.ts';
import { servicesSuite } from '../../packages/gateway/src/unity/testing/services-suite.ts';
import { startPostgres, type Postgres } from '../support/postgres.ts';
import { postgresPlace } from './support/postgres-place.ts';

let server: Postgres;
beforeAll(async () => {
  server = await startPostgres();
  // Migrated once; each test has a copy.
  const url = await server.createDatabase();
  await (await openStore({ dataDirectory: '/nonexistent', url })).close();
  TestCatalog.newDatabase = () => server.createDatabase(`TEMPLATE ${url.split('/').at(-1)}`);
}, 900_000);
afterAll(() => server?.stop());

describe('Unity Catalog on PostgreSQL passes what it passes on SQLite', async () => {
  await import('../../packages/gateway/src/unity/unity-catalog.test.ts');
  await import('../../packages/gateway/src/unity/execute-statement.test.ts');
  servicesSuite(postgresPlace(() => server));
});
