import { afterEach, beforeEach, expect, it } from 'vitest';
import { testingIdentity, type TestingIdentity } from '../../identity/testing-identity.ts';
import { scimMeRoutes } from './scim-me.ts';
import { DirectoryCaller } from './testing-directory.ts';

let identity: TestingIdentity;
let caller: DirectoryCaller;
beforeEach(async () => {
  identity = await testingIdentity({
    users: [{ name: 'ada@example.com', groups: ['admins', 'team'], active: true }],
    servicePrincipals: [{ applicationId: 'ci', displayName: 'CI', groups: [], active: true }],
    groups: [{ name: 'outer', members: [], groups: ['team'] }],
  });
  caller = new DirectoryCaller(scimMeRoutes, identity);
});
afterEach(() => identity.close());

const path = 'GET /api/2.0/preview/scim/v2/Me';

it('says who is calling', async () => {
  const { id } = caller.principal('ada@example.com');
  expect(await caller.body('ada@example.com', path)).toMatchObject({
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
    id,
    userName: 'ada@example.com',
    active: true,
    emails: [{ value: 'ada@example.com' }],
    groups: [
      { display: 'admins', type: 'direct', value: expect.stringMatching(/^\d+$/) },
      { display: 'outer', type: 'indirect' },
      { display: 'team', type: 'direct' },
    ],
    entitlements: [{ value: 'workspace-access' }, { value: 'databricks-sql-access' }],
    meta: { resourceType: 'User', location: `/api/2.0/preview/scim/v2/Users/${id}` },
  });
});

it('says so of service principals, too, and on the path of the account', async () => {
  expect(await caller.body('ci', 'GET /api/2.0/account/scim/v2/Me')).toMatchObject({
    userName: 'ci',
    applicationId: 'ci',
    active: true,
    groups: [],
  });
});

it('tells nothing of the token', async () => {
  expect(JSON.stringify(await caller.body('ada@example.com', path))).not.toContain('t1"');
});

it('needs a principal', async () => {
  await expect(caller.call('ci', path, {}, { principal: undefined })).rejects.toMatchObject({ status: 401 });
});
