import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { authorization, defaultSettings, OAuthHarness } from './testing/oauth-harness.ts';

const REFUSED = '{"error":"invalid_grant","error_description":"Refresh token is invalid"}';
let harness: OAuthHarness;
beforeAll(async () => {
  harness = await OAuthHarness.start();
});
afterEach(() => {
  harness.clockOffset = 0;
  harness.settings = defaultSettings;
  expect(harness.errors.splice(0)).toEqual([]);
});
afterAll(() => harness.stop());

test('twenty processes refresh at the same time, and each gets tokens that work', async () => {
  const { refresh_token: token } = await harness.databricksLogin();
  const answers = await Promise.all(Array.from({ length: 20 }, () => harness.refresh(token)));
  expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200));
  const fresh = answers.map(({ json }) => String(json['refresh_token']));
  expect(new Set(fresh).size).toBe(20);
  for (const { json } of answers) expect(await harness.find(String(json['access_token']))).toBeDefined();
  for (const one of fresh) expect((await harness.refresh(one)).status).toBe(200);
});

test('reuse after the window ends the sign-in, and is audited', async () => {
  const { refresh_token: token } = await harness.databricksLogin();
  const next = await harness.refresh(token);
  // Half of the window: the time that the test itself takes does not count.
  harness.clockOffset = 30_000;
  expect((await harness.refresh(token)).status).toBe(200);
  harness.clockOffset = 61_000;
  harness.events.length = 0;
  const reused = await harness.refresh(token);
  expect(reused.status).toBe(400);
  expect(reused.text).toBe(REFUSED);
  expect(harness.events).toContainEqual(
    expect.objectContaining({ action: 'refreshTokenReused', actor: 'ada@example.com', status: 400 }),
  );
  expect(await harness.find(String(next.json['access_token']))).toBeUndefined();
  expect((await harness.refresh(String(next.json['refresh_token']))).text).toBe(REFUSED);
});

test('one sign-in ending leaves the others', async () => {
  const browser = harness.browser();
  const first = await harness.databricksLogin(browser);
  const second = await harness.databricksLogin(browser);
  await harness.form('revoke', { token: first.refresh_token, client_id: 'databricks-cli' });
  expect(await harness.find(first.access_token)).toBeUndefined();
  expect(await harness.find(second.access_token)).toBeDefined();
  expect((await harness.refresh(second.refresh_token)).status).toBe(200);
});

test.each(['ucr_unknown', 'x', '#'.repeat(10)])(
  'an unknown refresh token %j has the text the CLI looks for',
  async (token) => {
    const { status, text, headers } = await harness.refresh(token);
    expect(status).toBe(400);
    expect(text).toBe(REFUSED);
    expect(headers.get('content-type')).toContain('application/json');
  },
);

test('a refresh token is bound to its application', async () => {
  const { refresh_token: token } = await harness.databricksLogin();
  expect((await harness.refresh(token, { client_id: 'ucode' })).text).toBe(REFUSED);
  expect((await harness.refresh(token)).status).toBe(200);
});

test('revocation is in force at once, and tells nobody whether there was a token', async () => {
  const tokens = await harness.databricksLogin();
  expect((await harness.form('revoke', { token: 'ucr_none', client_id: 'databricks-cli' })).status).toBe(200);
  await harness.form('revoke', { token: tokens.access_token, client_id: 'ucode' });
  expect(await harness.find(tokens.access_token)).toBeDefined();
  expect((await harness.form('revoke', { token: tokens.access_token, client_id: 'databricks-cli' })).status).toBe(200);
  expect(await harness.find(tokens.access_token)).toBeUndefined();
});

test('a deactivated account loses tokens, sessions and the way back', async () => {
  harness.directory.add('300', 'eve@example.com');
  const browser = harness.browser();
  const tokens = await harness.databricksLogin(browser, 'eve@example.com');
  harness.directory.deactivate('300');
  // Even before anything is revoked.
  expect((await harness.refresh(tokens.refresh_token)).text).toBe(REFUSED);
  const page = await browser.get(authorization(harness.origin).address);
  expect(page.text).toContain('name="password"');
  await harness.server.revokeAccount('300');
  expect(await harness.find(tokens.access_token)).toBeUndefined();
  expect(await harness.store.all('SELECT * FROM oauth_records WHERE account_id = ?', '300')).toEqual([]);
  const refused = await browser.submit(page, '/sign-in', {
    user_name: 'eve@example.com',
    password: 'eve@example.com-secret',
  });
  expect([400, 401]).toContain(refused.status);
  // Somebody else can sign in in the same browser.
  const fresh = await harness.databricksLogin(browser, 'bob@example.com');
  expect((await harness.find(fresh.access_token))?.accountId).toBe('102');
});

test('service principals: HTTP Basic or the body, their own secret only', async () => {
  const basic = (secret: string) => ({
    authorization: `Basic ${Buffer.from(`d0c5f0a2-robot:${secret}`).toString('base64')}`,
  });
  const fields = { grant_type: 'client_credentials', scope: 'all-apis' };
  const answer = await harness.form('token', fields, basic('d0c5f0a2-robot-secret'));
  expect(answer.status).toBe(200);
  expect(answer.json).toMatchObject({ token_type: 'Bearer', scope: 'all-apis', expires_in: 3600 });
  expect(answer.json['refresh_token']).toBeUndefined();
  const token = String(answer.json['access_token']);
  expect(await harness.find(token)).toMatchObject({ accountId: '900', authMode: 'OAUTH' });

  const body = await harness.form('token', {
    ...fields,
    client_id: 'd0c5f0a2-robot',
    client_secret: 'd0c5f0a2-robot-secret',
  });
  expect(body.status).toBe(200);
  const wrong = await harness.form('token', fields, basic('wrong-secret'));
  expect(wrong.status).toBe(401);
  expect(wrong.json['error']).toBe('invalid_client');
  expect(wrong.headers.get('www-authenticate')).toContain('Basic');
  for (const clientId of ['ada@example.com', 'nobody', 'databricks-cli']) {
    const other = await harness.form('token', { ...fields, client_id: clientId, client_secret: `${clientId}-secret` });
    expect(other.status).toBeGreaterThanOrEqual(400);
  }
  expect((await harness.form('token', { ...fields, client_id: 'd0c5f0a2-robot' })).status).toBe(401);
  harness.directory.throttled = true;
  const throttled = await harness.form('token', fields, basic('x'));
  harness.directory.throttled = false;
  expect(throttled.status).toBe(429);
  expect(throttled.headers.get('retry-after')).toBe('60');

  // Introspection: its own token, and nobody else's.
  const own = await harness.form('introspect', { token }, basic('d0c5f0a2-robot-secret'));
  expect(own.json).toMatchObject({ active: true, client_id: 'd0c5f0a2-robot', scope: 'all-apis' });
  const tokens = await harness.databricksLogin();
  const others = await harness.form('introspect', { token: tokens.access_token }, basic('d0c5f0a2-robot-secret'));
  expect(others.json).toEqual({ active: false });
  const asPublic = await harness.form('introspect', { token: tokens.access_token, client_id: 'databricks-cli' });
  expect(asPublic.json).toEqual({ active: false });
  expect((await harness.form('introspect', { token })).status).toBe(400);
});

test('tokens of the access kind end with their time, and are cleared away', async () => {
  const tokens = await harness.databricksLogin();
  const found = await harness.find(tokens.access_token);
  expect(found?.expiresAt).toBeGreaterThan(Date.now() + 3_500_000);
  expect(found?.expiresAt).toBeLessThan(Date.now() + 3_700_000);
  harness.clockOffset = 40 * 86_400_000;
  await harness.server.upkeep();
  harness.clockOffset = 0;
  expect(await harness.find(tokens.access_token)).toBeUndefined();
  const left = await harness.store.all(
    "SELECT model FROM oauth_records WHERE model IN ('AccessToken', 'RefreshToken', 'Grant')",
  );
  expect(left).toEqual([]);
});
