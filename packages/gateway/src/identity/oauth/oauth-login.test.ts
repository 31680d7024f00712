import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { authorization, defaultSettings, OAuthHarness } from './testing/oauth-harness.ts';

let harness: OAuthHarness;
beforeAll(async () => {
  harness = await OAuthHarness.start();
});
afterEach(() => {
  const errors = harness.errors.splice(0);
  expect(errors).toEqual([]);
  harness.settings = defaultSettings;
});
afterAll(() => harness.stop());

test('the sequence of the databricks CLI: discovery, browser, code, refresh', async () => {
  const metadata = await (await fetch(`${harness.origin}/oidc/.well-known/oauth-authorization-server`)).json();
  expect(metadata).toMatchObject({
    issuer: `${harness.origin}/oidc`,
    authorization_endpoint: `${harness.origin}/oidc/v1/authorize`,
    token_endpoint: `${harness.origin}/oidc/v1/token`,
    device_authorization_endpoint: `${harness.origin}/oidc/v1/device_authorization`,
    revocation_endpoint: `${harness.origin}/oidc/v1/revoke`,
    introspection_endpoint: `${harness.origin}/oidc/v1/introspect`,
    registration_endpoint: `${harness.origin}/oidc/v1/register`,
    jwks_uri: `${harness.origin}/oidc/v1/jwks`,
    code_challenge_methods_supported: ['S256'],
    response_modes_supported: ['query'],
  });

  const browser = harness.browser();
  const { address, verifier, redirectUri } = authorization(harness.origin);
  await harness.signIn(browser, address);
  const answer = new URL(browser.leftTo ?? '');
  expect(answer.origin).toBe('http://localhost:8020');
  expect(answer.searchParams.get('state')).toBe('a state/with+marks');
  expect(answer.searchParams.get('error')).toBeNull();

  const { status, json } = await harness.form('token', {
    grant_type: 'authorization_code',
    code: answer.searchParams.get('code') ?? '',
    redirect_uri: redirectUri,
    client_id: 'databricks-cli',
    code_verifier: verifier,
  });
  expect(status).toBe(200);
  expect(json).toMatchObject({ token_type: 'Bearer', expires_in: 3600, scope: 'offline_access all-apis' });
  const accessToken = String(json['access_token']);
  expect(accessToken).toMatch(/^uco_[\w-]{43}$/);
  const found = await harness.find(accessToken);
  expect(found).toMatchObject({ accountId: '101', authMode: 'OAUTH', revokedAt: null });
  expect([...(found?.scopes ?? [])]).toContain('all-apis');
  expect(await harness.find(accessToken.slice(0, -1))).toBeUndefined();

  const refreshed = await harness.refresh(String(json['refresh_token']));
  expect(refreshed.status).toBe(200);
  expect(refreshed.json['access_token']).not.toBe(accessToken);
  expect(String(refreshed.json['refresh_token'])).toMatch(/^ucr_/);
  expect(await harness.find(String(refreshed.json['access_token']))).toMatchObject({ accountId: '101' });
});

test('nothing that opens a door is stored as it is', async () => {
  const tokens = await harness.databricksLogin();
  const rows = JSON.stringify(await harness.store.all('SELECT * FROM oauth_records'));
  expect(rows).not.toContain(tokens.access_token);
  expect(rows).not.toContain(tokens.access_token.slice(4));
  expect(rows).not.toContain(tokens.refresh_token.slice(4));
  const keys = await harness.store.all('SELECT * FROM oauth_keys');
  expect(keys).toHaveLength(3);
  expect(keys.every((row) => String(row['sealed']).startsWith('sealed:'))).toBe(true);
});

test('a browser that is signed in is not asked again', async () => {
  const browser = harness.browser();
  await harness.databricksLogin(browser);
  const page = await browser.get(authorization(harness.origin).address);
  expect(page.status).toBe(303);
  expect(new URL(browser.leftTo ?? '').searchParams.get('code')).toMatch(/.+/);
});

test('endpoints follow the loopback name that the caller uses, and never another Host', async () => {
  const { port } = new URL(harness.origin);
  const read = async (host: string): Promise<Record<string, unknown>> =>
    (await (
      await fetch(`http://127.0.0.1:${port}/oidc/.well-known/openid-configuration`, { headers: { 'x-test': host } })
    ).json()) as Record<string, unknown>;
  expect(await read('')).toMatchObject({
    issuer: `http://127.0.0.1:${port}/oidc`,
    token_endpoint: `http://127.0.0.1:${port}/oidc/v1/token`,
  });
  for (const host of [
    'evil.example',
    'localhost.evil.example',
    `localhost:${port}@evil.example`,
    '127.0.0.1.evil.example:1',
  ]) {
    expect(harness.server.originOf({ host, 'x-forwarded-host': 'evil.example' })).toBe(harness.origin);
  }
  harness.publicUrl = 'https://gateway.example.com';
  expect(await read('')).toMatchObject({
    issuer: 'https://gateway.example.com/oidc',
    authorization_endpoint: 'https://gateway.example.com/oidc/v1/authorize',
  });
  harness.publicUrl = undefined;
});

test('cookies are Secure behind TLS', async () => {
  harness.publicUrl = 'https://gateway.example.com';
  const response = await fetch(authorization(harness.origin).address, { redirect: 'manual' });
  expect(response.status).toBe(303);
  const cookies = response.headers.getSetCookie();
  expect(cookies.length).toBeGreaterThan(0);
  for (const cookie of cookies) expect(cookie).toMatch(/; secure; httponly/i);
  harness.publicUrl = undefined;
});

test.each([
  ['plain', { code_challenge_method: 'plain' }],
  ['no method', { code_challenge_method: undefined }],
  ['no challenge', { code_challenge: undefined, code_challenge_method: undefined }],
])('PKCE cannot be weakened: %s', async (_name, change) => {
  const browser = harness.browser();
  await harness.signIn(browser, authorization(harness.origin, change).address);
  const answer = new URL(browser.leftTo ?? '');
  expect(answer.searchParams.get('error')).toBe('invalid_request');
  expect(answer.searchParams.get('code')).toBeNull();
  expect(answer.searchParams.get('state')).toBe('a state/with+marks');
});

test.each([
  ['a wrong verifier', 'x'.repeat(43)],
  ['no verifier', undefined],
])('a code is worth nothing with %s', async (_name, verifier) => {
  const browser = harness.browser();
  const request = authorization(harness.origin);
  await harness.signIn(browser, request.address);
  const code = new URL(browser.leftTo ?? '').searchParams.get('code') ?? '';
  const fields = {
    grant_type: 'authorization_code',
    code,
    redirect_uri: request.redirectUri,
    client_id: 'databricks-cli',
  };
  const { status, json } = await harness.form('token', { ...fields, ...(verifier ? { code_verifier: verifier } : {}) });
  expect(status).toBe(400);
  expect(json['error']).toBe('invalid_grant');
});

test('a code that is used twice ends what it gave', async () => {
  const browser = harness.browser();
  const request = authorization(harness.origin);
  await harness.signIn(browser, request.address);
  const fields = {
    grant_type: 'authorization_code',
    code: new URL(browser.leftTo ?? '').searchParams.get('code') ?? '',
    redirect_uri: request.redirectUri,
    client_id: 'databricks-cli',
    code_verifier: request.verifier,
  };
  const first = await harness.form('token', fields);
  expect(first.status).toBe(200);
  expect(await harness.find(String(first.json['access_token']))).toBeDefined();
  expect((await harness.form('token', fields)).json['error']).toBe('invalid_grant');
  expect(await harness.find(String(first.json['access_token']))).toBeUndefined();
  expect((await harness.refresh(String(first.json['refresh_token']))).status).toBe(400);
});

test.each([
  'http://localhost:8020/',
  'http://localhost:8020/callback',
  'http://localhost:8041',
  'http://localhost:8019',
  'http://localhost',
  'https://localhost:8020',
  'http://127.0.0.1:8020',
  'http://evil.example:8020',
  'http://localhost.evil.example:8020',
  'http://localhost:8020@evil.example',
  'http://evil@localhost:8020',
  'http://localhost:8020#evil',
  'http://localhost:8020?next=evil',
  'http://localhost:8020\\@evil.example',
  'http://locаlhost:8020',
  'http://LOCALHOST:8020',
  'http://localhost:08020',
  '//localhost:8020',
  'javascript:alert(1)//localhost:8020',
  'data:text/html,x',
  '',
])('no answer goes to %j', async (redirect) => {
  const browser = harness.browser();
  const page = await browser.get(authorization(harness.origin, { redirect_uri: redirect }).address);
  expect(browser.leftTo).toBeUndefined();
  expect(page.status).toBe(400);
  expect(page.text).not.toContain('<script');
});

test.each([
  ['http://127.0.0.1:53111/callback', true],
  ['http://localhost:1/callback', true],
  ['http://[::1]:65535/callback', true],
  ['http://[::1]:65536/callback', false],
  ['http://127.0.0.1:53111/callback/', false],
  ['http://127.0.0.1:53111/other', false],
  ['http://127.0.0.2:53111/callback', false],
  ['http://0.0.0.0:53111/callback', false],
  ['http://u@127.0.0.1:53111/callback', false],
  ['http://127.0.0.1:53111/callback?x=1', false],
  ['http://127.0.0.1:53111/callback#x', false],
  ['https://127.0.0.1:53111/callback', false],
  ['http://127.0.0.1:5 3/callback', false],
])('ucode on any port of loopback: %s is %s', async (redirect, allowed) => {
  const browser = harness.browser();
  const page = await browser.get(authorization(harness.origin, { client_id: 'ucode', redirect_uri: redirect }).address);
  expect(page.status).toBe(allowed ? 200 : 400);
});

test('a wrong password is refused without telling why, and audited', async () => {
  const browser = harness.browser();
  const page = await browser.get(authorization(harness.origin).address);
  for (const userName of ['ada@example.com', 'nobody@example.com']) {
    const refused = await browser.submit(page, '/sign-in', { user_name: userName, password: 'wrong' });
    expect(refused.status).toBe(401);
    expect(refused.text).toContain('The user name or the password is wrong.');
  }
  expect(harness.events.at(-1)).toMatchObject({
    action: 'login',
    status: 401,
    actor: 'nobody@example.com',
    sourceIp: '203.0.113.9',
  });
  expect(JSON.stringify(harness.events)).not.toContain('"wrong"');
  harness.directory.throttled = true;
  const throttled = await browser.submit(page, '/sign-in', { user_name: 'ada@example.com', password: 'wrong' });
  harness.directory.throttled = false;
  expect(throttled.status).toBe(429);
});

test('scopes: unknown ones are passed over, those of the client only', async () => {
  const browser = harness.browser();
  const request = authorization(harness.origin, { scope: 'sql nonsense offline_access' });
  await harness.signIn(browser, request.address);
  const { json } = await harness.form('token', {
    grant_type: 'authorization_code',
    code: new URL(browser.leftTo ?? '').searchParams.get('code') ?? '',
    redirect_uri: request.redirectUri,
    client_id: 'databricks-cli',
    code_verifier: request.verifier,
  });
  expect(json['scope']).toBe('sql offline_access');
  expect([...((await harness.find(String(json['access_token'])))?.scopes ?? [])]).toEqual(['sql', 'offline_access']);
  const more = await harness.refresh(String(json['refresh_token']), { scope: 'sql all-apis' });
  expect(more.status).toBe(400);
  const less = await harness.refresh(String(json['refresh_token']), { scope: 'sql' });
  expect(less.json['scope']).toBe('sql');
});

test('a session of another person ends when somebody signs in anew', async () => {
  const browser = harness.browser();
  await harness.databricksLogin(browser);
  const page = await browser.get(authorization(harness.origin, { prompt: 'login' }).address);
  await browser.submit(page, '/sign-in', { user_name: 'bob@example.com', password: 'bob@example.com-secret' });
  expect(new URL(browser.leftTo ?? '').searchParams.get('code')).toMatch(/.+/);
  expect((await harness.databricksLogin(browser).then((tokens) => harness.find(tokens.access_token)))?.accountId).toBe(
    '102',
  );
});

test('sign-in can be cancelled', async () => {
  const browser = harness.browser();
  const page = await browser.get(authorization(harness.origin).address);
  await browser.submit(page, '/cancel');
  expect(new URL(browser.leftTo ?? '').searchParams.get('error')).toBe('access_denied');
});
