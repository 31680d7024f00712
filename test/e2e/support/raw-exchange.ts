import { connect } from 'node:net';

export interface RawExchange {
  /** All bytes the server sent until it closed or the wait was over. */
  readonly text: string;
  /** Status of the first answer, 0 when there was none. */
  readonly status: number;
  /** Whether the server closed the connection. */
  readonly closed: boolean;
}

/**
 * Writes bytes to a socket as they are, for what an HTTP client would refuse to send. Ends when the
 * server closes or, where it keeps the connection, `waitMs` after the last byte.
 */
export function rawExchange(url: string, bytes: string | Buffer, waitMs = 1_500): Promise<RawExchange> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    const done = (closed: boolean): void => {
      const text = Buffer.concat(chunks).toString('latin1');
      socket.destroy();
      resolve({ text, status: Number(/^HTTP\/1\.[01] (\d{3})/.exec(text)?.[1] ?? 0), closed });
    };
    socket.setTimeout(waitMs, () => done(false));
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('error', () => {});
    socket.on('close', () => done(true));
  });
}
