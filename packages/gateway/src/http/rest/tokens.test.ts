import { afterEach, beforeEach, expect, test } from 'vitest';
import { testingIdentity, type TestingIdentity } from '../../identity/testing-identity.ts';
import { servicePrincipalSecretRoutes } from './service-principal-secrets.ts';
import { DirectoryCaller } from './testing-directory.ts';
import { tokenRoutes } from './tokens.ts';

let identity: TestingIdentity;
let caller: DirectoryCaller;
beforeEach(async () => {
  identity = await testingIdentity({
    users: [
      { name: 'root', groups: ['admins'], active: true },
      { name: 'eve', groups: [], active: true },
      { name: 'zoe', groups: [], active: true },
    ],
    servicePrincipals: [{ applicationId: 'ci', displayName: 'CI', groups: [], active: true }],
  });
  caller = new DirectoryCaller([...tokenRoutes, ...servicePrincipalSecretRoutes], identity);
});
afterEach(() => identity.close());

const use = async (token: string) => identity.authenticator.authenticate({ 'x-api-key': token });
const create = 'POST /api/2.0/token/create';
const manage = '/api/2.0/token-management/tokens';

test('a token is made, used, listed without its value, and revoked', async () => {
  const { token_value: value, token_info: info } = await caller.body('eve', create, {
    comment: 'laptop',
    lifetime_seconds: 3600,
  });
  expect(value).toMatch(/^ucg_[\w-]{43}$/);
  expect(info).toMatchObject({ token_id: expect.any(String), comment: 'laptop' });
  expect(info.expiry_time - info.creation_time).toBe(3_600_000);
  expect(await use(value)).toMatchObject({ userName: 'eve', tokenId: info.token_id });
  expect(await caller.body('eve', 'GET /api/2.0/token/list')).toEqual({ token_infos: [info] });
  expect(await caller.body('zoe', 'GET /api/2.0/token/list')).toEqual({ token_infos: [] });
  const remove = 'POST /api/2.0/token/delete';
  await expect(caller.call('zoe', remove, { token_id: info.token_id })).rejects.toMatchObject({ status: 404 });
  await expect(caller.call('root', remove, { token_id: info.token_id })).rejects.toMatchObject({ status: 404 });
  expect(await caller.call('eve', remove, { token_id: info.token_id })).toMatchObject({ status: 200 });
  await expect(use(value)).rejects.toThrow(/revoked/);
  expect(await caller.body('eve', 'GET /api/2.0/token/list')).toEqual({ token_infos: [] });
  expect(JSON.stringify(caller.changes)).toContain(`tokens/${info.token_id}`);
  expect(JSON.stringify(caller.changes)).not.toContain(value.slice(4));
});

test('without a lifetime it does not expire; scopes are kept', async () => {
  const made = await caller.body('eve', create, { scopes: ['sql'] });
  expect(made.token_info).toMatchObject({ expiry_time: -1, comment: '' });
  expect((await use(made.token_value)).scopes).toEqual(new Set(['sql']));
});

test('a personal access token makes none that outlives it', async () => {
  const own = await caller.body('eve', create, { lifetime_seconds: 600 });
  const principal = await use(own.token_value);
  const withIt = { principal };
  await expect(caller.call('eve', create, { lifetime_seconds: 601 }, withIt)).rejects.toMatchObject({
    code: 'policy_forbidden',
  });
  const child = await caller.body('eve', create, {}, withIt);
  expect(child.token_info.expiry_time).toBeLessThanOrEqual(own.token_info.expiry_time);
  expect(child.token_info.expiry_time).not.toBe(-1);
  const gone = { principal: { ...principal, tokenId: 'gone' } };
  await expect(caller.call('eve', create, {}, gone)).rejects.toMatchObject({ code: 'policy_forbidden' });
});

test.each([
  { lifetime_seconds: 0 },
  { lifetime_seconds: -1 },
  { lifetime_seconds: 1.5 },
  { lifetime_seconds: 1e12 },
  { lifetime_seconds: '60' },
  { comment: 'x'.repeat(1_025) },
  { comment: 'a\u001b[31m' },
  { scopes: [] },
  { scopes: ['a b'] },
  { scopes: 'sql' },
])('%j is refused, and nothing is made', async (body) => {
  await expect(caller.call('eve', create, body)).rejects.toMatchObject({ status: 400 });
  expect(await identity.tokens.list()).toEqual([]);
});

test('admins see and revoke everybody’s, others nothing of it', async () => {
  const { token_value: value, token_info: info } = await caller.body('eve', create);
  await caller.body('zoe', create);
  const listed = await caller.body('root', `GET ${manage}?created_by_username=EVE`);
  expect(listed.token_infos).toMatchObject([
    { token_id: info.token_id, created_by_username: 'eve', owner_username: 'eve' },
  ]);
  expect((await caller.body('root', `GET ${manage}?created_by_username=nobody`)).token_infos).toEqual([]);
  expect((await caller.body('root', `GET ${manage}`)).token_infos).toHaveLength(2);
  expect((await caller.body('root', `GET ${manage}/${info.token_id}`)).token_info).toMatchObject({ comment: '' });
  for (const target of [`GET ${manage}`, `GET ${manage}/${info.token_id}`, `DELETE ${manage}/${info.token_id}`]) {
    await expect(caller.call('eve', target)).rejects.toMatchObject({ code: 'policy_forbidden' });
  }
  await caller.call('root', `DELETE ${manage}/${info.token_id}`);
  await expect(use(value)).rejects.toThrow(/revoked/);
  await expect(caller.call('root', `DELETE ${manage}/none`)).rejects.toMatchObject({ status: 404 });
});

test('an admin makes tokens for service principals, not for people', async () => {
  const onBehalf = 'POST /api/2.0/token-management/on-behalf-of/tokens';
  const made = await caller.body('root', onBehalf, { application_id: 'ci', comment: 'build', lifetime_seconds: 60 });
  expect(await use(made.token_value)).toMatchObject({ userName: 'ci', type: 'SERVICE_PRINCIPAL' });
  expect((await caller.body('root', `GET ${manage}?created_by_username=root`)).token_infos).toMatchObject([
    { token_id: made.token_info.token_id, owner_username: 'ci', created_by_username: 'root' },
  ]);
  await expect(caller.call('root', onBehalf, { application_id: 'eve' })).rejects.toMatchObject({ status: 404 });
  await expect(caller.call('eve', onBehalf, { application_id: 'ci' })).rejects.toMatchObject({ status: 403 });
});

test('an account has a bounded number of tokens', async () => {
  const eve = identity.directory.byName('eve')!;
  for (let one = 0; one < 600; one++) await identity.tokens.create(eve, {});
  await expect(caller.call('eve', create)).rejects.toMatchObject({ code: 'caller_invalid_state' });
});

test('secrets of service principals are shown once', async () => {
  const { id } = identity.directory.byName('ci')!;
  const path = `/api/2.0/accounts/servicePrincipals/${id}/credentials/secrets`;
  const made = await caller.body('root', `POST ${path}`, { lifetime: '60s' });
  expect(made).toMatchObject({ secret: expect.stringMatching(/^ucs_[\w-]{43}$/), status: 'ACTIVE' });
  expect(await identity.directory.checkSecret('ci', made.secret, '192.0.2.1')).toMatchObject({ id });
  const listed = await caller.body('root', `GET ${path}`);
  expect(listed.secrets).toMatchObject([{ id: made.id, expire_time: made.expire_time }]);
  expect(JSON.stringify([listed, caller.changes])).not.toContain(made.secret.slice(4));
  await caller.call('root', `DELETE ${path}/${made.id}`);
  await expect(identity.directory.checkSecret('ci', made.secret, '192.0.2.1')).rejects.toMatchObject({ status: 401 });
  await expect(caller.call('root', `DELETE ${path}/${made.id}`)).rejects.toMatchObject({ status: 404 });
  await expect(caller.call('root', `POST ${path}`, { lifetime: '1d' })).rejects.toMatchObject({ status: 400 });
  for (const target of [`POST ${path}`, `GET ${path}`, `DELETE ${path}/x`]) {
    await expect(caller.call('eve', target)).rejects.toMatchObject({ code: 'policy_forbidden' });
  }
});
