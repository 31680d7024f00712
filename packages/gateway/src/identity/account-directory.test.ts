import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { AuditEvent } from '../audit/audit-event.ts';
import { savePasswordHash, selectPasswordHash } from '../state/account-repository.ts';
import { hashPassword } from './password-hash.ts';
import { testingIdentity, type TestingIdentity } from './testing-identity.ts';
import { createToken } from './tokens.ts';
import { userId } from './user-id.ts';

const audited: AuditEvent[] = [];
let identity: TestingIdentity;
const at = '192.0.2.1';
const clock = Date.now();

beforeEach(async () => {
  audited.length = 0;
  identity = await testingIdentity(
    {
      users: [
        { name: 'ada', groups: ['admins'], active: true },
        { name: 'bob', groups: [], active: false },
      ],
      groups: [{ name: 'ops', members: ['ada'], groups: [] }],
    },
    { audit: { record: (event) => void audited.push(event) }, now: () => clock },
  );
});
afterEach(() => identity.close());

const user = (userName: string, more = {}) => identity.directory.createAccount({ type: 'USER', userName, ...more });
const use = async (token: string) => identity.authenticator.authenticate({ 'x-api-key': token });

test('an account is there at once here, and after the next look at another gateway', async () => {
  const other = await identity.another();
  const eve = await user('Eve@Example.com', { displayName: 'Eve', active: true });
  expect(eve).toMatchObject({ userName: 'Eve@Example.com', source: 'directory', id: userId('Eve@Example.com') });
  expect(identity.directory.byName('eve@example.COM')).toEqual(eve);
  await other.watcher.check();
  expect(other.directory.byId(eve.id)).toEqual(eve);
});

test('no two have one name, whatever its case and composition, nor that of a declared one', async () => {
  await user('José@example.com');
  for (const name of ['JOSÉ@example.com', 'josé@example.com'.normalize('NFD'), 'ADA']) {
    await expect(user(name)).rejects.toMatchObject({ scimType: 'uniqueness', status: 409 });
  }
});

test.each([
  ['', 'empty'],
  [' eve', 'blank'],
  ['a'.repeat(257), 'longer'],
  ['eve\u0000', 'control'],
  ['eve\u202Enimda', 'invisible'],
  ['e\u200Bve', 'invisible'],
  ['adm\u0456n', 'scripts'],
  ['\u0430da', 'scripts'],
  ['ａｄａ', 'stand for'],
  ['\u212Aate', 'stand for'],
  ['eve\uD800', 'unassigned'],
])('the name %j is refused', async (name, why) => {
  await expect(user(name)).rejects.toMatchObject({ scimType: 'invalidValue', message: expect.stringContaining(why) });
});

test.each(["O'Brien@example.com", "x'; DROP TABLE accounts; --", 'иван@example.com', '李小龍', '" or "1" eq "1'])(
  'the name %j is only a name',
  async (name) => {
    const account = await user(name);
    expect(identity.directory.byName(name)).toEqual(account);
    await identity.directory.deleteAccount(account.id);
    expect(identity.directory.byName(name)).toBeUndefined();
    expect(identity.directory.byName('ada')).toBeDefined();
  },
);

test('who is deactivated loses every token and does not get them back', async () => {
  const ended = vi.fn();
  const eve = await user('eve');
  identity.directory.onAccountEnded(ended);
  const first = await identity.tokens.create(eve, {});
  const legacy = await createToken(identity.store, { user: 'EVE' });
  await use(first.token);
  await use(legacy.token);
  await identity.directory.updateAccount(eve.id, { active: false });
  expect(ended).toHaveBeenCalledTimes(1);
  await expect(use(first.token)).rejects.toThrow(/revoked/);
  await identity.directory.updateAccount(eve.id, { active: true });
  await expect(use(first.token)).rejects.toThrow(/revoked/);
  await expect(use(legacy.token)).rejects.toThrow(/revoked/);
});

test('who is deleted is gone from groups, and a namesake gets nothing of it', async () => {
  const eve = await user('eve');
  const team = await identity.directory.createGroup({ displayName: 'team', add: [eve.id] });
  const { token } = await identity.tokens.create(eve, {});
  await identity.directory.setPassword(eve.id, 'correct horse battery');
  await identity.directory.deleteAccount(eve.id);
  const namesake = await user('eve');
  expect(namesake.groups).toEqual([]);
  expect(identity.directory.view.groupById(team.id)?.members.size).toBe(0);
  await expect(use(token)).rejects.toThrow(/revoked/);
  await expect(identity.directory.checkPassword('eve', 'correct horse battery', at)).rejects.toThrow(/wrong/);
});

test('an account that ends by a reload or at another gateway is told, too', async () => {
  const other = await identity.another();
  const ended: string[] = [];
  identity.directory.onAccountEnded(({ userName }) => void ended.push(userName));
  const eve = await user('eve');
  await other.watcher.check();
  await other.directory.deleteAccount(eve.id);
  await identity.watcher.check();
  expect(ended).toEqual(['eve']);
  identity.declared = { users: [{ name: 'zoe', groups: ['admins'], active: true }] };
  expect(identity.directory.byName('ada')).toBeUndefined();
  expect(ended).toEqual(['eve', 'ada']);
});

test('what gateway.yaml declares is not changed here, but may be in groups', async () => {
  const ada = userId('ada');
  for (const change of [
    identity.directory.updateAccount(ada, { active: false }),
    identity.directory.deleteAccount(ada),
    identity.directory.deleteGroup(identity.directory.view.groupByName('ops')?.id ?? ''),
    identity.directory.updateGroup(identity.directory.view.groupByName('ops')?.id ?? '', { displayName: 'x' }),
    identity.directory.updateGroup(identity.directory.view.groupByName('ops')?.id ?? '', { remove: [ada] }),
  ]) {
    await expect(change).rejects.toMatchObject({ scimType: 'mutability', message: /gateway\.yaml/ });
  }
  await identity.directory.createGroup({ displayName: 'team', add: [ada] });
  expect(identity.directory.byName('ada')?.groups).toEqual(['admins', 'ops', 'team']);
});

test('a declared group takes members here, and keeps them when it is no longer declared', async () => {
  const eve = await user('eve');
  await identity.directory.updateGroup(identity.directory.view.groupByName('OPS')?.id ?? '', { add: [eve.id] });
  expect(identity.directory.byName('eve')?.groups).toEqual(['ops']);
  identity.declared = { users: [{ name: 'ada', groups: ['admins'], active: true }] };
  expect(identity.directory.byName('eve')?.groups).toEqual(['ops']);
});

test('the last active admin stays one, also by way of nested groups', async () => {
  identity.declared = { users: [] };
  const { directory } = identity;
  const admins = directory.view.groupByName('admins')?.id ?? '';
  const [eve, zoe] = [await user('eve'), await user('zoe')];
  const leads = await directory.createGroup({ displayName: 'leads', add: [eve.id] });
  await directory.updateGroup(admins, { add: [leads.id] });
  expect(directory.byId(eve.id)?.groups).toEqual(['admins', 'leads']);
  const refusals = [
    () => directory.updateAccount(eve.id, { active: false }),
    () => directory.deleteAccount(eve.id),
    () => directory.updateGroup(leads.id, { remove: [eve.id] }),
    () => directory.updateGroup(admins, { remove: [leads.id] }),
    () => directory.deleteGroup(leads.id),
  ];
  for (const refused of refusals) await expect(refused()).rejects.toMatchObject({ scimType: 'mutability' });
  await expect(directory.deleteGroup(admins)).rejects.toThrow(/always there/);
  await directory.updateGroup(admins, { add: [zoe.id] });
  await directory.deleteAccount(eve.id);
  expect(directory.byId(zoe.id)?.groups).toEqual(['admins']);
});

test('nobody is put into a group who is not there, no group into itself, nor everybody at once', async () => {
  const { directory } = identity;
  const team = await directory.createGroup({ displayName: 'team' });
  const everybody = directory.view.groupByName('account users')?.id ?? '';
  for (const member of ['nobody', team.id, everybody, "' OR 1=1 --"]) {
    await expect(directory.updateGroup(team.id, { add: [member] })).rejects.toMatchObject({ scimType: 'invalidValue' });
  }
  await expect(directory.updateGroup(everybody, { add: [userId('ada')] })).rejects.toThrow(/always there/);
  await expect(directory.createGroup({ displayName: 'Admins' })).rejects.toMatchObject({ scimType: 'uniqueness' });
});

test('a sign-in makes the user, follows its groups, and leaves what others gave', async () => {
  const { directory } = identity;
  const given = { userName: 'eve@example.com', displayName: 'Eve', externalId: 'sub1', groups: ['team', 'ops'] };
  await expect(directory.signedIn(given, { create: false })).rejects.toMatchObject({ code: 'policy_forbidden' });
  const eve = await directory.signedIn(given, { create: true });
  expect(eve).toMatchObject({ displayName: 'Eve', externalId: 'sub1', groups: ['ops', 'team'] });
  await directory.createGroup({ displayName: 'by-hand', add: [eve.id] });
  const { revision } = directory;
  await directory.signedIn(given, { create: true });
  expect(directory.revision).toBe(revision);
  const bad = ['team', 'x\u0000', 'y'.repeat(300), 'account users'];
  expect((await directory.signedIn({ ...given, groups: bad }, { create: true })).groups).toEqual(['by-hand', 'team']);
  const silent = { ...given, displayName: 'Eve B.', groups: undefined };
  expect(await directory.signedIn(silent, { create: true })).toMatchObject({
    displayName: 'Eve B.',
    groups: ['by-hand', 'team'],
  });
  expect((await directory.signedIn({ ...given, groups: [] }, { create: true })).groups).toEqual(['by-hand']);
});

test('a sign-in lets in nobody who is deactivated, a machine, or somebody who only looks like a user', async () => {
  const { directory } = identity;
  const robot = await directory.createAccount({ type: 'SERVICE_PRINCIPAL', displayName: 'CI' });
  for (const userName of ['bob', robot.userName, '\u0430da', 'ａｄａ', 'ada\u200B', '\u212Aate']) {
    const signedIn = { userName, displayName: undefined, externalId: undefined, groups: undefined };
    await expect(directory.signedIn(signedIn, { create: true })).rejects.toMatchObject({ code: 'policy_forbidden' });
  }
  const ada = { userName: 'ADA', displayName: undefined, externalId: 'x', groups: ['team'] };
  expect(await directory.signedIn(ada, { create: false })).toMatchObject({ groups: ['admins', 'ops', 'team'] });
});

test('passwords: right, wrong, unknown, deactivated; declared users have them, too; audited without them', async () => {
  const { directory } = identity;
  await directory.setPassword(userId('ada'), 'correct horse battery');
  await directory.setPassword(userId('bob'), 'correct horse battery');
  expect((await directory.checkPassword('ADA', 'correct horse battery', at)).userName).toBe('ada');
  const messages = new Set<string>();
  for (const [name, password] of [
    ['ada', 'wrong horse battery'],
    ['nobody-correct horse', 'correct horse battery'],
    ['bob', 'correct horse battery'],
    ['ada', ''],
  ] as const) {
    const error: unknown = await directory.checkPassword(name, password, at).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'caller_unauthenticated' });
    messages.add(String(error));
  }
  expect(messages.size).toBe(1);
  expect(audited.map(({ status, actor }) => [status, actor])).toEqual([
    [200, 'ada'],
    [401, 'ada'],
    [401, undefined],
    [401, 'bob'],
    [401, 'ada'],
  ]);
  expect(JSON.stringify(audited)).not.toContain('horse');
  await expect(directory.setPassword(userId('ada'), 'short')).rejects.toThrow(/12 to/);
});

test('guessing is slowed down, and the right password does not help meanwhile', async () => {
  const { directory } = identity;
  await directory.setPassword(userId('ada'), 'correct horse battery');
  const guesses = await Promise.allSettled(
    Array.from({ length: 7 }, (_, guess) => directory.checkPassword('ada', `wrong horse ${guess}`, at)),
  );
  const codes = guesses.map((guess) => (guess.status === 'rejected' ? (guess.reason as { code: string }).code : ''));
  expect(codes.filter((code) => code === 'caller_unauthenticated')).toHaveLength(5);
  const late = directory.checkPassword('ada', 'correct horse battery', at);
  await expect(late).rejects.toMatchObject({ code: 'policy_throttled', status: 429, retryAfterSeconds: 1 });
});

test('a weak hash is renewed at the next sign-in', async () => {
  const weak = await hashPassword('correct horse battery', { logN: 11, r: 8, p: 1 });
  await savePasswordHash(identity.store, userId('ada'), weak, 1);
  await identity.directory.checkPassword('ada', 'correct horse battery', at);
  expect(await selectPasswordHash(identity.store, userId('ada'))).toMatch(/^scrypt\$15\$/);
  await identity.directory.checkPassword('ada', 'correct horse battery', at);
});

test('secrets: shown once, checked whole, revoked at once, of their own service principal only', async () => {
  const { directory } = identity;
  const [ci, other] = [
    await directory.createAccount({ type: 'SERVICE_PRINCIPAL', displayName: 'CI' }),
    await directory.createAccount({ type: 'SERVICE_PRINCIPAL', displayName: 'Other' }),
  ];
  expect(ci.userName).toMatch(/^[0-9a-f-]{36}$/);
  const { secret, info } = await directory.createSecret(ci.id, 60);
  expect(secret).toMatch(/^ucs_[\w-]{43}$/);
  expect(JSON.stringify(await directory.secrets(ci.id))).not.toContain(secret.slice(4));
  expect(await directory.checkSecret(ci.userName, secret, at)).toEqual(ci);
  expect((await directory.secrets(ci.id))[0]?.lastUsedAt).not.toBeNull();
  for (const [name, given] of [
    [ci.userName, secret.slice(0, -1)],
    [ci.userName, `${secret}A`],
    [other.userName, secret],
    ['ada', secret],
    ['nobody', secret],
  ] as const) {
    await expect(directory.checkSecret(name, given, '192.0.2.9')).rejects.toMatchObject({ status: 401 });
  }
  for (let guess = 0; guess < 30; guess++) await directory.checkSecret(ci.userName, 'ucs_no', at).catch(() => {});
  await expect(directory.checkSecret(ci.userName, 'ucs_no', at)).rejects.toMatchObject({ status: 429 });
  expect(await directory.checkSecret(ci.userName, secret, at)).toEqual(ci);
  expect(await directory.revokeSecret(other.id, info.id)).toBe(false);
  expect(await directory.revokeSecret(ci.id, info.id)).toBe(true);
  await expect(directory.checkSecret(ci.userName, secret, '192.0.2.8')).rejects.toThrow(/wrong|Too many/);
  await expect(directory.createSecret(userId('ada'))).rejects.toMatchObject({ status: 404 });
});
