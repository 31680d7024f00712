import type { IncomingMessage } from 'node:http';
import { brotliDecompressSync, gunzipSync, inflateSync, zstdDecompressSync } from 'node:zlib';
import { isRecord } from './json-view.ts';

const DECODERS: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
  gzip: gunzipSync,
  'x-gzip': gunzipSync,
  deflate: inflateSync,
  br: brotliDecompressSync,
  zstd: zstdDecompressSync,
};

/** All bytes of a request body. */
export async function readBytes(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** The body as a JSON object, its `content-encoding` undone; `undefined` when it is none. */
export function parseJsonObject(bytes: Buffer, encoding: string | undefined): Record<string, unknown> | undefined {
  try {
    const names = (encoding ?? '').split(',').map((name) => name.trim().toLowerCase());
    const decoded = names.toReversed().reduce((body, name) => DECODERS[name]?.(body) ?? body, bytes);
    const value: unknown = JSON.parse(decoded.toString('utf8'));
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
