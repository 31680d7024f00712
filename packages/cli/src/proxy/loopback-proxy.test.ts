import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Transport } from '../platform/transport.ts';
import { LoopbackProxy } from './loopback-proxy.ts';
import { readWhole } from './read-whole.ts';

let gateway: Server;
let workspaceUrl: string;
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
const token = vi.fn(async ({ refused }: { readonly refused?: string | undefined } = {}) => ({
  value: refused === 'old' ? 'new' : 'old',
  expiresAt: undefined,
}));

beforeEach(async () => {
  token.mockClear();
  gateway = createServer((request, response) => serve(request, response));
  await new Promise<void>((resolve) => gateway.listen(0, '127.0.0.1', resolve));
  workspaceUrl = `http://127.0.0.1:${(gateway.address() as AddressInfo).port}`;
  proxy = await LoopbackProxy.start({ workspaceUrl, tokens: { token }, transport });
});
afterEach(async () => {
  await proxy.close();
  gateway.closeAllConnections();
  await new Promise((resolve) => gateway.close(resolve));
});

function call(init: RequestInit & { path?: string } = {}) {
  const { path = '/ai-gateway/gemini/v1beta/models/m:generateContent', ...rest } = init;
  return fetch(proxy.origin + path, {
    method: 'POST',
    body: '{}',
    headers: { 'x-goog-api-key': proxy.secret },
    ...rest,
  });
}

test.each([
  ['x-api-key', (secret: string) => secret],
  ['x-goog-api-key', (secret: string) => secret],
  ['authorization', (secret: string) => `Bearer ${secret}`],
])('the secret in %s becomes the token, and goes no further', async (name, value) => {
  let seen: IncomingMessage | undefined;
  serve = async (request, response) => {
    seen = request;
    response.end(await readWhole(request, 1_000));
  };
  const body = '{"a":"ä"}';
  const answer = await call({
    body,
    headers: { [name]: value(proxy.secret), 'x-extra': '1' },
    path: '/p/a%2Fb?alt=sse',
  });
  expect(await answer.text()).toBe(body);
  expect(seen?.url).toBe('/p/a%2Fb?alt=sse');
  expect(seen?.headers).toMatchObject({ authorization: 'Bearer old', 'x-extra': '1' });
  expect(JSON.stringify(seen?.headers)).not.toContain(proxy.secret);
  expect(seen?.headers['x-api-key']).toBeUndefined();
});

test.each([{}, { 'x-api-key': 'guess' }, { authorization: 'Bearer ' }])(
  '%j is refused before anything goes out',
  async (headers) => {
    serve = () => expect.unreachable();
    const answer = await call({ headers });
    expect(answer.status).toBe(401);
    expect(token).not.toHaveBeenCalled();
  },
);

test('a token that is refused is renewed once, and the request is sent again whole', async () => {
  const seen: string[] = [];
  serve = async (request, response) => {
    const body = await readWhole(request, 1_000);
    seen.push(`${request.headers.authorization} ${body?.toString()}`);
    response.writeHead(request.headers.authorization === 'Bearer new' ? 200 : 401).end('answer');
  };
  expect((await call()).status).toBe(200);
  expect(seen).toEqual(['Bearer old {}', 'Bearer new {}']);
});

test('a token that stays refused is told, not tried for ever', async () => {
  let count = 0;
  serve = (_, response) => {
    count += 1;
    response.writeHead(401).end('no');
  };
  const answer = await call();
  expect([answer.status, await answer.text(), count]).toEqual([401, 'no', 2]);
});

test('a stream comes as it is sent', async () => {
  let finish = (): void => {};
  serve = (_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('data: 1\n\n');
    finish = () => response.end('data: 2\n\n');
  };
  const reader = (await call()).body?.getReader();
  expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('data: 1\n\n');
  finish();
  expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('data: 2\n\n');
});

test('an agent that leaves takes its request with it', async () => {
  const gone = new Promise<void>((resolve) => {
    serve = (_, response) => {
      response.once('close', resolve);
      response.writeHead(200).write('x');
    };
  });
  const request = http.request(proxy.origin, { method: 'POST', headers: { 'x-api-key': proxy.secret } });
  request.on('error', () => {});
  request.on('response', () => request.destroy());
  request.end('{}');
  await gone;
});

test('a gateway that dies in the middle breaks the answer off', async () => {
  serve = (_, response) => {
    response.writeHead(200).write('x');
    setImmediate(() => response.destroy());
  };
  await expect(call().then((answer) => answer.text())).rejects.toThrow();
});

test('a gateway that is away is told in words, in every dialect', async () => {
  await new Promise((resolve) => gateway.close(resolve));
  const answer = await call();
  expect(answer.status).toBe(502);
  expect(await answer.json()).toMatchObject({
    error_code: 'BAD_GATEWAY',
    error: { message: expect.stringContaining('ECONNREFUSED') },
  });
});
