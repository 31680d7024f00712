import { createHash, randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { encodeStrictly } from './signature.ts';
import { element, escapeXml, listOf, unescapeXml } from './xml.ts';

export interface StoredObject {
  readonly bytes: Buffer;
  readonly modifiedAt: number;
  /** With its quotes. */
  readonly etag: string;
  /** Headers `x-amz-meta-…` by lower-case name. */
  readonly metadata: Readonly<Record<string, string>>;
}

export type S3Operation =
  | 'GetObject'
  | 'HeadObject'
  | 'PutObject'
  | 'DeleteObject'
  | 'DeleteObjects'
  | 'ListObjectsV2'
  | 'CreateMultipartUpload'
  | 'UploadPart'
  | 'CompleteMultipartUpload'
  | 'AbortMultipartUpload';

/** A request as the bucket sees it: authenticated, body read. */
export interface BucketRequest {
  readonly operation: S3Operation;
  readonly key: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** Acts as a store that does not know `If-None-Match`. */
  readonly ignoreCondition: boolean;
}

export interface BucketAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

interface Upload {
  readonly key: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly parts: Map<number, { bytes: Buffer; etag: string }>;
}

const SMALLEST_PART = 5 * 1024 * 1024;

/** One bucket in memory. Every operation is one synchronous step, hence atomic. */
export class Bucket {
  readonly objects = new Map<string, StoredObject>();
  readonly uploads = new Map<string, Upload>();
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
  }

  handle(request: BucketRequest): BucketAnswer {
    switch (request.operation) {
      case 'GetObject':
      case 'HeadObject':
        return this.#get(request);
      case 'PutObject':
        return this.#put(request);
      case 'DeleteObject':
        this.objects.delete(request.key);
        return { status: 204 };
      case 'DeleteObjects':
        return this.#deleteMany(request);
      case 'ListObjectsV2':
        return this.#list(request);
      case 'CreateMultipartUpload':
        return this.#createUpload(request);
      case 'UploadPart':
        return this.#uploadPart(request);
      case 'CompleteMultipartUpload':
        return this.#completeUpload(request);
      case 'AbortMultipartUpload':
        return this.uploads.delete(request.query.get('uploadId') ?? '')
          ? { status: 204 }
          : s3Error(404, 'NoSuchUpload');
    }
  }

  #get({ key, headers }: BucketRequest): BucketAnswer {
    const object = this.objects.get(key);
    if (!object) return s3Error(404, 'NoSuchKey');
    const { bytes, etag, metadata, modifiedAt } = object;
    const common = { etag, 'last-modified': new Date(modifiedAt).toUTCString(), 'accept-ranges': 'bytes', ...metadata };
    if (headers.range === undefined) return { status: 200, headers: common, body: bytes };
    const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(headers.range) ?? [];
    const start = first === '' ? Math.max(0, bytes.length - Number(last)) : Number(first);
    const end = first === '' || last === '' ? bytes.length : Math.min(Number(last) + 1, bytes.length);
    if (start >= bytes.length || start >= end) return s3Error(416, 'InvalidRange');
    const range = { 'content-range': `bytes ${start}-${end - 1}/${bytes.length}` };
    return { status: 206, headers: { ...common, ...range }, body: bytes.subarray(start, end) };
  }

  #put({ key, headers, body, ignoreCondition }: BucketRequest): BucketAnswer {
    const condition = headers['if-none-match'];
    if (condition !== undefined && condition !== '*') return s3Error(501, 'NotImplemented');
    if (condition === '*' && !ignoreCondition && this.objects.has(key)) return s3Error(412, 'PreconditionFailed');
    const { etag } = this.#store(key, body, md5(body), metadataOf(headers));
    return { status: 200, headers: { etag } };
  }

  #deleteMany({ headers, body }: BucketRequest): BucketAnswer {
    const checked = Object.keys(headers).some((name) => name === 'content-md5' || name.startsWith('x-amz-checksum-'));
    if (!checked) return s3Error(400, 'InvalidRequest');
    const keys = listOf(body.toString(), 'Key').map(unescapeXml);
    if (keys.length > 1_000) return s3Error(400, 'MalformedXML');
    for (const key of keys) this.objects.delete(key);
    return xml('DeleteResult', '');
  }

  #list({ query }: BucketRequest): BucketAnswer {
    if (query.get('delimiter') !== null) return s3Error(501, 'NotImplemented');
    const prefix = query.get('prefix') ?? '';
    const after = query.get('continuation-token') ?? query.get('start-after') ?? '';
    const most = Math.min(Number(query.get('max-keys') ?? 1_000), 1_000);
    const encode = query.get('encoding-type') === 'url' ? urlEncode : escapeXml;
    const found = [...this.objects.keys()]
      .filter((key) => key.startsWith(prefix) && compare(key, after) > 0)
      .toSorted(compare);
    const page = found.slice(0, most);
    const contents = page.map((key) => {
      const { bytes, etag, modifiedAt } = this.objects.get(key)!;
      return element(
        'Contents',
        element('Key', encode(key)) +
          element('LastModified', new Date(modifiedAt).toISOString()) +
          element('ETag', escapeXml(etag)) +
          element('Size', String(bytes.length)),
      );
    });
    const truncated = found.length > page.length;
    return xml(
      'ListBucketResult',
      element('Name', this.#name) +
        element('Prefix', encode(prefix)) +
        element('KeyCount', String(page.length)) +
        element('MaxKeys', String(most)) +
        (query.get('encoding-type') === 'url' ? element('EncodingType', 'url') : '') +
        element('IsTruncated', String(truncated)) +
        (truncated ? element('NextContinuationToken', escapeXml(page.at(-1) ?? '')) : '') +
        contents.join(''),
    );
  }

  #createUpload({ key, headers }: BucketRequest): BucketAnswer {
    const id = randomUUID();
    this.uploads.set(id, { key, metadata: metadataOf(headers), parts: new Map() });
    return xml('InitiateMultipartUploadResult', element('Key', escapeXml(key)) + element('UploadId', id));
  }

  #uploadPart({ key, query, body }: BucketRequest): BucketAnswer {
    const upload = this.uploads.get(query.get('uploadId') ?? '');
    const number = Number(query.get('partNumber'));
    if (upload?.key !== key) return s3Error(404, 'NoSuchUpload');
    if (!(number >= 1 && number <= 10_000)) return s3Error(400, 'InvalidArgument');
    const etag = `"${md5(body)}"`;
    upload.parts.set(number, { bytes: body, etag });
    return { status: 200, headers: { etag } };
  }

  #completeUpload({ key, query, body }: BucketRequest): BucketAnswer {
    const id = query.get('uploadId') ?? '';
    const upload = this.uploads.get(id);
    if (upload?.key !== key) return s3Error(404, 'NoSuchUpload');
    const numbers = listOf(body.toString(), 'PartNumber').map(Number);
    const etags = listOf(body.toString(), 'ETag').map(unescapeXml);
    const parts = numbers.map((number) => upload.parts.get(number));
    if (numbers.length === 0) return s3Error(400, 'MalformedXML');
    if (!parts.every((part, index) => part !== undefined && part.etag === etags[index]))
      return s3Error(400, 'InvalidPart');
    if (numbers.some((number, index) => index > 0 && number <= numbers[index - 1]!))
      return s3Error(400, 'InvalidPartOrder');
    const bytes = parts.map((part) => part!.bytes);
    if (bytes.slice(0, -1).some((part) => part.length < SMALLEST_PART)) return s3Error(400, 'EntityTooSmall');
    const whole = Buffer.concat(bytes);
    const { etag } = this.#store(key, whole, `${md5(whole)}-${parts.length}`, upload.metadata);
    this.uploads.delete(id);
    return xml('CompleteMultipartUploadResult', element('Key', escapeXml(key)) + element('ETag', escapeXml(etag)));
  }

  #store(key: string, bytes: Buffer, hash: string, metadata: Readonly<Record<string, string>>): StoredObject {
    const object = { bytes, modifiedAt: Date.now(), etag: `"${hash}"`, metadata };
    this.objects.set(key, object);
    return object;
  }
}

/** An answer with S3's error document. */
export function s3Error(status: number, code: string, message = code): BucketAnswer {
  const inner = element('Code', code) + element('Message', escapeXml(message)) + element('RequestId', 'DOUBLE');
  return { ...xml('Error', inner), status };
}

function xml(name: string, inner: string): BucketAnswer {
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n${element(name, inner)}`;
  return { status: 200, headers: { 'content-type': 'application/xml' }, body };
}

function metadataOf(headers: IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (name.startsWith('x-amz-meta-') ? [[name, String(value)]] : [])),
  );
}

/** As Amazon does it: spaces become `+`, slashes stay. */
function urlEncode(key: string): string {
  return encodeStrictly(key).replaceAll('%20', '+').replaceAll('%2F', '/');
}

function compare(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function md5(bytes: Buffer): string {
  return createHash('md5').update(bytes).digest('hex');
}
