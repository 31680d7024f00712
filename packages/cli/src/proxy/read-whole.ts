import type { IncomingMessage } from 'node:http';

/** The whole body; `undefined` where it is longer than `maxBytes`. Rejects where it breaks off. */
export function readWhole(request: IncomingMessage, maxBytes: number): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > maxBytes) {
        request.removeAllListeners('data');
        request.resume();
        return resolve(undefined);
      }
      chunks.push(chunk);
    });
    request.once('end', () => resolve(Buffer.concat(chunks, length)));
    request.once('error', reject);
    request.once('close', () => reject(new Error('The agent left before its request was whole.')));
  });
}
