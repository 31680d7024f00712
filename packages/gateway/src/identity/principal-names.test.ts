import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { nameKey } from '../lib/name-key.ts';
import { insertGrant, selectGrants } from '../state/unity-grant-repository.ts';
import { testingIdentity, type TestingIdentity } from './testing-identity.ts';

let identity: TestingIdentity;
beforeEach(async () => {
  identity = await testingIdentity({
    users: [{ name: 'ada', groups: ['admins'], active: true }],
    groups: [{ name: 'ops', members: ['ada'], groups: [] }],
  });
});
afterEach(() => identity.close());

const user = (userName: string) => identity.directory.createAccount({ type: 'USER', userName });
const group = (displayName: string) => identity.directory.createGroup({ displayName });

/** Gives the principal EXECUTE on a service, and everything that has an owner. */
async function give(principal: string): Promise<void> {
  const { store } = identity;
  const row = { kind: 'MODEL_SERVICE', name: 'main.team.fast', privilege: 'EXECUTE', grantedBy: 'ada', grantedAt: 1 };
  await insertGrant(store, { ...row, principal });
  await store.run(
    "INSERT INTO unity_catalogs (name, owner, built_in, created_at, created_by, updated_at) VALUES ('c', ?, 0, 1, 'ada', 1)",
    principal,
  );
}

async function held(): Promise<{ readonly grants: string[]; readonly owner: unknown }> {
  const [catalog] = await identity.store.all('SELECT owner FROM unity_catalogs');
  return {
    grants: (await selectGrants(identity.store)).map(({ principal }) => nameKey(principal)),
    owner: catalog?.['owner'],
  };
}

/** How often what is granted has changed, as other gateways see it. */
const revision = async (): Promise<unknown> =>
  (await identity.store.get("SELECT revision FROM revisions WHERE area = 'unity'"))?.['revision'];

describe('nobody takes the name of somebody else, to have what is granted to it', () => {
  test.each(['admins', 'ADMINS', 'account users', 'ops', 'Ops'])('a user %j', async (name) => {
    await expect(user(name)).rejects.toMatchObject({ scimType: 'uniqueness', status: 409 });
  });

  test('a user of the name of a group that was made', async () => {
    await group('finance');
    await expect(user('Finance')).rejects.toMatchObject({ scimType: 'uniqueness' });
    const eve = await user('eve');
    await expect(identity.directory.updateAccount(eve.id, { userName: 'finance' })).rejects.toMatchObject({
      scimType: 'uniqueness',
    });
  });

  test('who signs in under the name of a group', async () => {
    const eve = { userName: 'admins', displayName: undefined, externalId: 'x', groups: undefined };
    await expect(identity.directory.signedIn(eve, { create: true })).rejects.toMatchObject({ scimType: 'uniqueness' });
    expect(identity.directory.byName('admins')).toBeUndefined();
  });

  test('a group of the name of a user', async () => {
    await user('eve@example.com');
    for (const name of ['EVE@example.com', 'ada']) {
      await expect(group(name)).rejects.toMatchObject({ scimType: 'uniqueness' });
    }
    const team = await group('team');
    await expect(identity.directory.updateGroup(team.id, { displayName: 'ada' })).rejects.toMatchObject({
      scimType: 'uniqueness',
    });
  });

  test('a group of the identity provider that has the name of a user is left out', async () => {
    await user('eve@example.com');
    const bob = {
      userName: 'bob',
      displayName: undefined,
      externalId: 'x',
      groups: ['team', 'eve@example.com', 'ada'],
    };
    expect((await identity.directory.signedIn(bob, { create: true })).groups).toEqual(['team']);
  });
});

describe('what is granted to somebody, and what they own', () => {
  test('goes with a new name', async () => {
    const eve = await user('eve@example.com');
    await give('Eve@example.com');
    const before = await revision();
    await identity.directory.updateAccount(eve.id, { userName: 'eva@example.com' });
    expect(await held()).toEqual({ grants: ['eva@example.com'], owner: 'eva@example.com' });
    expect(await revision()).not.toBe(before);
    await user('eve@example.com');
    expect((await held()).grants).toEqual(['eva@example.com']);
  });

  test('ends with them: a namesake gets nothing of it', async () => {
    const eve = await user('eve@example.com');
    await give('Eve@example.com');
    await identity.directory.deleteAccount(eve.id);
    const { grants, owner } = await held();
    expect(grants).toEqual([]);
    expect(owner).toBe(`deleted:${eve.id}`);
    await user('eve@example.com');
    await expect(user(`deleted:${eve.id}`)).rejects.toMatchObject({ scimType: 'invalidValue' });
  });

  test('of a group likewise', async () => {
    const team = await group('team');
    await give('TEAM');
    await identity.directory.updateGroup(team.id, { displayName: 'crew' });
    expect(await held()).toEqual({ grants: ['crew'], owner: 'crew' });
    await identity.directory.deleteGroup(team.id);
    expect(await held()).toEqual({ grants: [], owner: `deleted:${team.id}` });
  });

  test('stays as it is by any other change, and where only the case of the name changes', async () => {
    const eve = await user('eve@example.com');
    await give('eve@example.com');
    const before = await revision();
    await identity.directory.updateAccount(eve.id, { displayName: 'Eve' });
    expect(await revision()).toBe(before);
    await identity.directory.updateAccount(eve.id, { userName: 'Eve@example.com' });
    expect((await held()).grants).toEqual(['eve@example.com']);
  });
});
