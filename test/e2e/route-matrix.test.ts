import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { modelListRoutes } from '../../packages/gateway/src/http/model-lists/index.ts';
import { endpointOperations } from '../../packages/gateway/src/http/openapi/endpoint-operations.ts';
import { routeMatrix, type MatrixRoute } from '../../packages/gateway/src/http/openapi/route-matrix.ts';
import { restRoutes } from '../../packages/gateway/src/http/rest/index.ts';
import { inferencePaths } from '../../packages/gateway/src/inference/inference-path.ts';
import { startGateway, type Gateway } from '../support/gateway-process.ts';
import { ucodeGateway } from './support/command-line.ts';
import { configurationOf } from './support/configuration-of.ts';
import { call, type CallResult } from './support/http-call.ts';

const CONFIG = `
users:
  - name: admin
    groups: [admins]
  - name: plain@example.com
    groups: []
  - name: granted@example.com
    groups: []
service_principals:
  - application_id: ci-robot
`;

/** What the router says to who is no admin. */
const NO_ADMIN = /Only members of the group 'admins' may do this/;

/** Every route with who may call it; fails where one does not say so. */
const matrix = routeMatrix([...restRoutes, ...modelListRoutes]);

let gateway: Gateway;
const tokens: Record<string, string | undefined> = {};

beforeAll(async () => {
  gateway = await startGateway({ config: CONFIG });
  tokens['admin'] = gateway.token;
  tokens['plain user'] = await tokenOf('--user', 'plain@example.com');
  tokens['user with grants'] = await tokenOf('--user', 'granted@example.com');
  tokens['service principal'] = await tokenOf('--service-principal', 'ci-robot');
  tokens['sql only'] = await tokenOf('--user', 'admin', '--scopes', 'sql');
  tokens['models only'] = await tokenOf('--user', 'admin', '--scopes', 'model-serving');
  tokens['deactivated admin'] = await deactivatedAdmin();
  for (const privilege of [
    'USE CATALOG',
    'USE SCHEMA',
    'CREATE SCHEMA',
    'CREATE TABLE',
    'SELECT',
    'MODIFY',
    'MANAGE',
  ]) {
    const statement = `GRANT ${privilege} ON CATALOG main TO \`granted@example.com\``;
    const body = JSON.stringify({ statement, warehouse_id: 'default', wait_timeout: '30s' });
    const granted = await call(`${gateway.url}/api/2.0/sql/statements`, { token: gateway.token, body });
    expect(granted.json().status.state, granted.text).toBe('SUCCEEDED');
  }
}, 120_000);
afterAll(() => gateway?.stop());

async function tokenOf(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await ucodeGateway([
    'token',
    'create',
    ...args,
    ...(await configurationOf(gateway, CONFIG)),
  ]);
  expect(code, stderr).toBe(0);
  return stdout.trim();
}

/** Somebody who was an admin, with a token, and is switched off. */
async function deactivatedAdmin(): Promise<string> {
  const scim = `${gateway.url}/api/2.0/preview/scim/v2`;
  const { token: admin } = gateway;
  const made = await call(`${scim}/Users`, {
    token: admin,
    body: JSON.stringify({
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
      userName: 'gone@example.com',
      active: true,
    }),
  });
  expect(made.status, made.text).toBe(201);
  const { id } = made.json();
  const groups = await call(`${scim}/Groups?filter=${encodeURIComponent('displayName eq "admins"')}`, { token: admin });
  const patch = (path: string, value: unknown, target: string) =>
    call(`${scim}/${target}`, {
      method: 'PATCH',
      token: admin,
      body: JSON.stringify({
        schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
        Operations: [{ op: path === 'members' ? 'add' : 'replace', path, value }],
      }),
    });
  const joined = await patch('members', [{ value: id }], `Groups/${groups.json().Resources[0].id}`);
  expect(joined.status, joined.text).toBeLessThan(300);
  const token = await tokenOf('--user', 'gone@example.com');
  expect((await call(`${scim}/Me`, { token })).status).toBe(200);
  const ended = await patch('active', false, `Users/${id}`);
  expect(ended.status, ended.text).toBeLessThan(300);
  return token;
}

/** Calls a route with names of nothing and an empty body, so that it changes nothing. */
function visit(route: Pick<MatrixRoute, 'method' | 'path'>, token: string | undefined): Promise<CallResult> {
  const path = route.path.replaceAll(/\{\w+\}/g, 'nothing');
  return call(`${gateway.url}${path}`, {
    method: route.method,
    ...(token === undefined ? {} : { token }),
    ...(route.method === 'GET' ? {} : { body: '{}' }),
  });
}

const nameOf = ({ method, path }: Pick<MatrixRoute, 'method' | 'path'>): string => `${method} ${path}`;
const guarded = matrix.filter(({ access }) => access !== 'public');
const table = <T extends Pick<MatrixRoute, 'method' | 'path'>>(routes: readonly T[]): [string, T][] =>
  routes.map((route) => [nameOf(route), route]);

it('the matrix has routes of every kind', () => {
  expect(matrix.length).toBeGreaterThan(60);
  for (const access of ['public', 'user', 'admin']) {
    expect(matrix.filter((route) => route.access === access).length, access).toBeGreaterThan(1);
  }
});

describe.each(['nobody', 'deactivated admin', 'wrong token', 'cut token', 'longer token'])('%s', (role) => {
  const token = (): string | undefined => {
    if (role === 'wrong token') return 'ucg_nobodys-token-0000000000000000000000';
    if (role === 'cut token') return gateway.token.slice(0, -1);
    if (role === 'longer token') return `${gateway.token}0`;
    return tokens[role];
  };

  it.each(table(guarded))('gets 401 from %s', async (_name, route) => {
    expect((await visit(route, token())).status).toBe(401);
  });
});

describe('nobody', () => {
  it.each(table(matrix.filter(({ access }) => access === 'public')))('may call %s', async (_name, route) => {
    const { status, text } = await visit(route, undefined);
    expect([200, 204, 400, 404, 405], text).toContain(status);
  });

  it.each(table(guarded))('does not get into %s with a token in the address', async (_name, route) => {
    const path = `${route.path}?access_token=${gateway.token}&token=${gateway.token}`;
    expect((await visit({ ...route, path }, undefined)).status).toBe(401);
  });
});

describe.each(['plain user', 'user with grants', 'service principal'])('%s', (role) => {
  it.each(table(matrix.filter(({ access }) => access === 'admin')))('gets 403 from %s', async (_name, route) => {
    const { status, text } = await visit(route, tokens[role]);
    expect(status, text).toBe(403);
  });

  it.each(table(matrix.filter(({ access }) => access === 'user')))('is let in to %s', async (_name, route) => {
    const { status, text } = await visit(route, tokens[role]);
    expect(status, text).not.toBe(401);
    expect(status, text).toBeLessThan(500);
    expect(text).not.toMatch(NO_ADMIN);
  });
});

describe('admin', () => {
  it.each(table(guarded))('is let in to %s', async (_name, route) => {
    const { status, text } = await visit(route, tokens['admin']);
    expect([401, 403], text).not.toContain(status);
    expect(status, text).toBeLessThan(500);
  });
});

describe.each([
  ['sql only', 'sql'],
  ['models only', 'model-serving'],
] as const)("an admin's token: %s", (role, scope) => {
  const [inside, outside] = [true, false].map((is) => guarded.filter(({ scopes }) => scopes.includes(scope) === is));

  it.each(table(inside ?? []))('is let in to %s', async (_name, route) => {
    const { status, text } = await visit(route, tokens[role]);
    expect([401, 403], text).not.toContain(status);
  });

  it.each(table(outside ?? []))('gets 403 from %s', async (_name, route) => {
    const { status, text } = await visit(route, tokens[role]);
    expect(status, text).toBe(403);
  });
});

describe('paths that call models', () => {
  const paths = inferencePaths.map(({ path }) => ({ method: 'POST', path: `/ai-gateway/${path}` }) as const);

  it.each(table(paths))('%s wants a token that is valid and for it', async (_name, route) => {
    expect((await visit(route, undefined)).status).toBe(401);
    expect((await visit(route, tokens['deactivated admin'])).status).toBe(401);
    expect((await visit(route, tokens['sql only'])).status).toBe(403);
    expect([401, 403]).not.toContain((await visit(route, tokens['models only'])).status);
    expect([401, 403]).not.toContain((await visit(route, tokens['plain user'])).status);
  });
});

describe('paths that take telemetry and the protocol of SQL drivers', () => {
  const paths = endpointOperations
    .filter(({ operation }) => operation.security.length > 0)
    .map(({ path, operation }) => ({ method: 'POST', path, security: JSON.stringify(operation.security) }) as const);

  it('are seen by this test', () => expect(paths.length).toBeGreaterThan(7));

  it.each(table(paths))('%s wants a token that is valid and for it', async (_name, route) => {
    for (const token of [undefined, tokens['deactivated admin'], `${gateway.token}0`]) {
      expect((await visit(route, token)).status).toBe(401);
    }
    const inAddress = { ...route, path: `${route.path}?access_token=${gateway.token}` };
    expect((await visit(inAddress, undefined)).status).toBe(401);
    const isSql = route.security.includes('"sql"');
    if (isSql) expect([401, 403]).not.toContain((await visit(route, tokens['sql only'])).status);
    else expect((await visit(route, tokens['sql only'])).status).toBe(403);
    expect((await visit(route, tokens['models only'])).status).toBe(403);
  });
});
