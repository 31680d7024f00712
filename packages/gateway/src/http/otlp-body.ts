import type { IncomingMessage } from 'node:http';
import type { Readable, Transform } from 'node:stream';
import { createGunzip, createInflate } from 'node:zlib';
import { GatewayError } from '../errors/gateway-error.ts';
import type { OtlpEncoding } from '../otel/decode/decode-export.ts';
import type { ByteLease } from './byte-budget.ts';

/** How long a body may take altogether, as a multiple of the time its sender may be silent. */
const WHOLE_BODY_TIMES = 10;

export interface BodyLimits {
  /** Bytes, decompressed and as sent. */
  readonly maxBytes: number;
  /** Milliseconds the sender may be silent. */
  readonly timeoutMs: number;
}

/**
 * The encoding of an export request.
 * @throws GatewayError `caller_body_encoding` (415) where OTLP has no such content type.
 */
export function otlpEncoding(request: IncomingMessage): OtlpEncoding {
  const encoding = knownEncoding(request);
  if (encoding !== undefined) return encoding;
  const given = request.headers['content-type'];
  throw new GatewayError(
    'caller_body_encoding',
    `The content-type ${given === undefined ? 'is missing' : `'${given.slice(0, 80)}' is not accepted`}. Send application/x-protobuf or application/json.`,
  );
}

/** As `otlpEncoding`, but `undefined` for other content types. */
export function knownEncoding({ headers }: IncomingMessage): OtlpEncoding | undefined {
  // A header that came twice is joined with a comma.
  switch (headers['content-type']?.split(/[;,]/, 1)[0]!.trim().toLowerCase()) {
    case 'application/x-protobuf':
    case 'application/protobuf':
      return 'protobuf';
    case 'application/json':
      return 'json';
    default:
      return undefined;
  }
}

/**
 * Reads a body and decompresses it on the way, so that one that swells is cut off at the limit.
 * @param lease pays for the bytes that are kept.
 * @returns the body in a buffer of its own.
 * @throws GatewayError `caller_body_too_large`, `caller_body_encoding`, `caller_timeout`, `caller_disconnected`,
 *   `caller_otlp_invalid` where it cannot be decompressed.
 */
export async function readOtlpBody(
  request: IncomingMessage,
  { maxBytes, timeoutMs }: BodyLimits,
  lease: ByteLease,
): Promise<Uint8Array> {
  const decompressor = decompressorFor(request.headers['content-encoding']);
  if (Number(request.headers['content-length']) > maxBytes) throw tooLarge(maxBytes);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    let received = 0;
    let settled = false;
    const settle = (end: () => void): void => {
      if (settled) return;
      settled = true;
      clearTimeout(silence);
      clearTimeout(whole);
      end();
    };
    const fail = (error: unknown): void =>
      settle(() => {
        // What waits for the request's end holds on to them, and the lease no longer pays.
        chunks.length = 0;
        leaveRest(request, decompressor, timeoutMs);
        reject(error);
      });
    const late = (): void => fail(new GatewayError('caller_timeout', 'The request body did not arrive in time.'));
    const silence = setTimeout(late, timeoutMs);
    const whole = setTimeout(late, timeoutMs * WHOLE_BODY_TIMES);

    request.on('data', (chunk: Buffer) => {
      silence.refresh();
      received += chunk.length;
      if (received > maxBytes) fail(tooLarge(maxBytes));
    });
    request.on('error', () => fail(disconnected()));
    request.on('close', () => {
      if (!request.complete) fail(disconnected());
    });
    if (request.destroyed && !request.complete) return fail(disconnected());

    const source: Readable = decompressor ? request.pipe(decompressor) : request;
    source.on('data', (chunk: Buffer) => {
      if (settled) return;
      size += chunk.length;
      if (size > maxBytes) return fail(tooLarge(maxBytes));
      try {
        lease.take(chunk.length);
      } catch (error) {
        return fail(error);
      }
      chunks.push(chunk);
    });
    decompressor?.on('error', (error) =>
      fail(
        new GatewayError(
          'caller_otlp_invalid',
          `The body cannot be decompressed as its content-encoding says: ${error.message.slice(0, 100)}.`,
        ),
      ),
    );
    source.on('end', () => settle(() => resolve(joined(chunks, size))));
  });
}

function decompressorFor(encoding: string | undefined): Transform | undefined {
  switch (encoding?.trim().toLowerCase()) {
    case undefined:
    case '':
    case 'identity':
      return undefined;
    case 'gzip':
    case 'x-gzip':
      return createGunzip();
    case 'deflate':
      return createInflate();
    default:
      throw new GatewayError(
        'caller_body_encoding',
        `The content-encoding '${encoding!.slice(0, 40)}' is not accepted. Send gzip, deflate or nothing.`,
      );
  }
}

/** Lets the rest of a refused body pass, so that the answer reaches a sender who still sends, but not for ever. */
function leaveRest(request: IncomingMessage, decompressor: Transform | undefined, timeoutMs: number): void {
  if (decompressor) {
    request.unpipe(decompressor);
    decompressor.removeAllListeners('data');
    decompressor.on('error', () => {});
    decompressor.destroy();
  }
  request.removeAllListeners('data');
  if (request.complete || request.destroyed) return;
  request.resume();
  const timer = setTimeout(() => request.destroy(), timeoutMs).unref();
  request.once('close', () => clearTimeout(timer));
}

function joined(chunks: readonly Buffer[], size: number): Uint8Array {
  const body = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    body.set(chunk, at);
    at += chunk.length;
  }
  return body;
}

function tooLarge(maxBytes: number): GatewayError {
  return new GatewayError(
    'caller_body_too_large',
    `The request is larger than ${maxBytes} bytes. Send fewer records in one request.`,
  );
}

function disconnected(): GatewayError {
  return new GatewayError('caller_disconnected', 'The caller closed the connection while sending.');
}
