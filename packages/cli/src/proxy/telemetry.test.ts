import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Transport } from '../platform/transport.ts';
import { LoopbackProxy } from './loopback-proxy.ts';

let gateway: Server;
let serve: (request: IncomingMessage, response: ServerResponse) => void;
let proxy: LoopbackProxy;
const transport = new Transport({
  platform: 'linux',
  home: '/nowhere',
  variables: {},
  workingDirectory: '/',
  ucodeHome: '/nowhere',
  interactive: false,
});
const token = vi.fn(async () => ({ value: 'token', expiresAt: undefined }));

beforeEach(async () => {
  token.mockClear();
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
  let seen: IncomingMessage | undefined;
  serve = (request, response) => {
    seen = request;
    response.end();
  };
  expect(await send(`/api/2.0/otel/v1/${signal}`, exporter())).toBe(200);
  expect(seen?.headers).toMatchObject({ authorization: 'Bearer token', 'x-databricks-uc-table-name': table });
});

test('a table that the exporter names stays', async () => {
  let seen: IncomingMessage | undefined;
  serve = (request, response) => {
    seen = request;
    response.end();
  };
  await send('/api/2.0/otel/v1/logs', { ...exporter(), 'X-Databricks-UC-Table-Name': 'main.x.other' });
  expect(seen?.headers['x-databricks-uc-table-name']).toBe('main.x.other');
});

test("the agent's own secret opens telemetry too, and adds no table elsewhere", async () => {
  const tables: unknown[] = [];
  serve = (request, response) => {
    tables.push(request.headers['x-databricks-uc-table-name']);
    response.end();
  };
  const headers = { 'x-api-key': proxy.secret };
  expect(await send('/api/2.0/otel/v1/logs', headers)).toBe(200);
  expect(await send('/ai-gateway/anthropic/v1/messages', headers)).toBe(200);
  expect(tables).toEqual(['main.team.ada_otel_logs', undefined]);
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

test('telemetry for a gateway that does not answer is given up; a prompt is not', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    let finish = (): void => {};
    const arrived: (() => void)[] = [];
    const both = Promise.all([0, 1].map(() => new Promise<void>((resolve) => arrived.push(resolve))));
    serve = (request, response) => {
      if (request.url?.startsWith('/ai-gateway/')) finish = () => response.end();
      arrived.pop()?.();
    };
    const exported = send('/api/2.0/otel/v1/logs', exporter());
    const prompt = send('/ai-gateway/openai/v1/responses', { authorization: `Bearer ${proxy.secret}` });
    await both;
    vi.advanceTimersByTime(60_000);
    expect(await exported).toBe(504);
    finish();
    expect(await prompt).toBe(200);
  } finally {
    vi.useRealTimers();
  }
});
