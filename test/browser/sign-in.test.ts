import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startBrowser, watchComplaints, type TestBrowser } from '../support/browser.ts';
import { startGateway, type Gateway } from '../support/gateway-process.ts';
import { PASSWORD } from '../support/keycloak-realm.ts';
import { startKeycloak, type Keycloak } from '../support/keycloak.ts';
import { freePort } from '../support/free-port.ts';
import { startCodeFlow, startDeviceFlow, type CodeFlow } from './flows.ts';
import { pageProblems } from './page-checks.ts';

const INSTALL_LIMIT_MS = 900_000;
const LOCAL = { name: 'lin@example.com', password: 'a password of sixteen and more' } as const;

let keycloak: Keycloak;
let browser: TestBrowser;
let gateway: Gateway;
/** Pictures of every page, to be looked at by people. */
let pictures: string;
beforeAll(async () => {
  [keycloak, browser] = await Promise.all([startKeycloak(), startBrowser()]);
  gateway = await startGateway({ config: configuration(keycloak, await freePort()) });
  await keycloak.allowRedirects(...redirects(gateway.url));
  await api('POST', '/api/2.0/preview/scim/v2/Users', {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
    userName: LOCAL.name,
    password: LOCAL.password,
    active: true,
  });
  pictures = process.env['UCODE_PICTURES'] ?? (await mkdtemp(path.join(tmpdir(), 'ucode-sign-in-')));
}, INSTALL_LIMIT_MS);
afterAll(async () => {
  await Promise.all([gateway?.stop(), keycloak?.stop(), browser?.stop()]);
});

let context: BrowserContext;
let page: Page;
let complaints: readonly string[];
let flow: CodeFlow | undefined;
beforeEach(async () => {
  context = await browser.newContext();
  page = await context.newPage();
  complaints = watchComplaints(page);
});
afterEach(async () => {
  flow?.stop();
  flow = undefined;
  await context.close();
});

/** Takes a picture and expects nothing wrong with the page. */
async function look(name: string): Promise<void> {
  await page.screenshot({ path: path.join(pictures, `${name}.png`) });
  expect(await pageProblems(page)).toEqual([]);
}

/** Of the gateway only: Keycloak's pages are its own affair. */
function ownComplaints(): readonly string[] {
  return complaints.filter((complaint) => !complaint.includes('/realms/') && !complaint.includes('/resources/'));
}

async function atKeycloak(user: string, password = PASSWORD): Promise<void> {
  await page.waitForURL(`${keycloak.issuer}/**`);
  await page.getByLabel('Username or email').fill(user);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign In' }).click();
}

describe('the code flow of a command-line client', () => {
  test('through Keycloak: groups come along and give what was granted to them', async () => {
    flow = await startCodeFlow(gateway.url);
    await page.goto(flow.address);
    await look('sign-in');
    await page.getByRole('link', { name: 'Continue with Keycloak', exact: true }).click();
    await atKeycloak('ada');
    const answer = await flow.answer;
    const { access_token: token, refresh_token: refresh } = await flow.redeem(answer.get('code') ?? '');
    expect(refresh).toBeTruthy();
    const me = (await api('GET', '/api/2.0/preview/scim/v2/Me', undefined, token)) as ScimUser;
    expect(me.userName).toBe('ada@example.com');
    expect(me.groups?.map((group) => group.display)).toContain('platform');
    expect(ownComplaints()).toEqual([]);

    // What was granted to the group, it may use; others are told that it is not there.
    expect(await askModel(token)).toBe(200);
    expect(await askModel(await tokenOf('bob'))).toBe(404);
  });

  test('through Keycloak a second time asks nothing', async () => {
    for (const attempt of ['first', 'second']) {
      flow = await startCodeFlow(gateway.url);
      await page.goto(flow.address);
      if (attempt === 'first') {
        await page.getByRole('link', { name: 'Continue with Keycloak', exact: true }).click();
        await atKeycloak('ada');
      }
      expect((await flow.answer).get('code')).toBeTruthy();
      flow.stop();
    }
  });

  test('by a password of the gateway', async () => {
    flow = await startCodeFlow(gateway.url);
    await page.goto(flow.address);
    await page.getByLabel('User name').fill(LOCAL.name);
    await page.getByLabel('Password').fill('not the password');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').waitFor();
    await look('wrong-password');
    expect(await page.getByLabel('User name').inputValue()).toBe(LOCAL.name);
    expect(await page.getByLabel('Password').inputValue()).toBe('');

    await page.getByLabel('Password').fill(LOCAL.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    const answer = await flow.answer;
    expect(answer.get('state')).toBe(new URL(flow.address).searchParams.get('state'));
    const { access_token: token } = await flow.redeem(answer.get('code') ?? '');
    const me = (await api('GET', '/api/2.0/preview/scim/v2/Me', undefined, token)) as ScimUser;
    expect(me.userName).toBe(LOCAL.name);
    // Chromium itself reports every answer of 401 to a page.
    expect(ownComplaints().filter((complaint) => !complaint.includes('401'))).toEqual([]);
  });

  test('cancelled tells the client so', async () => {
    flow = await startCodeFlow(gateway.url);
    await page.goto(flow.address);
    await page.getByRole('button', { name: 'Cancel' }).click();
    expect((await flow.answer).get('error')).toBe('access_denied');
    expect(ownComplaints()).toEqual([]);
  });

  test('whose answer comes back in another browser is not signed in there', async () => {
    flow = await startCodeFlow(gateway.url);
    await page.goto(flow.address);
    await page.route(`${gateway.url}/oidc/sso/keycloak/callback**`, (route) => route.abort());
    const callback = page.waitForRequest(`${gateway.url}/oidc/sso/keycloak/callback**`);
    await page.getByRole('link', { name: 'Continue with Keycloak', exact: true }).click();
    await atKeycloak('bob');
    const address = (await callback).url();
    const other = await browser.newContext();
    const stranger = await other.newPage();
    await stranger.goto(address);
    expect(await stranger.getByRole('heading', { level: 1 }).textContent()).toMatch(/did not succeed/);
    expect(await other.cookies(`${gateway.url}/oidc/`)).toEqual([]);
    await other.close();
  });
});

describe('somebody whom the gateway does not let in', () => {
  test.each([
    ['whose address Keycloak has not verified', 'mallory', /not verified your e-mail address/],
    ['of another domain', 'eve', /not of a domain that may sign in/],
  ])('%s reads why', async (_name, user, reason) => {
    flow = await startCodeFlow(gateway.url);
    await page.goto(flow.address);
    await page.getByRole('link', { name: 'Continue with Keycloak', exact: true }).click();
    await atKeycloak(user);
    await page.waitForURL(`${gateway.url}/**`);
    expect(await page.getByRole('main').textContent()).toMatch(reason);
    await look(`refused-${user}`);
  });

  test('who is disabled at Keycloak does not come back', async () => {
    flow = await startCodeFlow(gateway.url);
    await page.goto(flow.address);
    await page.getByRole('link', { name: 'Continue with Keycloak', exact: true }).click();
    await atKeycloak('carol');
    await page.getByText(/Account is disabled/).waitFor();
    expect(page.url()).toContain(keycloak.issuer);
  });

  test('who is deactivated here reads so, and their tokens end', async () => {
    const token = await tokenOf('bob');
    const found = (await api(
      'GET',
      `/api/2.0/preview/scim/v2/Users?filter=${encodeURIComponent('userName eq "bob@example.com"')}`,
    )) as {
      readonly Resources: readonly ScimUser[];
    };
    const id = found.Resources[0]?.id ?? '';
    const active = (value: boolean) => ({
      schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
      Operations: [{ op: 'replace', path: 'active', value }],
    });
    await api('PATCH', `/api/2.0/preview/scim/v2/Users/${id}`, active(false));
    try {
      const refused = await fetch(`${gateway.url}/api/2.0/preview/scim/v2/Me`, {
        headers: { authorization: `Bearer ${token}` },
      });
      expect([401, 403]).toContain(refused.status);
      flow = await startCodeFlow(gateway.url);
      await page.goto(flow.address);
      await page.getByRole('link', { name: 'Continue with Keycloak', exact: true }).click();
      await atKeycloak('bob');
      await page.getByText(/deactivated/).waitFor();
      await look('deactivated');
    } finally {
      await api('PATCH', `/api/2.0/preview/scim/v2/Users/${id}`, active(true));
    }
  });
});

describe('the device flow', () => {
  test('through Keycloak, with the code typed in', async () => {
    const device = await startDeviceFlow(gateway.url);
    await expect(device.poll()).rejects.toThrow('authorization_pending');
    await page.goto(device.verificationUri);
    await look('device-code');
    await page.getByLabel('Code').fill(device.userCode.toLowerCase());
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByText(device.userCode).waitFor();
    await look('device-confirm');
    await page.getByRole('button', { name: /^Continue/ }).click();
    await page.getByRole('link', { name: 'Continue with Keycloak', exact: true }).click();
    await atKeycloak('ada');
    await page.waitForURL(`${gateway.url}/**`);
    await confirmAgain();
    await look('device-done');
    const { access_token: token } = await untilGranted(device.poll);
    const me = (await api('GET', '/api/2.0/preview/scim/v2/Me', undefined, token)) as ScimUser;
    expect(me.userName).toBe('ada@example.com');
    expect(ownComplaints()).toEqual([]);
  });

  test('with a wrong code says so', async () => {
    await page.goto(`${gateway.url}/oidc/device`);
    await page.getByLabel('Code').fill('BBBB-BBBB');
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('alert').waitFor();
    await look('device-wrong-code');
  });

  test('cancelled gives the device nothing', async () => {
    const device = await startDeviceFlow(gateway.url);
    await page.goto(device.verificationUriComplete);
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByText(device.userCode).waitFor();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('heading', { level: 1 }).waitFor();
    await expect(device.poll()).rejects.toThrow('access_denied');
  });
});

test('a provider that is away is a page that says so, and passwords go on working', async () => {
  flow = await startCodeFlow(gateway.url);
  await page.goto(flow.address);
  await page.getByRole('link', { name: 'Continue with Example Login' }).click();
  expect(await page.getByRole('main').textContent()).toMatch(/cannot be reached at the moment/);
  await look('provider-away');
  await page.goto(flow.address);
  await page.getByLabel('User name').fill(LOCAL.name);
  await page.getByLabel('Password').fill(LOCAL.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  expect((await flow.answer).get('code')).toBeTruthy();
});

test('where there are no passwords and one provider, the browser goes straight there', async () => {
  const strict = await startGateway({ config: onlyKeycloak(keycloak) });
  try {
    await keycloak.allowRedirects(...redirects(gateway.url), ...redirects(strict.url));
    flow = await startCodeFlow(strict.url);
    await page.goto(flow.address);
    await atKeycloak('ada');
    expect((await flow.answer).get('code')).toBeTruthy();
    expect(ownComplaints()).toEqual([]);
  } finally {
    await strict.stop();
  }
});

/** A token of somebody who signs in through Keycloak, in a browser of their own. */
async function tokenOf(user: string): Promise<string> {
  const own = await browser.newContext();
  const kept = page;
  const terminal = await startCodeFlow(gateway.url);
  try {
    page = await own.newPage();
    await page.goto(terminal.address);
    await page.getByRole('link', { name: 'Continue with Keycloak', exact: true }).click();
    await atKeycloak(user);
    return (await terminal.redeem((await terminal.answer).get('code') ?? '')).access_token;
  } finally {
    page = kept;
    terminal.stop();
    await own.close();
  }
}

/** Where the device's page asks once more after the sign-in. */
async function confirmAgain(): Promise<void> {
  const again = page.getByRole('button', { name: /^Continue as/ });
  if (await again.isVisible()) await again.click();
}

async function untilGranted<T>(poll: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await poll();
    } catch (error) {
      if (attempt > 120 || !/authorization_pending|slow_down/.test(String(error))) throw error;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}

interface ScimUser {
  readonly id: string;
  readonly userName: string;
  readonly groups?: readonly { readonly display: string }[];
}

async function api(method: string, address: string, body?: unknown, token = gateway.token): Promise<unknown> {
  const response = await fetch(`${gateway.url}${address}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${address}: ${response.status} ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}

/** Status of a request to the model that only `platform` may use. */
async function askModel(token: string): Promise<number> {
  const response = await fetch(`${gateway.url}/ai-gateway/openai/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'main.team.fast', messages: [{ role: 'user', content: 'hi' }] }),
  });
  await response.text();
  return response.status;
}

const redirects = (url: string): readonly string[] =>
  ['keycloak', 'keycloak-roles'].map((id) => `${url}/oidc/sso/${id}/callback`);

function onlyKeycloak({ issuer, client }: Keycloak): string {
  return `
identity:
  local_users: false
  sso:
    - id: keycloak
      name: Keycloak
      issuer: ${issuer}
      client_id: ${client.id}
      client_secret: ${client.secret}
      allowed_private_networks: [127.0.0.0/8]
`;
}

function configuration({ issuer, client }: Keycloak, closedPort: number): string {
  const provider = `issuer: ${issuer}
      client_id: ${client.id}
      client_secret: ${client.secret}
      allowed_private_networks: [127.0.0.0/8]`;
  return `
users:
  - name: admin
    groups: [admins]
identity:
  sso:
    - id: keycloak
      name: Keycloak
      ${provider}
      allowed_domains: [example.com]
      group_mapping: { /engineering/platform: platform }
    - id: keycloak-roles
      name: Keycloak, by roles
      ${provider}
      groups_claim: realm_access.roles
      groups: all
    - id: nobody
      name: Example Login
      issuer: http://127.0.0.1:${closedPort}
      client_id: x
      allowed_private_networks: [127.0.0.0/8]
model_provider_services:
  - name: main.team.demo
    config:
      demo: {}
model_services:
  - name: main.team.fast
    grants:
      - principal: platform
        privileges: [EXECUTE]
    config:
      routing:
        destinations:
          - external_model_config:
              model_provider_service: model-provider-services/main.team.demo
              target:
                model: demo
`;
}
