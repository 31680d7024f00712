import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { constants, createGzip } from 'node:zlib';

/** Where an answer's pieces go. Every promise settles once the piece has been handed on. */
export interface Sink {
  write(piece: string): Promise<void>;
  end(): Promise<void>;
  /** Breaks the connection off after what was written has gone out. */
  destroy(): Promise<void>;
}

/** The client has left. */
export class ClientLeft extends Error {
  override readonly name = 'ClientLeft';
}

/** Pieces as they are, each its own chunk on the wire. */
export function plainSink(response: ServerResponse): Sink {
  return {
    write: (piece) => writeOut(response, piece),
    end: () => endOut(response),
    destroy: async () => breakOff(response),
  };
}

/** Every byte its own write, so that multi-byte characters and events arrive torn. */
export function byteSink(response: ServerResponse): Sink {
  return {
    ...plainSink(response),
    async write(piece) {
      for (const byte of Buffer.from(piece)) {
        await writeOut(response, Buffer.of(byte));
        await nextTurn();
      }
    },
  };
}

/** Pieces gzipped and flushed one by one. The caller sets `content-encoding`. */
export function gzipSink(response: ServerResponse): Sink {
  const gzip = createGzip({ flush: constants.Z_SYNC_FLUSH });
  gzip.on('error', () => breakOff(response));
  gzip.pipe(response);
  return {
    write: (piece) =>
      new Promise((resolve, reject) => gzip.write(piece, (error) => (error ? reject(error) : resolve()))),
    async end() {
      gzip.end();
      if (!response.writableFinished && !response.destroyed)
        await Promise.race([once(response, 'finish'), closed(response)]);
    },
    destroy: async () => breakOff(response),
  };
}

const brokenOff = new WeakSet<ServerResponse>();

/** Whether it was the demo that broke this answer off. */
export function wasBrokenOff(response: ServerResponse): boolean {
  return brokenOff.has(response);
}

function breakOff(response: ServerResponse): void {
  brokenOff.add(response);
  response.destroy();
}

/** Resolves when the connection of this response is gone. */
export async function closed(response: ServerResponse): Promise<void> {
  if (!response.destroyed) await once(response, 'close');
}

// Waits until the operating system has the bytes: the next piece is then a write of its own.
function writeOut(response: ServerResponse, bytes: string | Buffer): Promise<void> {
  if (response.destroyed) return Promise.reject(new ClientLeft());
  return new Promise((resolve, reject) => {
    const onClose = (): void => reject(new ClientLeft());
    response.once('close', onClose);
    response.write(bytes, (error) => {
      response.off('close', onClose);
      if (error) reject(new ClientLeft());
      else resolve();
    });
  });
}

async function endOut(response: ServerResponse): Promise<void> {
  response.end();
  if (!response.writableFinished && !response.destroyed)
    await Promise.race([once(response, 'finish'), closed(response)]);
}
