import { afterAll, beforeAll, describe } from 'vitest';
import { identitySuite } from '../../packages/gateway/src/identity/identity-suite.ts';
import { startPostgres, type Postgres } from '../support/postgres.ts';
import { postgresPlace } from './support/postgres-place.ts';

let server: Postgres;
beforeAll(async () => {
  server = await startPostgres();
}, 900_000);
afterAll(() => server?.stop());

describe('identity on PostgreSQL', () => {
  identitySuite(postgresPlace(() => server));
});
