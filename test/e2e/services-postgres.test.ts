import { afterAll, beforeAll, describe } from 'vitest';
import { serviceRightsSuite } from '../../packages/gateway/src/unity/testing/service-rights-suite.ts';
import { servicesSuite } from '../../packages/gateway/src/unity/testing/services-suite.ts';
import { startPostgres, type Postgres } from '../support/postgres.ts';
import { postgresPlace } from './support/postgres-place.ts';

let server: Postgres;
beforeAll(async () => {
  server = await startPostgres();
}, 900_000);
afterAll(() => server?.stop());

describe('services on PostgreSQL', () => {
  servicesSuite(postgresPlace(() => server));
  serviceRightsSuite(postgresPlace(() => server));
});
