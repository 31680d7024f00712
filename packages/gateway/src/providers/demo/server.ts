import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { EmbeddedServer } from '../provider.ts';
import { answer } from './answer.ts';
import { isClientLeaving } from './misbehave.ts';
import { readBytes } from './read-body.ts';
import { RequestLog } from './request-log.ts';
import { DirectiveCounter } from './scenario.ts';

/** Longer than any client keeps an idle connection, so that it is never the demo that closes it first. */
const KEEP_ALIVE_MS = 300_000;

export interface DemoServerOptions {
  /** Default: a free port. */
  readonly port?: number;
  /** Default: loopback. */
  readonly host?: string;
  /** Whether `/__demo/requests` shows credentials as `***`. Default: it shows them, for tests. */
  readonly maskCredentials?: boolean;
}

/**
 * Starts the demo: a provider that speaks all dialects, gives the same answer to the same request, and
 * misbehaves on demand (`scenario.ts`). `GET /__demo/requests` tells what it has seen, `DELETE` forgets it.
 */
export async function startDemoServer(options: DemoServerOptions = {}): Promise<EmbeddedServer> {
  const log = new RequestLog(options.maskCredentials ?? false);
  const counter = new DirectiveCounter();
  const server = createServer((request, response) => void serve(request, response, log, counter));
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.listen(options.port ?? 0, options.host ?? '127.0.0.1');
  await once(server, 'listening');
  const { address, family, port } = server.address() as AddressInfo;
  return {
    baseUrl: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`,
    async close() {
      const done = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await done;
    },
  };
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  log: RequestLog,
  counter: DirectiveCounter,
): Promise<void> {
  const leaving = new AbortController();
  response.on('close', () => leaving.abort());
  response.on('error', () => leaving.abort());
  try {
    const body = await readBytes(request);
    await answer({ request, response, body, log, counter, leave: leaving.signal });
  } catch (error) {
    if (isClientLeaving(error) || response.destroyed) return;
    if (response.headersSent) response.destroy();
    else response.writeHead(500, { 'content-type': 'text/plain' }).end(`demo: ${String(error)}\n`);
  }
}
