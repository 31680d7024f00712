import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ada, ProviderDouble } from './testing/provider-double.ts';
import { ORIGIN, providerConfig, SignInWorld } from './testing/sign-in-world.ts';

let world: SignInWorld;
beforeEach(async () => {
  world = await SignInWorld.start();
});
afterEach(() => world.stop());

const expiredSignIn = { code: 'caller_sign_in_expired' };

describe('a sign-in', () => {
  test('asks for a code with state, nonce and PKCE at the address the provider names', async () => {
    const { redirect, cookie } = await world.sso.begin('corp', 'interaction-1', ORIGIN);
    const url = new URL(redirect);
    expect(`${url.origin}${url.pathname}`).toBe(`${world.double.issuer}/authorize`);
    const asked = Object.fromEntries(url.searchParams);
    expect(asked).toMatchObject({
      response_type: 'code',
      client_id: 'gateway',
      scope: 'openid profile email',
      redirect_uri: `${ORIGIN}/oidc/sso/corp/callback`,
      code_challenge_method: 'S256',
    });
    for (const name of ['state', 'nonce', 'code_challenge']) expect(asked[name]).toMatch(/^[\w-]{43}$/);
    expect(new Set([asked['state'], asked['nonce'], asked['code_challenge']]).size).toBe(3);
    expect(cookie).toMatch(/^ucode-sso-\w{12}=[\w-]{43}; Path=\/oidc\/sso\/; Max-Age=600; HttpOnly; SameSite=Lax$/);
  });

  test('asks which account to use where the settings say so', async () => {
    const asked = async () => new URL((await world.sso.begin('corp', 'i', ORIGIN)).redirect).searchParams.get('prompt');
    expect(await asked()).toBeNull();
    world.configure({ prompt: 'select_account' });
    expect(await asked()).toBe('select_account');
  });

  test('keeps neither state nor cookie in the store as they are', async () => {
    const { redirect, cookie } = await world.sso.begin('corp', 'interaction-1', ORIGIN);
    const rows = JSON.stringify(await world.store.all('SELECT * FROM sso_sign_ins'));
    expect(rows).toContain('interaction-1');
    expect(rows).not.toContain(new URL(redirect).searchParams.get('state'));
    expect(rows).not.toContain(cookie?.split(';')[0]?.split('=')[1]);
  });

  test('is of https alone where the gateway is', async () => {
    const { cookie } = await world.sso.begin('corp', 'interaction-1', 'https://gateway.example.com');
    expect(cookie).toMatch(/^__Secure-ucode-sso-.*; Secure$/);
  });

  test('makes the account and ends the cookie', async () => {
    const { account, interactionUid, cookie } = await world.signIn();
    expect(interactionUid).toBe('interaction-1');
    expect(account).toMatchObject({ userName: 'ada@example.com', externalId: 'ada-1' });
    expect(world.directory.signIns).toEqual([
      { userName: 'ada@example.com', displayName: 'Ada Lovelace', externalId: 'ada-1', groups: undefined },
    ]);
    expect(cookie).toMatch(/^ucode-sso-\w{12}=; Path=\/oidc\/sso\/; Max-Age=0;/);
  });

  test('begun at one gateway is finished by another', async () => {
    const answer = await world.away();
    const { account } = await world
      .gateway()
      .finish({ providerId: 'corp', sourceIp: '::1', userAgent: undefined, ...answer });
    expect(account.userName).toBe('ada@example.com');
  });

  test('comes back to the registered address, however the request was written', async () => {
    const answer = await world.away();
    const url = new URL(`http://evil.example/oidc/sso/corp/callback${answer.url.search}`);
    await expect(world.back({ ...answer, url })).resolves.toMatchObject({ account: { userName: 'ada@example.com' } });
  });

  test('in two tabs of one browser ends well in both', async () => {
    const [first, second] = [await world.away(), await world.away()];
    const cookies = `other=1; ${first.cookies}; ${second.cookies}`;
    await expect(world.back({ url: second.url, cookies })).resolves.toBeDefined();
    await expect(world.back({ url: first.url, cookies })).resolves.toBeDefined();
  });
});

describe('state', () => {
  test('serves once, even when two answers come at the same time', async () => {
    const answer = await world.away();
    const outcomes = await Promise.allSettled([world.back(answer), world.back(answer), world.back(answer)]);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await expect(world.back(answer)).rejects.toMatchObject(expiredSignIn);
  });

  test('serves ten minutes', async () => {
    const answer = await world.away();
    world.now += 600_001;
    await expect(world.back(answer)).rejects.toMatchObject(expiredSignIn);
  });

  test('of the past is cleared away', async () => {
    await world.away();
    world.now += 600_001;
    await world.away();
    expect(await world.store.all('SELECT * FROM sso_sign_ins')).toHaveLength(1);
  });

  test.each<[string, (url: URL) => void]>([
    ['missing', (url) => url.searchParams.delete('state')],
    ['unknown', (url) => url.searchParams.set('state', 'x'.repeat(43))],
    ['empty', (url) => url.searchParams.set('state', '')],
    ['twice', (url) => url.searchParams.append('state', 'x')],
    ['huge', (url) => url.searchParams.set('state', 'x'.repeat(100_000))],
  ])('that is %s is refused', async (_name, change) => {
    const answer = await world.away();
    change(answer.url);
    await expect(world.back(answer)).rejects.toMatchObject(expiredSignIn);
    expect(world.directory.signIns).toEqual([]);
  });

  test.each([
    ['no cookie', () => ''],
    ['another value', (cookies: string) => `${cookies}x`],
    ['another name', (cookies: string) => `x${cookies}`],
    ['an empty value', (cookies: string) => cookies.replace(/=.*/, '=')],
  ])('in a browser with %s is refused, and gone', async (_name, change) => {
    const answer = await world.away();
    await expect(world.back({ ...answer, cookies: change(answer.cookies) })).rejects.toMatchObject(expiredSignIn);
    await expect(world.back(answer)).rejects.toMatchObject(expiredSignIn);
    expect(world.directory.signIns).toEqual([]);
  });
});

describe('an answer of the provider', () => {
  test('that is a refusal says so, and shows nothing of its text', async () => {
    const answer = await world.away({ code: undefined, error: 'access_denied', error_description: '<script>' });
    const problem = await world.back(answer).catch((error: unknown) => error);
    expect(problem).toMatchObject({ code: 'caller_sign_in_cancelled' });
    expect(String(problem)).not.toContain('script');
    await expect(world.back(answer)).rejects.toMatchObject(expiredSignIn);
  });

  test.each([
    ['temporarily_unavailable', 'provider_sign_in_unavailable'],
    ['server_error', 'provider_sign_in_unavailable'],
    ['invalid_scope', 'provider_sign_in_failed'],
  ])('with the error %s is %s', async (error, code) => {
    await expect(world.back(await world.away({ code: undefined, error }))).rejects.toMatchObject({ code });
  });

  test.each<[string, Record<string, string | undefined>]>([
    ['of another issuer (RFC 9207)', { iss: 'https://other.example' }],
    ['without the issuer that it promises', { iss: undefined }],
    ['without a code', { code: undefined }],
    ['with a code it does not know', { code: 'guessed' }],
    ['with tokens in it', { id_token: 'x' }],
  ])('%s is refused', async (_name, change) => {
    await expect(world.back(await world.away(change))).rejects.toMatchObject({ code: 'provider_sign_in_failed' });
    expect(world.directory.signIns).toEqual([]);
  });

  test('for another provider is refused, and no code goes there (mix-up)', async () => {
    const other = await ProviderDouble.start();
    world.providers.push(providerConfig({ id: 'other', issuer: other.issuer }));
    const answer = await world.away();
    await expect(world.back(answer, { providerId: 'other' })).rejects.toMatchObject(expiredSignIn);
    expect(other.requests).toEqual([]);
    await other.stop();
  });

  test('with the issuer of one provider at the callback of another is refused', async () => {
    const other = await ProviderDouble.start();
    const answer = await world.away({ iss: other.issuer });
    await expect(world.back(answer)).rejects.toMatchObject({ code: 'provider_sign_in_failed' });
    expect(world.double.requests).not.toContain('/token');
    await other.stop();
  });
});

describe('a provider', () => {
  test('that is unknown is not found', async () => {
    await expect(world.sso.begin('nobody', 'i', ORIGIN)).rejects.toMatchObject({ code: 'caller_not_found' });
  });

  test('that is taken out of the configuration signs nobody in any more', async () => {
    const answer = await world.away();
    world.providers = [];
    await expect(world.back(answer)).rejects.toMatchObject({ code: 'caller_not_found' });
    expect(world.sso.list()).toEqual([]);
  });

  test('that is away is said to be, at the beginning and at the end', async () => {
    const answer = await world.away();
    await world.double.stop();
    const unavailable = { code: 'provider_sign_in_unavailable', status: 503 };
    await expect(world.back(answer)).rejects.toMatchObject(unavailable);
    world.configure({});
    await expect(world.sso.begin('corp', 'i', ORIGIN)).rejects.toMatchObject(unavailable);
    expect(await world.store.all('SELECT * FROM sso_links')).toEqual([]);
    expect(world.problems.map((problem) => String((problem.cause as Error).message)).join()).toMatch(/fetch failed/);
  });

  test.each([
    ['502', 502],
    ['500', 500],
  ])('whose token endpoint answers %s is unavailable', async (_name, status) => {
    world.double.replies.set('/token', (response) => response.writeHead(status).end('<html>'));
    await expect(world.signIn()).rejects.toMatchObject({ code: 'provider_sign_in_unavailable' });
  });

  test('that redirects the token request is not followed', async () => {
    world.double.replies.set('/token', (response) => response.writeHead(307, { location: '/stolen' }).end());
    await expect(world.signIn()).rejects.toMatchObject({ code: 'provider_sign_in_failed' });
    expect(world.double.requests).not.toContain('/stolen');
  });

  test('whose document is of another issuer is refused', async () => {
    world.double.metadata = { issuer: 'http://127.0.0.1:1' };
    await expect(world.sso.begin('corp', 'i', ORIGIN)).rejects.toMatchObject({ code: 'provider_sign_in_failed' });
  });

  test('is asked for its document once in an hour, and signs in with the old one when it cannot be asked', async () => {
    const discovery = '/.well-known/openid-configuration';
    const asked = (): number => world.double.requests.filter((path) => path === discovery).length;
    await Promise.all([world.signIn(), world.signIn()]);
    await world.signIn();
    expect(asked()).toBe(1);
    world.now += 3_600_000;
    world.double.replies.set(discovery, (response) => response.writeHead(503).end());
    await world.signIn();
    expect(asked()).toBeGreaterThan(1);
    world.now += 24 * 3_600_000;
    await expect(world.signIn()).rejects.toMatchObject({ code: 'provider_sign_in_unavailable' });
  });

  test('changes its key between two sign-ins', async () => {
    await world.signIn();
    world.double.rotate();
    await expect(world.signIn()).resolves.toBeDefined();
  });

  test('that has the address of its end of session is signed out there', async () => {
    const url = new URL((await world.sso.signOut('corp', `${ORIGIN}/oidc/signed-out`)) ?? '');
    expect(url.href.startsWith(`${world.double.issuer}/logout?`)).toBe(true);
    expect(Object.fromEntries(url.searchParams)).toEqual({
      client_id: 'gateway',
      post_logout_redirect_uri: `${ORIGIN}/oidc/signed-out`,
    });
    world.double.metadata = { end_session_endpoint: undefined };
    world.configure({});
    await expect(world.sso.signOut('corp', ORIGIN)).resolves.toBeUndefined();
  });

  test('keeps secrets out of what is told of problems', async () => {
    world.double.idToken = () => 'not.a.token';
    await expect(world.signIn()).rejects.toBeDefined();
    const told = world.problems.map((problem) => `${problem.message} ${String(problem.cause)}`).join('\n');
    for (const secret of ['double-secret', 'not.a.token', String(ada['email'])]) expect(told).not.toContain(secret);
  });
});
