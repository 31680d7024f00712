import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { guardedFetch } from './guarded-fetch.ts';

let server: Server;
let origin: string;
let asked: string[];
beforeEach(async () => {
  asked = [];
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    if (request.url === '/redirect') return response.writeHead(302, { location: '/elsewhere' }).end();
    if (request.url === '/endless') return void response.end(Buffer.alloc(3 * 1024 * 1024));
    response.end('hello');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const allowing = guardedFetch({ allowedPrivateNetworks: ['127.0.0.0/8', '::1'] });
const strict = guardedFetch({ allowedPrivateNetworks: [] });

test('reaches addresses that are allowed', async () => {
  const response = await allowing(`${origin}/x`, {});
  expect([response.status, await response.text()]).toEqual([200, 'hello']);
});

test.each(['127.0.0.1', 'localhost', '[::1]', '[::ffff:127.0.0.1]', '2130706433', '0x7f.1'])(
  'does not reach %s where it is not allowed',
  async (host) => {
    const error: unknown = await strict(`${origin.replace('127.0.0.1', host)}/x`, {}).catch(
      (reason: unknown) => reason,
    );
    const reasons = [error, (error as Error).cause].map((reason) => (reason as { code?: string } | undefined)?.code);
    expect(reasons).toContain('policy_address_refused');
    expect(asked).toEqual([]);
  },
);

test('follows no redirect', async () => {
  expect((await allowing(`${origin}/redirect`, {})).status).toBe(302);
  expect(asked).toEqual(['/redirect']);
});

test('gives up an answer that is too large', async () => {
  const response = await allowing(`${origin}/endless`, {});
  await expect(response.text()).rejects.toThrow();
});
