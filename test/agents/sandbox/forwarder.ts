import { createServer, connect, type Server, type Socket } from 'node:net';

/** One HTTP request seen on its way to the gateway, as far as its request line tells. */
export interface SeenRequest {
  method: string;
  path: string;
}

export interface Forwarder {
  /** Port it listens on; 0 for a unix socket. */
  readonly port: number;
  /** Every request that passed, in order, refused ones included. */
  readonly requests: readonly SeenRequest[];
  close(): void;
}

const REQUEST_LINE = /^([A-Z]+) (\/[^ ]*) HTTP\/1\.1\r\n/;

/**
 * Passes bytes between `listenOn` (a unix socket path, or 0 for a free loopback port) and the gateway's
 * port, unchanged, and notes the request lines. `onRequest` is told about each.
 */
export async function startForwarder(
  listenOn: string | 0,
  gatewayPort: number,
  onRequest: (request: SeenRequest) => void = () => {},
): Promise<Forwarder> {
  const requests: SeenRequest[] = [];
  const open = new Set<Socket>();
  const server: Server = createServer((client) => {
    open.add(client);
    client.once('close', () => open.delete(client));
    client.on('data', (chunk) => {
      // A request head starts a chunk: agents do not pipeline, so nothing else precedes it.
      const line = REQUEST_LINE.exec(chunk.subarray(0, 2048).toString('latin1'));
      if (!line) return;
      const request = { method: line[1] ?? '', path: line[2] ?? '' };
      requests.push(request);
      onRequest(request);
    });
    join(client, connect(gatewayPort, '127.0.0.1'));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    if (listenOn === 0) server.listen(0, '127.0.0.1', resolve);
    else server.listen(listenOn, resolve);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    requests,
    close() {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}

/** Pipes both ways; when one side is gone, so is the other. */
export function join(a: Socket, b: Socket): void {
  for (const [from, to] of [
    [a, b],
    [b, a],
  ] as const) {
    from.pipe(to);
    from.on('error', () => to.destroy());
    from.on('close', () => to.destroy());
  }
}
