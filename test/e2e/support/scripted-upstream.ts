import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request as the provider saw it. */
export interface Received {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** True once the gateway closed the connection before the answer was complete. */
  aborted: boolean;
}

/** What the provider does with a request. `number` counts the requests of this upstream from 1. */
export type Script = (received: Received, response: ServerResponse, number: number) => void | Promise<void>;

/** A provider that does exactly what the test says and remembers what it received. */
export interface ScriptedUpstream {
  readonly url: string;
  readonly requests: Received[];
  /** Replaces the script and forgets the requests so far. */
  play(script: Script): void;
  close(): Promise<void>;
}

/** Starts a scripted provider on a free loopback port. */
export async function startScriptedUpstream(script: Script = () => {}): Promise<ScriptedUpstream> {
  let current = script;
  const requests: Received[] = [];
  const server = createServer((request, response) => {
    void receive(request).then((received) => {
      requests.push(received);
      response.on('close', () => (received.aborted = !response.writableFinished));
      response.on('error', () => {});
      return current(received, response, requests.length);
    }, ignore);
  });
  server.on('clientError', (_error, socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    play: (next) => {
      current = next;
      requests.length = 0;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function receive(request: IncomingMessage): Promise<Received> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return {
    method: request.method ?? '',
    url: request.url ?? '',
    headers: request.headers,
    body: Buffer.concat(chunks),
    aborted: false,
  };
}

function ignore(): void {
  // The gateway left while its request was still arriving: there is nothing to answer.
}
