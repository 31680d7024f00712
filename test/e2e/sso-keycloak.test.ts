import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SsoProviderConfig } from '../../packages/gateway/src/config/sso-settings.ts';
import type { SsoFinish } from '../../packages/gateway/src/identity/oauth/sso-contract.ts';
import { SsoSignIn } from '../../packages/gateway/src/identity/sso/sso-sign-in.ts';
import { MemoryDirectory } from '../../packages/gateway/src/identity/sso/testing/memory-directory.ts';
import { providerConfig } from '../../packages/gateway/src/identity/sso/testing/sign-in-world.ts';
import { openStore, type Store } from '../../packages/gateway/src/state/store.ts';
import { guardedFetch } from '../../packages/gateway/src/upstream/guarded-fetch.ts';
import { KeycloakVisitor } from '../support/keycloak-form.ts';
import { PASSWORD } from '../support/keycloak-realm.ts';
import { startKeycloak, type Keycloak } from '../support/keycloak.ts';

const ORIGIN = 'http://127.0.0.1:8484';
const INSTALL_LIMIT_MS = 600_000;

let keycloak: Keycloak;
let store: Store;
let data: string;
beforeAll(async () => {
  keycloak = await startKeycloak();
  await keycloak.allowRedirects(`${ORIGIN}/oidc/sso/keycloak/callback`);
  data = await mkdtemp(path.join(tmpdir(), 'ucode-sso-keycloak-'));
  store = await openStore({ dataDirectory: data });
}, INSTALL_LIMIT_MS);
afterAll(async () => {
  await keycloak?.stop();
  await store?.close();
  if (data) await rm(data, { recursive: true, force: true });
});

/** A gateway's sign-in; its connections are the ones the gateway makes. */
function signIn(change: Partial<SsoProviderConfig> = {}, networks: readonly string[] = ['127.0.0.0/8']) {
  const provider = providerConfig({
    issuer: keycloak.issuer,
    id: 'keycloak',
    name: 'Keycloak',
    clientId: keycloak.client.id,
    clientSecret: keycloak.client.secret,
    ...change,
  });
  const directory = new MemoryDirectory();
  const connect = () => guardedFetch({ allowedPrivateNetworks: networks });
  const sso = new SsoSignIn({ providers: () => [provider], store, directory, connect });
  const as = async (user: string, visitor = new KeycloakVisitor()): Promise<SsoFinish> => {
    const start = await sso.begin('keycloak', 'interaction', ORIGIN);
    const { sentTo, page } = await visitor.signIn(start.redirect, user, PASSWORD);
    if (sentTo === undefined) throw new Error(/class="[^"]*error[^"]*"[^>]*>([^<]+)/.exec(page)?.[1]?.trim() ?? page);
    return sso.finish({
      providerId: 'keycloak',
      url: sentTo,
      cookies: start.cookie?.split(';')[0] ?? '',
      sourceIp: '127.0.0.1',
      userAgent: undefined,
    });
  };
  return { sso, directory, as };
}

test('somebody signs in with a password that only Keycloak knows, with groups, nested ones by path', async () => {
  const groupMapping = new Map([['/engineering/platform', 'platform-team']]);
  const { as, directory } = signIn({ groupMapping });
  const { account } = await as('ada');
  expect(account.userName).toBe('ada@example.com');
  expect(directory.signIns).toMatchObject([{ displayName: 'Ada Tester', groups: ['platform-team'] }]);
});

test('groups come under their own names where the settings say all', async () => {
  const { as, directory } = signIn({ groups: 'all' });
  await as('bob');
  expect(directory.signIns).toMatchObject([{ userName: 'bob@example.com', groups: ['/finance'] }]);
});

test('roles that only userinfo has are asked for there', async () => {
  const groupMapping = new Map([['model-user', 'model users']]);
  const { as, directory } = signIn({ groupsClaim: 'realm_access.roles', groupMapping });
  await as('ada');
  expect(directory.signIns).toMatchObject([{ groups: ['model users'] }]);
});

test('somebody without groups has none', async () => {
  const { as, directory } = signIn({ groups: 'all' });
  await as('grace');
  expect(directory.signIns).toMatchObject([{ groups: [] }]);
});

test('the disabled, the unverified and those of other domains stay outside', async () => {
  const { as, directory } = signIn({ allowedDomains: ['example.com'] });
  await expect(as('carol')).rejects.toThrow(/disabled/i);
  await expect(as('mallory')).rejects.toMatchObject({ code: 'policy_sign_in_refused' });
  await expect(as('eve')).rejects.toMatchObject({ code: 'policy_sign_in_refused' });
  expect(directory.signIns).toEqual([]);
});

test('who is signed in at Keycloak needs no password the second time', async () => {
  const { as } = signIn();
  const visitor = new KeycloakVisitor();
  const first = await as('ada', visitor);
  const second = await as('ada', visitor);
  expect(second.account.id).toBe(first.account.id);
});

test('a new address at Keycloak keeps the account, and nobody inherits the old one', async () => {
  const { as } = signIn();
  const { account } = await as('grace');
  await keycloak.changeUser('grace', { email: 'grace.hopper@example.com', emailVerified: true });
  expect((await as('grace')).account.id).toBe(account.id);
  await keycloak.changeUser('bob', { email: 'grace@example.com', emailVerified: true });
  await expect(as('bob')).rejects.toMatchObject({ code: 'policy_sign_in_refused' });
});

test('a new signing key is known at once', async () => {
  const { as } = signIn();
  await as('ada');
  await keycloak.rotateKeys();
  await expect(as('ada')).resolves.toBeDefined();
});

test('an answer serves once', async () => {
  const { sso } = signIn();
  const start = await sso.begin('keycloak', 'interaction', ORIGIN);
  const { sentTo } = await new KeycloakVisitor().signIn(start.redirect, 'ada', PASSWORD);
  if (sentTo === undefined) throw new Error('not signed in');
  expect(sentTo.searchParams.get('iss')).toBe(keycloak.issuer);
  const answer = {
    providerId: 'keycloak',
    url: sentTo,
    cookies: start.cookie ?? '',
    sourceIp: '::1',
    userAgent: undefined,
  };
  await expect(sso.finish(answer)).resolves.toBeDefined();
  await expect(sso.finish(answer)).rejects.toMatchObject({ code: 'caller_sign_in_expired' });
});

test('the wrong client secret signs nobody in', async () => {
  const { as, directory } = signIn({ clientSecret: 'wrong' });
  await expect(as('ada')).rejects.toMatchObject({ code: 'provider_sign_in_failed' });
  expect(directory.signIns).toEqual([]);
});

test('a provider in a private network that is not allowed is not spoken to', async () => {
  const { sso } = signIn({}, []);
  await expect(sso.begin('keycloak', 'interaction', ORIGIN)).rejects.toMatchObject({
    code: 'provider_sign_in_unavailable',
    message: expect.stringContaining('allowed_private_networks') as string,
  });
});

test('a realm that does not exist is said to be a wrong answer', async () => {
  const { sso } = signIn({ issuer: `${keycloak.issuer}-not-there` });
  await expect(sso.begin('keycloak', 'interaction', ORIGIN)).rejects.toMatchObject({ code: 'provider_sign_in_failed' });
});

test('who signs out is asked by Keycloak whether to sign out there, too', async () => {
  const { sso, as } = signIn();
  const visitor = new KeycloakVisitor();
  await as('ada', visitor);
  const url = await sso.signOut('keycloak', `${ORIGIN}/oidc/sso/keycloak/callback`);
  const { page } = await visitor.open(url ?? '');
  expect(page).toMatch(/log(?:ging)? out/i);
});

test('Keycloak that is gone is said to be unavailable', async () => {
  const { sso } = signIn();
  await keycloak.stop();
  await expect(sso.begin('keycloak', 'interaction', ORIGIN)).rejects.toMatchObject({
    code: 'provider_sign_in_unavailable',
    status: 503,
  });
});
