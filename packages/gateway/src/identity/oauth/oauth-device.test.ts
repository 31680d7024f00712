import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Browser } from './testing/browser.ts';
import { OAuthHarness } from './testing/oauth-harness.ts';

const GRANT = 'urn:ietf:params:oauth:grant-type:device_code';
let harness: OAuthHarness;
beforeAll(async () => {
  harness = await OAuthHarness.start();
});
afterEach(() => {
  expect(harness.errors.splice(0)).toEqual([]);
});
afterAll(() => harness.stop());

interface Device {
  readonly device_code: string;
  readonly user_code: string;
  readonly verification_uri: string;
  readonly verification_uri_complete: string;
  readonly interval: number;
}

async function begin(): Promise<Device> {
  const { status, json } = await harness.form('device_authorization', {
    client_id: 'ucode',
    scope: 'all-apis offline_access',
  });
  expect(status).toBe(200);
  return json as unknown as Device;
}

function ask(device: Device) {
  return harness.form('token', { grant_type: GRANT, device_code: device.device_code, client_id: 'ucode' });
}

async function confirm(browser: Browser, code: string, fields: Readonly<Record<string, string>> = { confirm: 'yes' }) {
  const entry = await browser.get('/oidc/device');
  const confirmation = await browser.submit(entry, '/oidc/device', { user_code: code });
  expect(confirmation.text).toContain('Connect ucode?');
  return { confirmation, next: await browser.submit(confirmation, '/oidc/device', fields) };
}

test('a terminal signs in: short code, confirmation, sign-in, tokens', async () => {
  const device = await begin();
  expect(device.user_code).toMatch(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/);
  expect(device.interval).toBe(5);
  expect(device.verification_uri).toBe(`${harness.origin}/oidc/device`);
  expect((await ask(device)).json['error']).toBe('authorization_pending');
  expect((await ask(device)).json['error']).toBe('slow_down');

  const rows = JSON.stringify(await harness.store.all('SELECT * FROM oauth_records'));
  expect(rows).not.toContain(device.device_code);
  expect(rows).not.toContain(device.user_code.replace('-', ''));

  const browser = harness.browser();
  const { confirmation, next } = await confirm(browser, ` ${device.user_code.toLowerCase().replace('-', ' ')} `);
  expect(confirmation.text).toContain(device.user_code);
  expect(confirmation.text).toContain('203.0.113.9');
  expect(confirmation.text).toContain('Do everything you may do');
  expect(JSON.stringify(await harness.store.all('SELECT * FROM oauth_records'))).not.toContain(device.device_code);
  const done = await browser.submit(next, '/sign-in', {
    user_name: 'ada@example.com',
    password: 'ada@example.com-secret',
  });
  expect(done.text).toContain('Device connected');
  expect(done.text).toContain('ada@example.com');

  const answer = await ask(device);
  expect(answer.status).toBe(200);
  expect(await harness.find(String(answer.json['access_token']))).toMatchObject({ accountId: '101' });
  expect((await harness.refresh(String(answer.json['refresh_token']), { client_id: 'ucode' })).status).toBe(200);
  expect((await ask(device)).json['error']).toBe('invalid_grant');
  expect(await harness.find(String(answer.json['access_token']))).toBeUndefined();
});

test('a browser that is signed in still confirms, and can be somebody else', async () => {
  const browser = harness.browser();
  await harness.databricksLogin(browser);
  const device = await begin();
  // The address with the code in it does not do anything by itself.
  const entry = await browser.get(
    new URL(device.verification_uri_complete).pathname + new URL(device.verification_uri_complete).search,
  );
  expect(entry.text).toContain(`value="${device.user_code}"`);
  expect(entry.text).not.toContain('<script');
  const confirmation = await browser.submit(entry, '/oidc/device', { user_code: device.user_code });
  expect(confirmation.text).toContain('Continue as ada@example.com');
  expect((await ask(device)).json['error']).toBe('authorization_pending');

  const again = await browser.submit(confirmation, '/switch-account');
  expect(again.text).toContain(`value="${device.user_code}"`);
  const second = await browser.submit(again, '/oidc/device', { user_code: device.user_code });
  expect(second.text).not.toContain('ada@example.com');
  const signIn = await browser.submit(second, '/oidc/device', { confirm: 'yes' });
  await browser.submit(signIn, '/sign-in', { user_name: 'bob@example.com', password: 'bob@example.com-secret' });
  const answer = await ask(device);
  expect((await harness.find(String(answer.json['access_token'])))?.accountId).toBe('102');
});

test('the account cannot be switched by another page', async () => {
  const browser = harness.browser();
  await harness.databricksLogin(browser);
  const page = await browser.post('/oidc/switch-account', { xsrf: 'guess', user_code: 'X' });
  expect(page.status).toBe(400);
  const foreign = await browser.post('/oidc/switch-account', { xsrf: 'guess' }, { 'sec-fetch-site': 'cross-site' });
  expect(foreign.status).toBe(403);
});

test('a refused device is told so', async () => {
  const device = await begin();
  const { next } = await confirm(harness.browser(), device.user_code, { abort: 'yes' });
  expect(next.text).toContain('Cancelled');
  expect((await ask(device)).json['error']).toBe('access_denied');
});

test('a sign-in that is cancelled refuses the device', async () => {
  const device = await begin();
  const browser = harness.browser();
  const { next } = await confirm(browser, device.user_code);
  const page = await browser.submit(next, '/cancel');
  expect(page.text).toContain('Cancelled');
  expect((await ask(device)).json['error']).toBe('access_denied');
});

test('a code that has expired gives nothing', async () => {
  const device = await begin();
  await harness.store.run(
    'UPDATE oauth_records SET payload = REPLACE(payload, \'"exp":\', \'"exp":1,"was":\') WHERE model = \'DeviceCode\'',
  );
  expect((await ask(device)).json['error']).toBe('expired_token');
  const browser = harness.browser();
  const entry = await browser.get('/oidc/device');
  const page = await browser.submit(entry, '/oidc/device', { user_code: device.user_code });
  expect(page.text).toContain('expired');
});

test("somebody else's application cannot take the tokens of a device", async () => {
  const device = await begin();
  const answer = await harness.form('token', {
    grant_type: GRANT,
    device_code: device.device_code,
    client_id: 'databricks-cli',
  });
  expect(answer.status).toBe(400);
  const stored = await harness.store.get(
    "SELECT id FROM oauth_records WHERE model = 'DeviceCode' ORDER BY created_at DESC",
  );
  const stolen = await harness.form('token', {
    grant_type: GRANT,
    device_code: `#${String(stored?.['id'])}.${'x'.repeat(43)}`,
    client_id: 'ucode',
  });
  expect(stolen.json['error']).toBe('invalid_grant');
});

test('guessing codes is slowed down', async () => {
  const browser = harness.browser();
  let status = 0;
  for (let attempt = 0; attempt < 12; attempt++) {
    const entry = await browser.get('/oidc/device');
    const page = await browser.submit(entry, '/oidc/device', { user_code: `<img src=x>${attempt}` });
    expect(page.text).not.toContain('<img');
    status = page.status;
  }
  expect(status).toBe(429);
});
