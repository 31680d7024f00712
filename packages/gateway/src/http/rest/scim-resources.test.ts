import { afterEach, beforeEach, expect, test } from 'vitest';
import { testingIdentity, type TestingIdentity } from '../../identity/testing-identity.ts';
import { scimDiscoveryRoutes } from './scim-discovery.ts';
import { scimResourceRoutes } from './scim-resources.ts';
import { DirectoryCaller } from './testing-directory.ts';

const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group';
const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const base = '/api/2.0/preview/scim/v2';
const admin = 'root@example.com';

let identity: TestingIdentity;
let caller: DirectoryCaller;
beforeEach(async () => {
  identity = await testingIdentity({ users: [{ name: admin, groups: ['admins'], active: true }] });
  caller = new DirectoryCaller([...scimResourceRoutes, ...scimDiscoveryRoutes], identity);
});
afterEach(() => identity.close());

const get = (path: string, user = admin) => caller.body(user, `GET ${base}/${path}`);
const filtered = (kind: string, filter: string, more = '') =>
  get(`${kind}?filter=${encodeURIComponent(filter)}${more}`);
const post = (path: string, body: object) => caller.body(admin, `POST ${base}/${path}`, body);
const put = (path: string, body: object) => caller.body(admin, `PUT ${base}/${path}`, body);
const patch = (path: string, ...Operations: object[]) =>
  caller.body(admin, `PATCH ${base}/${path}`, { schemas: [PATCH], Operations });

test("Okta's sequence: look, create, update with PUT, push a group, deactivate, reactivate", async () => {
  expect(await filtered('Users', 'userName eq "eve@example.com"', '&startIndex=1&count=100')).toEqual({
    schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
    totalResults: 0,
    startIndex: 1,
    itemsPerPage: 0,
    Resources: [],
  });
  const sent = {
    schemas: [USER],
    userName: 'eve@example.com',
    name: { givenName: 'Eve', familyName: 'Adams' },
    emails: [{ primary: true, value: 'eve@example.com', type: 'work' }],
    displayName: 'Eve Adams',
    locale: 'en-US',
    externalId: '00u1abcd',
    groups: [],
    active: true,
  };
  const eve = await post('Users', sent);
  expect(eve).toMatchObject({
    userName: 'eve@example.com',
    displayName: 'Eve Adams',
    externalId: '00u1abcd',
    active: true,
    name: { givenName: 'Eve', familyName: 'Adams', formatted: 'Eve Adams' },
    meta: { resourceType: 'User', location: `${base}/Users/${eve.id}` },
  });
  expect(eve).not.toHaveProperty('locale');
  expect(await get(`Users/${eve.id}`)).toEqual(eve);
  expect(await put(`Users/${eve.id}`, { ...eve, name: { givenName: 'Eva', familyName: 'Adams' } })).toMatchObject({
    id: eve.id,
    name: { givenName: 'Eva' },
  });
  const group = await post('Groups', { schemas: [GROUP], displayName: 'Engineers', members: [] });
  await patch(`Groups/${group.id}`, { op: 'add', path: 'members', value: [{ value: eve.id, display: eve.userName }] });
  expect((await get(`Users/${eve.id}`)).groups).toMatchObject([{ display: 'Engineers', value: group.id }]);
  await patch(`Groups/${group.id}`, { op: 'replace', value: { id: group.id, displayName: 'Engineering' } });
  expect(await filtered('Groups', 'displayName eq "engineering"')).toMatchObject({ totalResults: 1 });
  expect(await patch(`Users/${eve.id}`, { op: 'replace', value: { active: false } })).toMatchObject({ active: false });
  expect(await put(`Users/${eve.id}`, { schemas: [USER], userName: 'eve@example.com' })).toMatchObject({
    active: false,
  });
  expect(await patch(`Users/${eve.id}`, { op: 'replace', value: { active: true } })).toMatchObject({ active: true });
  expect(JSON.stringify(caller.changes)).toContain('users/eve@example.com');
});

test("Entra's sequence: probe, create, patch with its own ways, group members, delete", async () => {
  const probe = '"7f3c1c7e-0000-4000-8000-000000000000"';
  expect(await filtered('Users', `userName eq ${probe}`)).toMatchObject({ totalResults: 0 });
  const eve = await post('Users', {
    schemas: [USER, ENTERPRISE],
    externalId: 'eve',
    userName: 'eve@example.com',
    active: true,
    emails: [{ primary: true, type: 'work', value: 'eve@example.com' }],
    meta: { resourceType: 'User' },
    name: { formatted: 'Eve A', familyName: 'A', givenName: 'Eve' },
    roles: [],
    [ENTERPRISE]: { department: 'R&D' },
  });
  const changed = await patch(
    `Users/${eve.id}`,
    { op: 'Replace', path: 'emails[type eq "work"].value', value: 'eva@example.com' },
    { op: 'Replace', path: 'name.familyName', value: 'Adams' },
    { op: 'Add', path: `${ENTERPRISE}:department`, value: 'Sales' },
    { op: 'Replace', path: 'userName', value: 'eva@example.com' },
  );
  expect(changed).toMatchObject({
    id: eve.id,
    userName: 'eva@example.com',
    emails: [{ value: 'eva@example.com', type: 'work', primary: true }],
    name: { familyName: 'Adams' },
  });
  const group = await post('Groups', { schemas: [GROUP], externalId: 'g1', displayName: 'Team', members: [] });
  await patch(`Groups/${group.id}`, { op: 'Add', path: 'members', value: [{ $ref: null, value: eve.id }] });
  expect(await filtered('Groups', 'displayName eq "Team"', '&excludedAttributes=members')).toMatchObject({
    Resources: [{ id: group.id, externalId: 'g1' }],
  });
  expect(await filtered('Groups', `id eq "${group.id}" and members eq "${eve.id}"`)).toMatchObject({ totalResults: 1 });
  await patch(`Groups/${group.id}`, { op: 'Remove', path: 'members', value: [{ $ref: null, value: eve.id }] });
  expect((await get(`Groups/${group.id}`)).members).toEqual([]);
  expect(await patch(`Users/${eve.id}`, { op: 'Replace', path: 'active', value: 'False' })).toMatchObject({
    active: false,
  });
  expect(await caller.call(admin, `DELETE ${base}/Users/${eve.id}`)).toMatchObject({ status: 204, body: undefined });
  await expect(get(`Users/${eve.id}`)).rejects.toMatchObject({ status: 404 });
});

test('service principals have an application id that stays', async () => {
  const ci = await post('ServicePrincipals', { displayName: 'CI' });
  expect(ci).toMatchObject({ applicationId: expect.stringMatching(/^[0-9a-f-]{36}$/), active: true });
  expect(
    await patch(`ServicePrincipals/${ci.id}`, { op: 'replace', path: 'displayName', value: 'Build' }),
  ).toMatchObject({
    displayName: 'Build',
    applicationId: ci.applicationId,
  });
  await expect(
    patch(`ServicePrincipals/${ci.id}`, { op: 'replace', path: 'applicationId', value: 'other' }),
  ).rejects.toMatchObject({ scimType: 'mutability' });
  await expect(get(`Users/${ci.id}`)).rejects.toMatchObject({ status: 404 });
});

test('names are unique, what gateway.yaml declares is immutable, but may be sent as it is', async () => {
  await post('Users', { userName: 'eve@example.com' });
  await expect(post('Users', { userName: 'EVE@example.com' })).rejects.toMatchObject({
    scimType: 'uniqueness',
    status: 409,
  });
  const { id, ...root } = (await filtered('Users', `userName eq "${admin}"`)).Resources[0];
  expect(await put(`Users/${id}`, root)).toMatchObject({ id });
  const { active: _, ...silent } = root;
  expect(await put(`Users/${id}`, silent)).toMatchObject({ id, active: true });
  await expect(patch(`Users/${id}`, { op: 'replace', value: { active: false } })).rejects.toMatchObject({
    scimType: 'mutability',
    status: 400,
    message: expect.stringContaining('gateway.yaml'),
  });
});

test('pages, sorts and shows what is asked for', async () => {
  for (const name of ['c', 'a', 'b']) await post('Users', { userName: name, displayName: `N${name}` });
  const page = await get(
    'Users?startIndex=2&count=2&sortBy=userName&sortOrder=descending&attributes=userName,name.givenName',
  );
  expect(page).toMatchObject({ totalResults: 4, startIndex: 2, itemsPerPage: 2 });
  expect(page.Resources.map((one: object) => Object.keys(one).toSorted())).toEqual([
    ['id', 'schemas', 'userName'],
    ['id', 'schemas', 'userName'],
  ]);
  expect(page.Resources.map(({ userName }: { userName: string }) => userName)).toEqual(['c', 'b']);
  expect(await get('Users?count=0')).toMatchObject({ totalResults: 4, itemsPerPage: 0 });
  expect(await get('Users?startIndex=-3&count=1')).toMatchObject({ startIndex: 1, itemsPerPage: 1 });
  await expect(get('Users?count=x')).rejects.toMatchObject({ scimType: 'invalidValue' });
  await expect(filtered('Users', "userName eq 'a'")).rejects.toMatchObject({ scimType: 'invalidFilter' });
});

test('a version that was seen before is not overwritten, and not sent twice', async () => {
  const eve = await post('Users', { userName: 'eve' });
  const version = eve.meta.version as string;
  const same = await caller.call(admin, `GET ${base}/Users/${eve.id}`, {}, { headers: { 'if-none-match': version } });
  expect(same).toMatchObject({ status: 304, headers: { etag: version } });
  await patch(`Users/${eve.id}`, { op: 'replace', path: 'displayName', value: 'Eve' });
  const late = { headers: { 'if-match': version } };
  await expect(caller.call(admin, `PUT ${base}/Users/${eve.id}`, eve, late)).rejects.toMatchObject({ status: 412 });
  await expect(caller.call(admin, `DELETE ${base}/Users/${eve.id}`, {}, late)).rejects.toMatchObject({ status: 412 });
});

test('who is not an admin sees themselves, their groups without members, and changes nothing', async () => {
  const [eve, zoe] = [await post('Users', { userName: 'eve' }), await post('Users', { userName: 'zoe' })];
  const group = await post('Groups', { displayName: 'team', members: [{ value: eve.id }, { value: zoe.id }] });
  const foreign = await post('Groups', { displayName: 'foreign', members: [{ value: zoe.id }] });
  expect(await get(`Users/${eve.id}`, 'eve')).toMatchObject({ userName: 'eve' });
  for (const id of [zoe.id, 'nobody']) await expect(get(`Users/${id}`, 'eve')).rejects.toMatchObject({ status: 403 });
  expect((await get('Users', 'eve')).Resources).toMatchObject([{ userName: 'eve' }]);
  for (const query of ['', '?attributes=members', '?attributes=displayName,members.value', '?excludedAttributes=x']) {
    const { Resources } = await get(`Groups${query}`, 'eve');
    expect(Resources).toHaveLength(1);
    expect(JSON.stringify(Resources)).not.toContain(zoe.id);
  }
  const filter = encodeURIComponent(`members.value eq "${zoe.id}"`);
  expect(await get(`Groups?filter=${filter}`, 'eve')).toMatchObject({ totalResults: 0 });
  expect(await get(`Groups/${group.id}`, 'eve')).not.toHaveProperty('members');
  await expect(get(`Groups/${foreign.id}`, 'eve')).rejects.toMatchObject({ status: 403 });
  for (const route of scimResourceRoutes.filter(({ method }) => method !== 'GET')) {
    const target = `${route.method} ${route.path.replace('{id}', eve.id)}`;
    await expect(caller.call('eve', target, { userName: 'x' })).rejects.toMatchObject({ code: 'policy_forbidden' });
  }
});

test('a password is taken and never shown or audited', async () => {
  const eve = await post('Users', { userName: 'eve', password: 'correct horse battery' });
  expect(await identity.directory.checkPassword('eve', 'correct horse battery', '192.0.2.1')).toMatchObject({
    id: eve.id,
  });
  await patch(`Users/${eve.id}`, { op: 'replace', path: 'password', value: 'another horse battery' });
  await identity.directory.checkPassword('eve', 'another horse battery', '192.0.2.1');
  expect(JSON.stringify([eve, caller.changes, await get(`Users/${eve.id}`)])).not.toMatch(/horse|scrypt/);
  await expect(post('Users', { userName: 'bob', password: 'short' })).rejects.toMatchObject({ status: 400 });
  expect(identity.directory.byName('bob')).toBeUndefined();
});

test.each([
  ['Users', {}],
  ['Users', { userName: 5 }],
  ['Users', { userName: 'eve', active: 'maybe' }],
  ['Users', { userName: 'eve', emails: Array.from({ length: 21 }, () => ({ value: 'a@b' })) }],
  ['Users', { userName: 'eve', emails: [{ value: { a: 1 } }] }],
  ['Users', { userName: 'eve', displayName: 'a\nb' }],
  ['Users', { userName: 'eve', name: { givenName: 'x'.repeat(300) } }],
  ['Users', { userName: 'eve', schemas: 'x' }],
  ['Groups', { displayName: 'team', members: [{ value: 'nobody' }] }],
  ['Groups', { displayName: 'team', members: 'x' }],
  ['Groups', { displayName: '' }],
])('%s with %j is refused, and nothing is made', async (kind, body) => {
  await expect(post(kind, body)).rejects.toMatchObject({ status: 400 });
  expect((await get('Users')).totalResults).toBe(1);
  expect((await get('Groups')).totalResults).toBe(2);
});

test('a body with a prototype is only a body', async () => {
  const body = JSON.parse(
    '{"userName":"eve","__proto__":{"active":false},"constructor":{"prototype":{"x":1}}}',
  ) as object;
  expect(await post('Users', body)).toMatchObject({ active: true });
  expect(({} as Record<string, unknown>)['x']).toBeUndefined();
});

test('describes itself', async () => {
  expect(await get('ServiceProviderConfig')).toMatchObject({ patch: { supported: true }, etag: { supported: true } });
  expect((await get('Schemas')).Resources.map(({ name }: { name: string }) => name)).toEqual([
    'User',
    'Group',
    'ServicePrincipal',
  ]);
  expect(await get(`Schemas/${GROUP}`)).toMatchObject({ id: GROUP });
  expect(await get('ResourceTypes/User')).toMatchObject({ endpoint: '/Users', schema: USER });
  await expect(get('ResourceTypes/Robot')).rejects.toMatchObject({ status: 404 });
  const ids = [...scimResourceRoutes, ...scimDiscoveryRoutes].map(({ describe }) => describe?.id);
  expect(new Set(ids).size).toBe(ids.length);
});

test('a group of 10,000 is filled, changed by one, and shown', async () => {
  await identity.store.transaction(async (tx) => {
    for (let at = 0; at < 10_000; at++) {
      await tx.run(
        `INSERT INTO accounts (id, type, name_key, user_name, display_name, emails, active, created_at, updated_at)
         VALUES (?, 'USER', ?, ?, ?, '[]', 1, 1, 1)`,
        `m${at}`,
        `user${at}`,
        `user${at}`,
        `user${at}`,
      );
    }
    await tx.run("INSERT INTO revisions (area, revision) VALUES ('identity', 1)");
  });
  await identity.watcher.check();
  const members = Array.from({ length: 10_000 }, (_, at) => ({ value: `m${at}` }));
  const group = await post('Groups', { displayName: 'everyone', members });
  expect(group.members).toHaveLength(10_000);
  const smaller = await patch(`Groups/${group.id}`, { op: 'remove', path: 'members[value eq "m77"]' });
  expect(smaller.members).toHaveLength(9_999);
  expect(caller.changes.at(-1)).toMatchObject({ before: { members: [{ value: 'm77' }] }, after: { members: [] } });
  expect(JSON.stringify(caller.changes).length).toBeLessThan(50_000);
  expect(await filtered('Users', 'userName eq "user9999"')).toMatchObject({ totalResults: 1 });
  expect((await get('Users?count=5000')).itemsPerPage).toBe(1_000);
});
