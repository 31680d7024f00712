import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { TokenSource } from '../auth/token.ts';
import { Transport } from '../platform/transport.ts';
import { LoopbackProxy } from './loopback-proxy.ts';
import { readWhole } from './read-whole.ts';

let gateway: Server;
let serve: (request: IncomingMessage, response: ServerResponse) => void;
let proxy: LoopbackProxy;
let seen: IncomingMessage[];
const transport = new Transport({
  platform: 'linux',
  home: '/nowhere',
  variables: {},
  workingDirectory: '/',
  ucodeHome: '/nowhere',
  interactive: false,
});
const token = vi.fn<TokenSource['token']>();

beforeEach(async () => {
  token.mockReset().mockResolvedValue({ value: 'token', expiresAt: undefined });
  seen = [];
  serve = (request, response) => {
    seen.push(request);
    response.end();
  };
  gateway = createServer((request, response) => serve(request, response));
  await new Promise<void>((resolve) => gateway.listen(0, '127.0.0.1', resolve));
  const workspaceUrl = `http://127.0.0.1:${(gateway.address() as AddressInfo).port}`;
  proxy = await LoopbackProxy.start({ workspaceUrl, tokens: { token }, transport, tablePrefix: 'main.team.ada' });
});
afterEach(async () => {
  await proxy.close();
  gateway.closeAllConnections();
  await new Promise((resolve) => gateway.close(resolve));
});

/** For a loaded machine. */
const PATIENCE = { timeout: 20_000 };
const arrivals = (count: number) => vi.waitFor(() => expect(seen).toHaveLength(count), PATIENCE);

/** Sends a path exactly as it is given, which `fetch` would not. */
function send(path: string, headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(proxy.origin);
    const request = http.request({ hostname, port, path, method: 'POST', headers }, (response) => {
      response.resume().once('end', () => resolve(response.statusCode));
    });
    request.once('error', reject);
    request.end('{}');
  });
}
const exporter = () => ({ authorization: `Bearer ${proxy.telemetrySecret}` });

test.each([
  ['metrics', 'main.team.ada_otel_metrics'],
  ['logs', 'main.team.ada_otel_logs'],
  ['traces', 'main.team.ada_otel_spans'],
])("an exporter's %s get the token and their table", async (signal, table) => {
  expect(await send(`/api/2.0/otel/v1/${signal}`, exporter())).toBe(200);
  await arrivals(1);
  expect(seen[0]?.headers).toMatchObject({ authorization: 'Bearer token', 'x-databricks-uc-table-name': table });
});

test('a table that the exporter names stays', async () => {
  await send('/api/2.0/otel/v1/logs', { ...exporter(), 'X-Databricks-UC-Table-Name': 'main.x.other' });
  await arrivals(1);
  expect(seen[0]?.headers['x-databricks-uc-table-name']).toBe('main.x.other');
});

test("the agent's own secret opens telemetry too, and adds no table elsewhere", async () => {
  const headers = { 'x-api-key': proxy.secret };
  expect(await send('/ai-gateway/anthropic/v1/messages', headers)).toBe(200);
  expect(await send('/api/2.0/otel/v1/logs', headers)).toBe(200);
  await arrivals(2);
  expect(seen.map((request) => request.headers['x-databricks-uc-table-name'])).toEqual([
    undefined,
    'main.team.ada_otel_logs',
  ]);
});

test.each([
  '/ai-gateway/anthropic/v1/messages',
  '/api/2.0/otel/tables',
  '/api/2.0/otel/v1/logs/more',
  '/api/2.0/otel/v1/logs/../../../../ai-gateway/anthropic/v1/messages',
  '/api/2.0/otel/v1/%2e%2e/%2e%2e/%2e%2e/%2e%2e/ai-gateway/anthropic/v1/messages',
  '/api/2.0/preview/scim/v2/Me?/api/2.0/otel/v1/logs',
])('the secret for telemetry does not open %s', async (path) => {
  serve = () => expect.unreachable();
  for (const name of ['authorization', 'x-api-key', 'x-goog-api-key'])
    expect(await send(path, { [name]: proxy.telemetrySecret })).toBe(401);
  expect(token).not.toHaveBeenCalled();
});

test('a path that leads to another host goes nowhere', async () => {
  serve = () => expect.unreachable();
  const elsewhere = `http://localhost:${(gateway.address() as AddressInfo).port}/api/2.0/otel/v1/logs`;
  expect(await send(elsewhere, exporter())).toBe(401);
  expect(token).not.toHaveBeenCalled();
});

test.each([
  ['application/json', '{}'],
  ['application/x-protobuf', ''],
])('an exporter that sends %s is answered in kind before the gateway is', async (contentType, answer) => {
  let finish = (): void => {};
  const arrived = new Promise<void>((resolve) => {
    serve = (_, response) => {
      finish = () => response.end();
      resolve();
    };
  });
  const headers = { ...exporter(), 'content-type': contentType };
  const response = await fetch(`${proxy.origin}/api/2.0/otel/v1/logs`, { method: 'POST', body: '{}', headers });
  expect([response.status, response.headers.get('content-type'), await response.text()]).toEqual([
    200,
    contentType,
    answer,
  ]);
  await arrived;
  finish();
  await proxy.close();
  expect(proxy.telemetryProblem).toBeUndefined();
});

test('body, encoding and user agent reach the gateway as they were, secrets do not', async () => {
  const body = Buffer.from([0, 1, 2, 254, 255]);
  const arrived = new Promise<[IncomingMessage, Buffer | undefined]>((resolve) => {
    serve = async (request, response) => {
      const whole = await readWhole(request, 1_000);
      response.end();
      resolve([request, whole]);
    };
  });
  const said = {
    'content-type': 'application/x-protobuf',
    'content-encoding': 'gzip',
    'user-agent': 'OTel-Exporter/1',
  };
  const headers = { ...exporter(), 'x-api-key': proxy.secret, ...said };
  await fetch(`${proxy.origin}/api/2.0/otel/v1/traces`, { method: 'POST', body, headers });
  const [request, whole] = await arrived;
  expect(whole?.equals(body)).toBe(true);
  expect(request.headers).toMatchObject(said);
  for (const secret of [proxy.secret, proxy.telemetrySecret])
    expect(JSON.stringify(request.headers)).not.toContain(secret);
});

test('a token that is refused is renewed once', async () => {
  const sent: (string | undefined)[] = [];
  token.mockImplementation(async ({ refused }: { readonly refused?: string | undefined } = {}) => ({
    value: refused === 'old' ? 'new' : 'old',
    expiresAt: undefined,
  }));
  serve = (request, response) => {
    sent.push(request.headers.authorization);
    response.writeHead(request.headers.authorization === 'Bearer new' ? 200 : 401).end();
  };
  expect(await send('/api/2.0/otel/v1/logs', exporter())).toBe(200);
  await vi.waitFor(() => expect(sent).toHaveLength(2), PATIENCE);
  await proxy.close();
  expect(sent).toEqual(['Bearer old', 'Bearer new']);
  expect(proxy.telemetryProblem).toBeUndefined();
});

test.each([
  [
    'a table that is gone',
    (response: ServerResponse) => response.writeHead(404).end('{"message":"There is no table."}'),
    'There is no table.',
  ],
  [
    'a token that stays refused',
    (response: ServerResponse) => response.writeHead(401).end('{}'),
    'The gateway answered 401 for main.team.ada_otel_logs.',
  ],
  ['a gateway that hangs up', (response: ServerResponse) => response.destroy(), /socket hang up|ECONNRESET/],
])('%s is no concern of the exporter, and is kept for the launcher', async (_, answer, problem) => {
  serve = (__, response) => void answer(response);
  expect(await send('/api/2.0/otel/v1/logs', exporter())).toBe(200);
  await vi.waitFor(() => expect(proxy.telemetryProblem).toMatch(problem), PATIENCE);
});

test('a gateway that says nothing does not keep the launcher from ending', { timeout: 30_000 }, async () => {
  const arrived = new Promise<void>((resolve) => (serve = () => resolve()));
  expect(await send('/api/2.0/otel/v1/logs', exporter())).toBe(200);
  await arrived;
  await proxy.close();
  expect(proxy.telemetryProblem).toBe('The gateway did not take it in time.');
});
