import { afterAll, beforeAll, describe } from 'vitest';
import { ssoSuite } from '../../packages/gateway/src/state/testing/sso-suite.ts';
import { startPostgres, type Postgres } from '../support/postgres.ts';
import { postgresPlace } from './support/postgres-place.ts';

let server: Postgres;
beforeAll(async () => {
  server = await startPostgres();
}, 900_000);
afterAll(() => server?.stop());

describe('sign-in through identity providers on PostgreSQL', () => {
  ssoSuite(postgresPlace(() => server));
});
