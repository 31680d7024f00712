import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { OAuthHarness } from '../identity/oauth/testing/oauth-harness.ts';
import { oauthMount, type OAuthMount } from './oauth-mount.ts';

let harness: OAuthHarness;
let mount: OAuthMount;
let listener: Server;
let origin: string;
beforeAll(async () => {
  harness = await OAuthHarness.start();
  mount = oauthMount(harness.server);
  listener = createServer((request, response) => void mount.handle(request, response, 'request-1', '127.0.0.1'));
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(listener.address() as AddressInfo).port}`;
});
afterAll(async () => {
  listener.closeAllConnections();
  listener.close();
  await harness.stop();
});

test.each([
  ['/oidc/v1/token', true],
  ['/.well-known/oauth-authorization-server/oidc', true],
  ['/.well-known/openid-configuration', true],
  ['/.well-known/oauth-protected-resource/ai-gateway/skills/', true],
  ['/oidc', false],
  ['//evil.example/oidc/v1/token', false],
  ['/.well-known/oauth-protected-resourceful', false],
  ['/.well-known/databricks-config', false],
])('%s belongs here: %s', (path, expected) => {
  expect(mount.accepts(path)).toBe(expected);
});

test.each([
  '/.well-known/oauth-authorization-server/oidc',
  '/.well-known/openid-configuration/oidc',
  '/oidc/.well-known/openid-configuration',
])('%s is the document of the issuer that was asked', async (path) => {
  expect(await (await fetch(origin + path)).json()).toMatchObject({ issuer: `${origin}/oidc` });
});

test('a resource names its authorization server and few scopes', async () => {
  const path = '/ai-gateway/mcp-services/main.team.tools';
  const answer = await fetch(`${origin}/.well-known/oauth-protected-resource${path}`);
  expect(answer.headers.get('access-control-allow-origin')).toBe('*');
  expect(await answer.json()).toEqual({
    resource: origin + path,
    authorization_servers: [`${origin}/oidc`],
    scopes_supported: ['mcp', 'offline_access'],
    bearer_methods_supported: ['header'],
    resource_name: 'ucode',
  });
});

test.each(['/<script>', '/%0d%0ax', '//evil.example', `/${'x'.repeat(600)}`])('%j is no resource', async (path) => {
  expect((await fetch(`${origin}/.well-known/oauth-protected-resource${path}`)).status).toBe(404);
});

test('a 401 says where the metadata is, and cannot be broken out of', () => {
  const challenge = (url: string, host: string): string =>
    mount.challenge({ url, headers: { host } } as unknown as IncomingMessage);
  expect(challenge('/ai-gateway/skills/?schema=x', 'localhost:8484')).toBe(
    'Bearer resource_metadata="http://localhost:8484/.well-known/oauth-protected-resource/ai-gateway/skills/"',
  );
  expect(challenge('/a"b', 'evil.example')).toBe(
    `Bearer resource_metadata="${harness.origin}/.well-known/oauth-protected-resource"`,
  );
});
