import { afterAll, beforeAll, expect, it } from 'vitest';
import { OAuthHarness } from '../../packages/gateway/src/identity/oauth/testing/oauth-harness.ts';
import { startPostgres, type Postgres } from '../support/postgres.ts';

let postgres: Postgres;
let first: OAuthHarness;
let second: OAuthHarness;
beforeAll(async () => {
  postgres = await startPostgres();
  const location = { dataDirectory: '/nonexistent', url: await postgres.createDatabase(), maxConnections: 4 };
  first = await OAuthHarness.start({}, location);
  second = await OAuthHarness.start({}, location);
  // Behind one address, as a load balancer gives it.
  first.publicUrl = second.publicUrl = 'https://gateway.example.com';
}, 900_000);
afterAll(async () => {
  await first?.stop();
  await second?.stop();
  await postgres?.stop();
});

it('two gateways on one PostgreSQL are one authorization server', async () => {
  for (const gateway of [first, second]) gateway.publicUrl = undefined;
  const keysOf = async ({ origin }: OAuthHarness): Promise<unknown> =>
    ((await (await fetch(`${origin}/oidc/v1/jwks`)).json()) as { readonly keys: unknown }).keys;
  expect(await keysOf(second)).toEqual(await keysOf(first));

  const tokens = await first.databricksLogin();
  expect(await second.find(tokens.access_token)).toMatchObject({ accountId: '101' });
  const refreshed = await Promise.all(
    Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? first : second).refresh(tokens.refresh_token)),
  );
  expect(new Set(refreshed.map(({ status }) => status))).toEqual(new Set([200]));

  second.clockOffset = 120_000;
  expect((await second.refresh(tokens.refresh_token)).text).toBe(
    '{"error":"invalid_grant","error_description":"Refresh token is invalid"}',
  );
  second.clockOffset = 0;
  expect(await first.find(tokens.access_token)).toBeUndefined();
  for (const { json } of refreshed) expect(await first.find(String(json['access_token']))).toBeUndefined();
});

it('what has expired is cleared away, and an account that ends loses everything', async () => {
  const tokens = await second.databricksLogin();
  await first.server.revokeAccount('101');
  expect(await second.find(tokens.access_token)).toBeUndefined();
  const later = await first.databricksLogin();
  second.clockOffset = 400 * 86_400_000;
  await second.server.upkeep();
  second.clockOffset = 0;
  expect(await first.find(later.access_token)).toBeUndefined();
  expect(await first.store.all('SELECT model FROM oauth_records')).toEqual([]);
  expect([...first.errors, ...second.errors]).toEqual([]);
});
