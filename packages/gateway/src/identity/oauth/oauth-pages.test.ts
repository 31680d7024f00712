import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { GatewayError } from '../../errors/gateway-error.ts';
import type { Loaded } from './testing/browser.ts';
import { authorization, OAuthHarness } from './testing/oauth-harness.ts';

const XSS = '"><script>alert(1)</script><img src=x onerror=alert(1)>\'`';
let harness: OAuthHarness;
beforeAll(async () => {
  harness = await OAuthHarness.start();
});
afterEach(() => {
  harness.sso = { ...harness.sso, list: () => [] };
  harness.passwordSignIn = true;
  expect(harness.errors.splice(0)).toEqual([]);
});
afterAll(() => harness.stop());

function expectSafe(page: Loaded, formTargets = ''): void {
  expect(page.headers.get('content-security-policy')).toBe(
    `default-src 'none'; style-src 'self'; form-action 'self'${formTargets}; frame-ancestors 'none'; base-uri 'none'`,
  );
  expect(page.headers.get('x-frame-options')).toBe('DENY');
  expect(page.headers.get('referrer-policy')).toBe('no-referrer');
  expect(page.headers.get('cache-control')).toContain('no-store');
  expect(page.headers.get('x-content-type-options')).toBe('nosniff');
  expect(page.text).not.toMatch(/<script|<img| style="/);
}

async function signInPage(): Promise<{ browser: ReturnType<OAuthHarness['browser']>; page: Loaded }> {
  const browser = harness.browser();
  return { browser, page: await browser.get(authorization(harness.origin).address) };
}

test('pages cannot be framed, and load nothing but our stylesheet', async () => {
  const { browser, page } = await signInPage();
  expectSafe(page, ' http://localhost:8020');
  expect(page.text).toContain('<label for="password">');
  expectSafe(await browser.get('/oidc/device'));
  expectSafe(await browser.get('/oidc/v1/authorize?client_id=nobody'));
  expectSafe(await browser.get('/oidc/nowhere'));
  const style = await browser.get('/oidc/assets/style.css');
  expect(style.headers.get('content-type')).toContain('text/css');
  expect(style.text).toContain('prefers-color-scheme: dark');
});

test('what callers send is shown as text', async () => {
  const browser = harness.browser();
  expectSafe(await browser.get(authorization(harness.origin, { client_id: XSS }).address));
  expectSafe(await browser.get(authorization(harness.origin, { redirect_uri: XSS }).address));
  expectSafe(await browser.get(`/oidc/v1/authorize?error_description=${encodeURIComponent(XSS)}`));
  const hinted = await browser.get(authorization(harness.origin, { login_hint: XSS }).address);
  expectSafe(hinted, ' http://localhost:8020');
  expect(hinted.text).toContain('&quot;&gt;&lt;script&gt;');
  const refused = await browser.submit(hinted, '/sign-in', { user_name: XSS, password: 'x' });
  expectSafe(refused, ' http://localhost:8020');
  expectSafe(await browser.get(`/oidc/device?user_code=${encodeURIComponent(XSS)}`));
  const entry = await browser.get('/oidc/device');
  expectSafe(await browser.submit(entry, '/oidc/device', { user_code: XSS }));
});

test.each([
  ['no token', { csrf: '' }, {}],
  ['another token', { csrf: 'x'.repeat(43) }, {}],
  ['another site', {}, { 'sec-fetch-site': 'cross-site' }],
  ['a sibling site', {}, { 'sec-fetch-site': 'same-site' }],
  ['another origin', {}, { origin: 'https://evil.example' }],
])('a sign-in with %s is refused', async (_name, fields, headers) => {
  const { browser, page } = await signInPage();
  const answer = await browser.submit(
    page,
    '/sign-in',
    { user_name: 'ada@example.com', password: 'ada@example.com-secret', ...fields },
    headers,
  );
  expect(answer.status).toBe(403);
  expect(browser.leftTo).toBeUndefined();
  expect(browser.cookieNames()).not.toContain('ucode_session');
});

test('the token of one sign-in is nothing for another, nor without its cookie', async () => {
  const attacker = await signInPage();
  const victim = await signInPage();
  const token = /name="csrf" value="([^"]+)"/.exec(attacker.page.text)?.[1] ?? '';
  const fields = { csrf: token, user_name: 'ada@example.com', password: 'ada@example.com-secret' };
  expect((await victim.browser.post(`${victim.page.url}/sign-in`, fields)).status).toBe(403);
  expect((await victim.browser.post(`${attacker.page.url}/sign-in`, fields)).status).toBe(400);
  expect((await harness.browser().get(attacker.page.url)).status).toBe(400);
});

test('a field that stands twice, another type and huge bodies are refused', async () => {
  const { page } = await signInPage();
  const post = (body: string, type = 'application/x-www-form-urlencoded') =>
    fetch(`${harness.origin}/oidc/v1/token`, { method: 'POST', body, headers: { 'content-type': type } });
  expect((await post('grant_type=refresh_token&grant_type=x&client_id=databricks-cli')).status).toBe(400);
  expect((await post('{"grant_type":"refresh_token"}', 'application/json')).status).toBe(400);
  const huge = await post(
    `grant_type=refresh_token&client_id=databricks-cli&refresh_token=${'x'.repeat(1_000_000)}`,
  ).catch(() => undefined);
  expect(huge === undefined || huge.status >= 400).toBe(true);
  expect(page.status).toBe(200);
});

test('a body that does not come is not waited for', async () => {
  const slow = await OAuthHarness.start({ bodyTimeoutMs: 50 });
  const { connect } = await import('node:net');
  const url = new URL(slow.origin);
  const socket = connect(Number(url.port), '127.0.0.1');
  socket.on('error', () => {});
  socket.write(
    'POST /oidc/v1/token HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: 100\r\n\r\ngrant_',
  );
  let text = '';
  for await (const chunk of socket) text += String(chunk);
  expect(text === '' || text.startsWith('HTTP/1.1 4')).toBe(true);
  slow.errors.length = 0;
  await slow.stop();
});

test('signing out asks first, and leaves terminals alone', async () => {
  const browser = harness.browser();
  const tokens = await harness.databricksLogin(browser);
  const page = await browser.get('/oidc/v1/end_session');
  expectSafe(page);
  expect(page.text).toContain('Sign out?');
  expect((await browser.submit(page, '/confirm', { logout: 'yes', xsrf: 'x' })).status).toBe(400);
  const again = await browser.get('/oidc/v1/end_session');
  const done = await browser.submit(again, '/confirm', { logout: 'yes' });
  expect(done.text).toContain('Signed out');
  expect(await harness.find(tokens.access_token)).toBeDefined();
  expect((await browser.get(authorization(harness.origin).address)).text).toContain('name="password"');
  expect((await harness.browser().get('/oidc/v1/end_session')).text).toContain('Signed out');
});

test('sign-in through an identity provider is bound to the browser that began it', async () => {
  let uid = '';
  harness.sso = {
    list: () => [{ id: 'okta', name: XSS }],
    begin: async (_id, interactionUid) => {
      uid = interactionUid;
      return { redirect: 'https://okta.example/authorize?state=1', cookie: 'okta_state=1; Path=/oidc/sso/; HttpOnly' };
    },
    finish: async ({ url, cookies }) => {
      if (url.searchParams.get('state') !== '1') throw new GatewayError('caller_unauthenticated', `Bad state ${XSS}`);
      expect(url.pathname).toBe('/oidc/sso/okta/callback');
      expect(cookies).toBeTypeOf('string');
      const account = harness.directory.byId('101');
      if (account === undefined) throw new Error('no account');
      return { interactionUid: uid, account };
    },
  };
  const { browser, page } = await signInPage();
  expectSafe(page, ' http://localhost:8020');
  await browser.get(`${page.url}/sso/okta`, { 'sec-fetch-site': 'same-origin' });
  expect(browser.leftTo).toBe('https://okta.example/authorize?state=1');
  expect(browser.cookieNames()).toContain('okta_state');

  // Another browser that is given the address of the callback gets nothing, and gives nothing.
  const victim = harness.browser();
  expect((await victim.get('/oidc/sso/okta/callback?state=1')).status).toBe(400);
  expectSafe(await browser.get('/oidc/sso/okta/callback?state=2'), '');
  await browser.get('/oidc/sso/okta/callback?state=1');
  expect(new URL(browser.leftTo ?? '').searchParams.get('code')).toMatch(/.+/);
  expect(harness.events.at(-1)).toMatchObject({
    action: 'login',
    actor: 'ada@example.com',
    parameters: { method: 'okta' },
  });

  expect((await browser.get(`${page.url}/sso/okta`, { 'sec-fetch-site': 'cross-site' })).status).toBeGreaterThanOrEqual(
    400,
  );

  harness.passwordSignIn = false;
  const straight = harness.browser();
  await straight.get(authorization(harness.origin).address);
  expect(straight.leftTo).toBe('https://okta.example/authorize?state=1');
  const { json } = await harness.form('device_authorization', { client_id: 'ucode', scope: 'all-apis' });
  const device = harness.browser();
  const entry = await device.get('/oidc/device');
  const confirmation = await device.submit(entry, '/oidc/device', { user_code: String(json['user_code']) });
  const between = await device.submit(confirmation, '/oidc/device', { confirm: 'yes' });
  expect(between.headers.get('refresh')).toBe('0; url=https://okta.example/authorize?state=1');
  await device.get('/oidc/sso/okta/callback?state=1').then((done) => expect(done.text).toContain('Device connected'));
});
