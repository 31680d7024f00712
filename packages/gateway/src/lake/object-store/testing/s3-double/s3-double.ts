import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Bucket, s3Error, type BucketAnswer, type S3Operation, type StoredObject } from './bucket.ts';
import { signatureError } from './signature.ts';

/**
 * How the double misbehaves on one request:
 * - `answer`: with this status and code; not applied.
 * - `apply-then-answer`: applied, then this status and code.
 * - `apply-then-die`: applied, then the connection dies without an answer.
 * - `die`: the connection dies; not applied.
 * - `die-then-apply`: the connection dies, the request is applied later.
 * - `hang`: never answered, not applied.
 * - `slow-body`: the answer's body in pieces with pauses.
 * - `cut-body`: the connection dies within the answer's body.
 * - `ignore-condition`: `If-None-Match` counts for nothing.
 * - `lose-metadata`: `x-amz-meta-` headers count for nothing.
 */
export type S3Fault =
  | {
      readonly kind: 'answer' | 'apply-then-answer';
      readonly status: number;
      readonly code: string;
      readonly message?: string;
    }
  | { readonly kind: 'apply-then-die' | 'die' | 'hang' | 'ignore-condition' | 'lose-metadata' }
  | { readonly kind: 'die-then-apply'; readonly delayMs: number }
  | { readonly kind: 'slow-body'; readonly pieces: number; readonly pauseMs: number }
  | { readonly kind: 'cut-body'; readonly afterBytes: number };

/** A request as faults and tests see it. */
export interface S3DoubleRequest {
  readonly operation: S3Operation;
  readonly method: string;
  /** Empty for requests on the bucket. */
  readonly key: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<IncomingMessage['headers']>;
}

export interface S3DoubleOptions {
  readonly bucket?: string;
  readonly sessionToken?: string;
  /** Asked for every authenticated request. */
  readonly fault?: (request: S3DoubleRequest) => S3Fault | undefined;
}

/** A running double. */
export interface S3Double {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly bucket: string;
  /** What is stored, by key. */
  readonly objects: Map<string, StoredObject>;
  /** Ids of multipart uploads that are neither completed nor aborted. */
  readonly uploads: ReadonlyMap<string, unknown>;
  /** All requests with a right signature, in order. */
  readonly requests: S3DoubleRequest[];
  /** Another function than that of the options; `undefined`: no faults. */
  setFault(fault: S3DoubleOptions['fault']): void;
  close(): Promise<void>;
}

/**
 * An S3 store for tests, on loopback, in memory: signatures are checked, PUT has `If-None-Match: *`, and any
 * request can be made to fail. The bucket may be in the path or in the host name.
 */
export async function startS3Double(options: S3DoubleOptions = {}): Promise<S3Double> {
  const name = options.bucket ?? 'lake-bucket';
  const key = {
    accessKeyId: `AKIA${randomUUID().replaceAll('-', '').slice(0, 16).toUpperCase()}`,
    secretAccessKey: `secret/${randomUUID()}`,
    sessionToken: options.sessionToken,
  };
  const bucket = new Bucket(name);
  const requests: S3DoubleRequest[] = [];
  let fault = options.fault;

  const server = createServer((incoming, outgoing) => {
    serve(incoming, outgoing).catch(() => incoming.destroy());
  });

  async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const { method = '', url: target = '', headers } = incoming;
    const address = addressOf(target, headers.host ?? '', name);
    const denied = signatureError({ method, target, headers, body }, key);
    if (denied !== undefined) return reply(outgoing, method, s3Error(denied === 'NotImplemented' ? 501 : 403, denied));
    if (address.bucket !== name) return reply(outgoing, method, s3Error(404, 'NoSuchBucket'));
    const operation = operationOf(method, address.key, address.query);
    if (operation === undefined) return reply(outgoing, method, s3Error(405, 'MethodNotAllowed'));
    const request = { operation, method, key: address.key, query: address.query, headers };
    requests.push(request);
    const chosen = fault?.(request);
    const apply = (): BucketAnswer =>
      bucket.handle({
        ...request,
        body,
        headers: chosen?.kind === 'lose-metadata' ? withoutMetadata(headers) : headers,
        ignoreCondition: chosen?.kind === 'ignore-condition',
      });
    return misbehave(chosen, apply, outgoing, method);
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    accessKeyId: key.accessKeyId,
    secretAccessKey: key.secretAccessKey,
    bucket: name,
    objects: bucket.objects,
    uploads: bucket.uploads,
    requests,
    setFault: (other) => (fault = other),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function misbehave(
  fault: S3Fault | undefined,
  apply: () => BucketAnswer,
  outgoing: ServerResponse,
  method: string,
): Promise<void> {
  switch (fault?.kind) {
    case 'answer':
      return reply(outgoing, method, s3Error(fault.status, fault.code, fault.message));
    case 'apply-then-answer':
      apply();
      return reply(outgoing, method, s3Error(fault.status, fault.code, fault.message));
    case 'apply-then-die':
      apply();
      outgoing.destroy();
      return;
    case 'die':
      outgoing.destroy();
      return;
    case 'die-then-apply':
      outgoing.destroy();
      await sleep(fault.delayMs);
      apply();
      return;
    case 'hang':
      return;
    case 'slow-body':
      return replySlowly(outgoing, apply(), fault.pieces, fault.pauseMs);
    case 'cut-body': {
      const answer = apply();
      outgoing.writeHead(answer.status, headersOf(answer));
      outgoing.write(Buffer.from(answer.body ?? '').subarray(0, fault.afterBytes), () => outgoing.destroy());
      return;
    }
    default:
      return reply(outgoing, method, apply());
  }
}

function reply(outgoing: ServerResponse, method: string, answer: BucketAnswer): void {
  outgoing.writeHead(answer.status, headersOf(answer));
  outgoing.end(method === 'HEAD' || answer.status === 204 ? undefined : answer.body);
}

async function replySlowly(
  outgoing: ServerResponse,
  answer: BucketAnswer,
  pieces: number,
  pauseMs: number,
): Promise<void> {
  const body = Buffer.from(answer.body ?? '');
  const size = Math.max(1, Math.ceil(body.length / pieces));
  outgoing.writeHead(answer.status, headersOf(answer));
  outgoing.flushHeaders();
  for (let start = 0; start < body.length; start += size) {
    await sleep(pauseMs);
    outgoing.write(body.subarray(start, start + size));
  }
  outgoing.end();
}

function headersOf({ status, headers, body }: BucketAnswer): Record<string, string> {
  const length = status === 204 ? {} : { 'content-length': String(Buffer.byteLength(body ?? '')) };
  return { 'x-amz-request-id': 'DOUBLE', ...length, ...headers };
}

function withoutMetadata(headers: IncomingMessage['headers']): IncomingMessage['headers'] {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith('x-amz-meta-')));
}

function addressOf(
  target: string,
  host: string,
  name: string,
): { bucket: string; key: string; query: URLSearchParams } {
  const [path = '', query = ''] = target.split('?');
  const parts = path.slice(1).split('/').map(decodeURIComponent);
  const bucket = host.startsWith(`${name}.`) ? name : (parts.shift() ?? '');
  return { bucket, key: parts.join('/'), query: new URLSearchParams(query) };
}

function operationOf(method: string, key: string, query: URLSearchParams): S3Operation | undefined {
  const upload = query.has('uploadId');
  switch (method) {
    case 'GET':
      return key === '' ? (query.get('list-type') === '2' ? 'ListObjectsV2' : undefined) : 'GetObject';
    case 'HEAD':
      return key === '' ? undefined : 'HeadObject';
    case 'PUT':
      return key === '' ? undefined : upload ? 'UploadPart' : 'PutObject';
    case 'DELETE':
      return key === '' ? undefined : upload ? 'AbortMultipartUpload' : 'DeleteObject';
    case 'POST':
      if (key === '') return query.has('delete') ? 'DeleteObjects' : undefined;
      return upload ? 'CompleteMultipartUpload' : query.has('uploads') ? 'CreateMultipartUpload' : undefined;
    default:
      return undefined;
  }
}
