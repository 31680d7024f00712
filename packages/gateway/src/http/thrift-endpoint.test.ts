import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { toGatewayError } from '../errors/gateway-error.ts';
import { numbers, ScriptedEngine } from '../sql/testing/scripted-engine.ts';
import { readMessage } from '../sql/thrift/read-message.ts';
import { ThriftService } from '../sql/thrift/thrift-service.ts';
import { MessageKind } from '../sql/thrift/thrift-type.ts';
import { i64, struct, writeMessage } from '../sql/thrift/write-message.ts';
import type { EndpointRoute } from './endpoint-route.ts';
import { RouteTable } from './route-table.ts';
import { thriftEndpoint } from './thrift-endpoint.ts';

let server: Server;
let origin: string;

beforeEach(async () => {
  const routes = new RouteTable<EndpointRoute>(
    thriftEndpoint(new ThriftService({ engine: new ScriptedEngine(() => numbers(1)) })),
  );
  server = createServer((request, response) => {
    const match = routes.match('POST', request.url ?? '');
    if (!match || !('route' in match)) return void response.writeHead(418).end();
    const { route, params } = match;
    const principal = {
      id: '1',
      userName: 'ada',
      type: 'USER',
      groups: [],
      active: true,
      authMode: 'PAT',
      scopes: new Set(['all-apis']),
      tokenId: 't',
    } as const;
    const exchange = { request, response, params, requestId: 'r1', sourceIp: undefined };
    route
      .serve({ ...exchange, principal })
      .catch((cause: unknown) => route.answerError(toGatewayError(cause, 'r1'), exchange));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  server.close();
  server.closeAllConnections();
});

const openSession = writeMessage(
  { name: 'OpenSession', kind: MessageKind.CALL, sequenceId: 1, strict: true },
  struct({ 1: struct({ 1282: i64(42_247) }) }),
);

function post(path: string, body: Uint8Array, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(origin + path, {
    method: 'POST',
    headers: { 'content-type': 'application/x-thrift', ...headers },
    body: new Uint8Array(body),
  });
}

test.each(['/sql/1.0/warehouses/default', '/sql/1.0/endpoints/default'])('%s answers a call', async (path) => {
  const response = await post(path, openSession);
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/x-thrift']);
  expect(
    readMessage(Buffer.from(await response.arrayBuffer()))
      .args.struct(0)!
      .number(2),
  ).toBe(42_247);
});

test('a zipped body is unzipped, up to a bound', async () => {
  const path = '/sql/1.0/warehouses/default';
  const zipped = { 'content-encoding': 'gzip' };
  expect((await post(path, gzipSync(openSession), zipped)).status).toBe(200);
  expect((await post(path, openSession, zipped)).status).toBe(400);
  expect((await post(path, gzipSync(Buffer.alloc(17 * 1024 * 1024)), zipped)).status).toBe(413);
});

test.each([
  ['another warehouse', '/sql/1.0/warehouses/other', openSession, {}, 404, /'other' does not exist/],
  ['a broken message', '/sql/1.0/warehouses/default', Buffer.from('GET'), {}, 400, /ends where/],
  ['another type', '/sql/1.0/warehouses/default', openSession, { 'content-type': 'text/plain' }, 400, /x-thrift/],
  ['another coding', '/sql/1.0/warehouses/default', openSession, { 'content-encoding': 'br' }, 415, /br/],
] as const)('%s is refused in the headers that drivers read', async (_, path, body, headers, status, message) => {
  const response = await post(path, body, headers);
  expect(response.status).toBe(status);
  expect(response.headers.get('x-thriftserver-error-message')).toMatch(message);
  expect(response.headers.get('x-databricks-error-or-redirect-message')).toMatch(message);
  expect(response.headers.get('x-databricks-reason-phrase')).toMatch(/^[A-Z_]+$/);
});
