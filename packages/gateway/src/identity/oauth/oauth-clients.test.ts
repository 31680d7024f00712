import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { authorization, defaultSettings, OAuthHarness } from './testing/oauth-harness.ts';

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

async function register(body: unknown) {
  const response = await fetch(`${harness.origin}/oidc/v1/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return {
    status: response.status,
    headers: response.headers,
    json: (await response.json()) as Record<string, unknown>,
  };
}

const mcp = {
  client_name: 'My MCP client',
  redirect_uris: ['http://127.0.0.1:33418/cb'],
  token_endpoint_auth_method: 'client_secret_post',
};

async function registered(): Promise<string> {
  const { status, json } = await register(mcp);
  expect(status).toBe(201);
  return String(json['client_id']);
}

test('an MCP client registers itself, is public, and is allowed by the person', async () => {
  const { status, json } = await register({
    ...mcp,
    scope: 'all-apis',
    client_secret: 'x',
    grant_types: ['client_credentials'],
  });
  expect(status).toBe(201);
  expect(json).toMatchObject({
    client_name: 'My MCP client',
    redirect_uris: ['http://127.0.0.1:33418/cb'],
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code', 'refresh_token'],
  });
  expect(json['client_secret']).toBeUndefined();
  expect(harness.events.at(-1)).toMatchObject({ action: 'registerClient', status: 201 });

  const clientId = String(json['client_id']);
  const browser = harness.browser();
  const resource = `${harness.origin}/ai-gateway/mcp-services/main.team.tools`;
  const change = { client_id: clientId, redirect_uri: 'http://127.0.0.1:51234/cb', scope: undefined, resource };
  const request = authorization(harness.origin, change);
  const consent = await harness.signIn(browser, request.address);
  expect(consent.text).toContain('Allow My MCP client to use ucode?');
  expect(consent.text).toContain('127.0.0.1:51234');
  expect(consent.text).toContain('registered itself');
  expect(consent.text).toContain('Use MCP servers as you');
  await browser.submit(consent, '/consent', { answer: 'allow' });
  const code = new URL(browser.leftTo ?? '').searchParams.get('code') ?? '';
  const fields = {
    code,
    redirect_uri: request.redirectUri,
    client_id: clientId,
    code_verifier: request.verifier,
    resource,
  };
  const tokens = await harness.form('token', { grant_type: 'authorization_code', ...fields });
  expect(tokens.status).toBe(200);
  expect([...((await harness.find(String(tokens.json['access_token'])))?.scopes ?? [])]).toEqual(
    expect.arrayContaining(['mcp']),
  );
  const refreshed = await harness.refresh(String(tokens.json['refresh_token']), { client_id: clientId });
  expect(refreshed.status).toBe(200);

  // The next time, the person is asked again.
  expect((await browser.get(authorization(harness.origin, change).address)).text).toContain('Allow My MCP client');
});

test('consent can be refused, forged it cannot be', async () => {
  const clientId = await registered();
  const browser = harness.browser();
  const change = { client_id: clientId, redirect_uri: 'http://127.0.0.1:33418/cb', scope: 'mcp' };
  const consent = await harness.signIn(browser, authorization(harness.origin, change).address);
  expect((await browser.submit(consent, '/consent', { answer: 'allow', csrf: 'x' })).status).toBe(403);
  expect(
    (await browser.submit(consent, '/consent', { answer: 'allow' }, { 'sec-fetch-site': 'cross-site' })).status,
  ).toBe(403);
  await browser.submit(consent, '/consent', { answer: 'deny' });
  expect(new URL(browser.leftTo ?? '').searchParams.get('error')).toBe('access_denied');
});

test('an application that registered itself does not get everything', async () => {
  const clientId = await registered();
  const browser = harness.browser();
  const change = { client_id: clientId, redirect_uri: 'http://127.0.0.1:33418/cb', scope: 'all-apis mcp' };
  const request = authorization(harness.origin, change);
  const consent = await harness.signIn(browser, request.address);
  expect(consent.text).not.toContain('everything');
  await browser.submit(consent, '/consent', { answer: 'allow' });
  const { json } = await harness.form('token', {
    grant_type: 'authorization_code',
    code: new URL(browser.leftTo ?? '').searchParams.get('code') ?? '',
    redirect_uri: request.redirectUri,
    client_id: clientId,
    code_verifier: request.verifier,
  });
  expect(json['scope']).toBe('mcp');
  expect([...((await harness.find(String(json['access_token'])))?.scopes ?? [])]).toEqual(['mcp']);
});

test.each([
  'http://evil.example/cb',
  'http://127.0.0.1.evil.example/cb',
  'http://u@127.0.0.1/cb',
  'https://u:p@good.example/cb',
  'https://good.example/cb#fragment',
  'https:good.example',
  'javascript:alert(1)',
  'data:text/html,x',
  'file:///etc/passwd',
  'cursor://callback',
  'https://good.example/*',
  'https://gооd.example/cb',
  '/cb',
  '',
])('nobody registers %j', async (uri) => {
  const { status, json } = await register({ ...mcp, redirect_uris: ['http://127.0.0.1/cb', uri] });
  expect(status).toBe(400);
  expect(json['error']).toBe('invalid_redirect_uri');
});

test.each([['[]'], ['"x"'], ['{'], ['{"redirect_uris":"x"}'], ['{"redirect_uris":[]}'], ['{"redirect_uris":[{}]}']])(
  'a registration %s is refused',
  async (body) => {
    expect((await register(body)).status).toBe(400);
  },
);

test('a name cannot break out of the page', async () => {
  const { json } = await register({ ...mcp, client_name: '\u202e<script>alert(1)</script>\n' + 'x'.repeat(150) });
  expect(String(json['client_name'])).toHaveLength(60);
  const browser = harness.browser();
  const change = { client_id: String(json['client_id']), redirect_uri: 'http://127.0.0.1:33418/cb', scope: 'mcp' };
  const page = await browser.get(authorization(harness.origin, change).address);
  expect(page.text).not.toContain('<script');
  expect(page.text).not.toContain('\u202e');
});

test('registration is limited, can be switched off, and what is unused is forgotten', async () => {
  const clientId = await registered();
  const change = { client_id: clientId, redirect_uri: 'http://127.0.0.1:33418/cb', scope: 'mcp' };
  harness.clockOffset = 31 * 86_400_000;
  expect((await harness.browser().get(authorization(harness.origin, change).address)).status).toBe(400);
  harness.clockOffset = 0;
  harness.settings = { ...defaultSettings, registration: { ...defaultSettings.registration, maxClients: 1 } };
  expect((await register(mcp)).status).toBe(503);
  harness.settings = { ...defaultSettings, registration: { ...defaultSettings.registration, maxPerHour: 1 } };
  const limited = await register(mcp);
  expect(limited.status).toBe(429);
  expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(0);
  harness.settings = { ...defaultSettings, registration: { ...defaultSettings.registration, enabled: false } };
  expect((await register(mcp)).status).toBe(404);
  expect((await harness.browser().get(authorization(harness.origin, change).address)).status).toBe(400);
  const metadata = (await (await fetch(`${harness.origin}/oidc/.well-known/openid-configuration`)).json()) as object;
  expect(metadata).not.toHaveProperty('registration_endpoint');
});

test("no token is given for somebody else's resource", async () => {
  for (const resource of [
    'https://evil.example/mcp',
    'http://localhost:1/mcp',
    `${harness.origin}@evil.example/`,
    'nonsense',
  ]) {
    const browser = harness.browser();
    await harness.signIn(browser, authorization(harness.origin, { resource }).address);
    expect(new URL(browser.leftTo ?? '').searchParams.get('error')).toBe('invalid_target');
  }
});

test('an application of the configuration: its secret, its scopes, consent once', async () => {
  const client = {
    clientId: 'portal',
    name: 'Portal',
    redirectUris: ['https://portal.example.com/cb'],
    secret: 'a-secret-of-the-portal',
    scopes: ['openid', 'profile', 'model-serving', 'offline_access'],
    grantTypes: ['authorization_code', 'refresh_token'] as const,
  };
  harness.settings = { ...defaultSettings, clients: [client] };
  const browser = harness.browser();
  const change = {
    client_id: 'portal',
    redirect_uri: 'https://portal.example.com/cb',
    scope: 'openid profile model-serving',
  };
  await browser.get(authorization(harness.origin, { ...change, scope: 'all-apis' }).address);
  expect(new URL(browser.leftTo ?? '').searchParams.get('error')).toBe('invalid_scope');
  await browser.get(
    authorization(harness.origin, { ...change, redirect_uri: 'https://portal.example.com:1/cb' }).address,
  );
  expect(browser.leftTo).toBeUndefined();

  const request = authorization(harness.origin, change);
  const consent = await harness.signIn(browser, request.address);
  expect(consent.text).toContain('portal.example.com');
  expect(consent.headers.get('content-security-policy')).toContain("form-action 'self' https://portal.example.com;");
  await browser.submit(consent, '/consent', { answer: 'allow' });
  const fields = {
    grant_type: 'authorization_code',
    code: new URL(browser.leftTo ?? '').searchParams.get('code') ?? '',
    redirect_uri: request.redirectUri,
    code_verifier: request.verifier,
  };
  const basic = (secret: string) => ({ authorization: `Basic ${Buffer.from(`portal:${secret}`).toString('base64')}` });
  expect((await harness.form('token', { ...fields, client_id: 'portal' })).status).toBe(401);
  expect((await harness.form('token', fields, basic('wrong'))).status).toBe(401);
  const { status, json } = await harness.form('token', fields, basic(client.secret));
  expect(status).toBe(200);
  const claims = JSON.parse(
    Buffer.from(String(json['id_token']).split('.')[1] ?? '', 'base64url').toString(),
  ) as object;
  expect(claims).toMatchObject({ iss: `${harness.origin}/oidc`, sub: '101', aud: 'portal' });
  const person = await fetch(`${harness.origin}/oidc/v1/userinfo`, {
    headers: { authorization: `Bearer ${String(json['access_token'])}` },
  });
  expect(await person.json()).toMatchObject({ sub: '101', name: 'Ada', preferred_username: 'ada@example.com' });

  await browser.get(authorization(harness.origin, change).address);
  expect(new URL(browser.leftTo ?? '').searchParams.get('code')).toMatch(/.+/);
});
