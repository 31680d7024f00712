import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { savePasswordHash } from '../../state/account-repository.ts';
import { ada, ProviderDouble } from './testing/provider-double.ts';
import { ORIGIN, providerConfig, SignInWorld } from './testing/sign-in-world.ts';

let world: SignInWorld;
beforeEach(async () => {
  world = await SignInWorld.start();
});
afterEach(() => world.stop());

const refusal = { code: 'policy_sign_in_refused', status: 403 };

test('somebody whose address changes keeps the account', async () => {
  const { account } = await world.signIn();
  world.double.person = { ...ada, email: 'ada.king@example.com' };
  await expect(world.signIn()).resolves.toMatchObject({ account: { id: account.id, userName: 'ada@example.com' } });
});

test('somebody who is given a former colleague’s address does not get the account', async () => {
  await world.signIn();
  world.double.person = { ...ada, sub: 'new-person' };
  await expect(world.signIn()).rejects.toMatchObject(refusal);
  expect(world.directory.signIns).toHaveLength(1);
});

test('of two strangers with one name at the same time, one gets the account', async () => {
  const first = await world.away();
  const second = await world.away();
  let number = 0;
  world.double.idToken = (claims) => world.double.sign({ ...claims, sub: `person-${(number += 1)}` });
  const outcomes = await Promise.allSettled([world.back(first), world.back(second)]);
  expect(number).toBe(2);
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});

test('an account that SCIM has made is signed in to by verified address, and keeps its external id', async () => {
  world.directory.add({ userName: 'Ada@Example.com', externalId: 'scim-7' });
  await expect(world.signIn()).resolves.toMatchObject({
    account: { userName: 'Ada@Example.com', externalId: 'scim-7' },
  });
});

test('an account of an administrator is not taken over by an address that is not verified', async () => {
  world.directory.add({ userName: 'admin@example.com', groups: ['admins'] });
  world.configure({ requireVerifiedEmail: false });
  world.double.person = { sub: 'mallory', email: 'admin@example.com', email_verified: false };
  world.double.userinfo = world.double.person;
  await expect(world.signIn()).rejects.toMatchObject(refusal);
  expect(world.directory.signIns).toEqual([]);
});

test('an account of an administrator is not taken over by a login name that users choose', async () => {
  world.directory.add({ userName: 'admin', source: 'configuration', groups: ['admins'] });
  world.configure({ userClaim: 'preferred_username' });
  world.double.person = { ...ada, preferred_username: 'ADMIN' };
  await expect(world.signIn()).rejects.toMatchObject(refusal);
});

test('an administrator by configuration is signed in to only where the settings say all', async () => {
  world.directory.add({ userName: 'ada@example.com', source: 'configuration', groups: ['admins'] });
  await expect(world.signIn()).rejects.toMatchObject(refusal);
  world.configure({ linkExisting: 'all' });
  await expect(world.signIn()).resolves.toBeDefined();
  // Tied now: the settings no longer matter.
  world.configure({ linkExisting: 'none' });
  await expect(world.signIn()).resolves.toBeDefined();
});

test('an account with a password here is signed in to only where the settings say all', async () => {
  const account = world.directory.add({ userName: 'ada@example.com' });
  await savePasswordHash(world.store, account.id, 'hash', 1);
  await expect(world.signIn()).rejects.toMatchObject(refusal);
  world.configure({ linkExisting: 'all' });
  await expect(world.signIn()).resolves.toBeDefined();
});

test('no account that exists is signed in to where the settings say none', async () => {
  world.directory.add({ userName: 'ada@example.com' });
  world.configure({ linkExisting: 'none' });
  await expect(world.signIn()).rejects.toMatchObject(refusal);
});

test('a service principal is nobody to sign in as', async () => {
  world.directory.add({ userName: 'ada@example.com', type: 'SERVICE_PRINCIPAL' });
  world.configure({ linkExisting: 'all' });
  await expect(world.signIn()).rejects.toMatchObject(refusal);
});

test('somebody unknown is refused where no users are made', async () => {
  world.configure({ createUsers: false });
  await expect(world.signIn()).rejects.toMatchObject({ code: 'policy_forbidden' });
  expect(await world.store.all('SELECT * FROM sso_links')).toEqual([]);
});

test('a deactivated account is refused, new or known', async () => {
  const { account } = await world.signIn();
  world.directory.add({ ...account, active: false });
  await expect(world.signIn()).rejects.toMatchObject(refusal);
  world.directory.add({ userName: 'bob@example.com', active: false });
  world.double.person = { ...ada, sub: 'bob-1', email: 'bob@example.com' };
  await expect(world.signIn()).rejects.toMatchObject(refusal);
});

test('somebody whose account was deleted begins anew', async () => {
  const { account } = await world.signIn();
  world.directory.remove(account.id);
  await expect(world.signIn()).resolves.toMatchObject({ account: { userName: 'ada@example.com' } });
});

test('an administrator gives an account to another person of the provider by its external id', async () => {
  const { account } = await world.signIn();
  world.double.person = { ...ada, sub: 'ada-2' };
  await expect(world.signIn()).rejects.toMatchObject(refusal);
  world.directory.add({ ...account, externalId: 'ada-2' });
  await expect(world.signIn()).resolves.toMatchObject({ account: { id: account.id } });
  world.double.person = ada;
  await expect(world.signIn()).rejects.toMatchObject(refusal);
});

describe('a second provider', () => {
  let other: ProviderDouble;
  beforeEach(async () => {
    other = await ProviderDouble.start();
  });
  afterEach(() => other.stop());

  test('that names the same address gets the account of the first only where the settings say all', async () => {
    const { account } = await world.signIn();
    const settings = providerConfig({ issuer: other.issuer });
    world.providers = [settings];
    const first = world.double;
    const signInThere = async () => {
      const start = await world.sso.begin('corp', 'interaction-2', ORIGIN);
      const cookies = start.cookie?.split(';')[0] ?? '';
      return world.back({ url: other.authorize(start.redirect), cookies });
    };
    expect(other.person).toEqual(first.person);
    await expect(signInThere()).rejects.toMatchObject(refusal);
    world.providers = [{ ...settings, linkExisting: 'all' }];
    await expect(signInThere()).resolves.toMatchObject({ account: { id: account.id } });
  });
});
