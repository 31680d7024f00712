import { afterAll, beforeAll, expect, it } from 'vitest';
import { Browser } from '../../packages/gateway/src/identity/oauth/testing/browser.ts';
import { authorization } from '../../packages/gateway/src/identity/oauth/testing/oauth-harness.ts';
import { startGateway, type Gateway } from '../support/gateway-process.ts';

let gateway: Gateway;
let userName: string;
let password: string;
beforeAll(async () => {
  gateway = await startGateway();
  userName = /You are the user '([^']+)'/.exec(gateway.output())?.[1] ?? '';
  password = /password {2}(\S+)/.exec(gateway.output())?.[1] ?? '';
}, 120_000);
afterAll(() => gateway?.stop());

type Json = Readonly<Record<string, unknown>>;

async function json(url: string, init?: RequestInit): Promise<{ readonly status: number; readonly body: Json }> {
  const response = await fetch(url, init);
  return { status: response.status, body: (await response.json()) as Json };
}

function tokenRequest(endpoint: string, fields: Readonly<Record<string, string>>) {
  return json(endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(fields).toString(),
  });
}

function me(token: string) {
  return json(`${gateway.url}/api/2.0/preview/scim/v2/Me`, { headers: { authorization: `Bearer ${token}` } });
}

it('auth login, auth token, auth profiles: what the databricks CLI makes the gateway see', async () => {
  const host = await json(`${gateway.url}/.well-known/databricks-config`);
  expect(host.body).toMatchObject({ oidc_endpoint: `${gateway.url}/oidc`, host_type: 'workspace' });
  expect(String(host.body['workspace_id'])).toMatch(/^\d+$/);
  const { body: server } = await json(`${String(host.body['oidc_endpoint'])}/.well-known/oauth-authorization-server`);
  expect(server).toMatchObject({ issuer: `${gateway.url}/oidc` });
  const tokenEndpoint = String(server['token_endpoint']);

  const browser = new Browser(gateway.url);
  const { query, verifier, redirectUri } = authorization(gateway.url);
  const page = await browser.get(`${String(server['authorization_endpoint'])}?${query}`);
  await browser.submit(page, '/sign-in', { user_name: userName, password });
  const answer = new URL(browser.leftTo ?? 'none:');
  expect(answer.origin).toBe('http://localhost:8020');
  expect(answer.searchParams.get('state')).toBe(query.get('state'));

  const login = await tokenRequest(tokenEndpoint, {
    grant_type: 'authorization_code',
    code: answer.searchParams.get('code') ?? '',
    redirect_uri: redirectUri,
    client_id: 'databricks-cli',
    code_verifier: verifier,
  });
  expect(login.status).toBe(200);
  expect((await me(String(login.body['access_token']))).body).toMatchObject({ userName });

  const refresh = {
    grant_type: 'refresh_token',
    refresh_token: String(login.body['refresh_token']),
    client_id: 'databricks-cli',
  };
  const refreshed = await Promise.all(Array.from({ length: 20 }, () => tokenRequest(tokenEndpoint, refresh)));
  for (const { status, body } of refreshed) {
    expect(status).toBe(200);
    expect((await me(String(body['access_token']))).status).toBe(200);
  }

  await fetch(String(server['revocation_endpoint']), {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ token: refresh.refresh_token, client_id: 'databricks-cli' }).toString(),
  });
  expect(await tokenRequest(tokenEndpoint, refresh)).toEqual({
    status: 400,
    body: { error: 'invalid_grant', error_description: 'Refresh token is invalid' },
  });
  await expect.poll(async () => (await me(String(login.body['access_token']))).status, { timeout: 5_000 }).toBe(401);
  expect(gateway.output()).not.toContain('oidc-provider');
});

it('a token of few scopes opens little', async () => {
  const browser = new Browser(gateway.url);
  const request = authorization(gateway.url, { scope: 'mcp' });
  const page = await browser.get(request.address);
  await browser.submit(page, '/sign-in', { user_name: userName, password });
  const { body } = await tokenRequest(`${gateway.url}/oidc/v1/token`, {
    grant_type: 'authorization_code',
    code: new URL(browser.leftTo ?? 'none:').searchParams.get('code') ?? '',
    redirect_uri: request.redirectUri,
    client_id: 'databricks-cli',
    code_verifier: request.verifier,
  });
  expect(body['scope']).toBe('mcp');
  const refused = await json(`${gateway.url}/api/2.1/unity-catalog/model-services`, {
    headers: { authorization: `Bearer ${String(body['access_token'])}` },
  });
  expect(refused.status).toBe(403);
});

it('documents lead an MCP client to the authorization server', async () => {
  const path = '/ai-gateway/mcp-services/main.team.tools';
  const { body } = await json(`${gateway.url}/.well-known/oauth-protected-resource${path}`);
  expect(body).toMatchObject({ resource: gateway.url + path, authorization_servers: [`${gateway.url}/oidc`] });
  const server = await json(`${gateway.url}/.well-known/oauth-authorization-server/oidc`);
  expect(server.body).toMatchObject({ issuer: `${gateway.url}/oidc` });
  for (const hostile of ['/<script>', '/%0d%0ax', '//evil.example']) {
    const answer = await fetch(`${gateway.url}/.well-known/oauth-protected-resource${hostile}`);
    expect(answer.status).toBeGreaterThanOrEqual(400);
  }
});
