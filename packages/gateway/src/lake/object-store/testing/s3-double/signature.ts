import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

export interface SignedRequest {
  readonly method: string;
  /** Path and query as they came. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface SigningKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=(?<id>[^/]+)\/(?<date>\d{8})\/(?<region>[^/]+)\/s3\/aws4_request, ?SignedHeaders=(?<headers>[^,]+), ?Signature=(?<signature>[0-9a-f]{64})$/;
const LONGEST_SKEW_MS = 15 * 60_000;

/**
 * Checks an AWS Signature Version 4 in the headers, for a signed or an unsigned (`UNSIGNED-PAYLOAD`) body.
 * Gives S3's error code, or `undefined` when the signature is right.
 */
export function signatureError(request: SignedRequest, key: SigningKey): string | undefined {
  const { headers, body } = request;
  const parts = AUTHORIZATION.exec(headers.authorization ?? '')?.groups;
  if (!parts) return 'AccessDenied';
  if (parts['id'] !== key.accessKeyId) return 'InvalidAccessKeyId';
  if (headers['x-amz-security-token'] !== key.sessionToken) return 'InvalidToken';
  const time = headers['x-amz-date'];
  const payload = headers['x-amz-content-sha256'];
  const signed = (parts['headers'] ?? '').split(';');
  if (typeof time !== 'string' || typeof payload !== 'string') return 'AccessDenied';
  const mustSign = Object.keys(headers).filter((name) => name === 'host' || name.startsWith('x-amz-'));
  if (!mustSign.every((name) => signed.includes(name))) return 'AccessDenied';
  if (Math.abs(Date.now() - timeOf(time)) > LONGEST_SKEW_MS) return 'RequestTimeTooSkewed';
  if (payload.startsWith('STREAMING-')) return 'NotImplemented';
  const canonical = canonicalRequest(request, signed, payload);
  const scope = `${parts['date']}/${parts['region']}/s3/aws4_request`;
  const toSign = ['AWS4-HMAC-SHA256', time, scope, sha256(canonical)].join('\n');
  const signingKey = [parts['date'] ?? '', parts['region'] ?? '', 's3', 'aws4_request'].reduce<string | Buffer>(
    (secret, part) => createHmac('sha256', secret).update(part).digest(),
    `AWS4${key.secretAccessKey}`,
  );
  const expected = createHmac('sha256', signingKey).update(toSign).digest();
  if (!timingSafeEqual(expected, Buffer.from(parts['signature'] ?? '', 'hex'))) return 'SignatureDoesNotMatch';
  return payload === 'UNSIGNED-PAYLOAD' || payload === sha256(body) ? undefined : 'XAmzContentSHA256Mismatch';
}

function canonicalRequest({ method, target, headers }: SignedRequest, signed: string[], payload: string): string {
  const [path = '', query = ''] = target.split('?');
  const parameters = query === '' ? [] : query.split('&').map((one) => (one.includes('=') ? one : `${one}=`));
  const lines = signed.map(
    (name) =>
      `${name}:${String(headers[name] ?? '')
        .trim()
        .replace(/ +/g, ' ')}\n`,
  );
  return [
    method,
    encodeStrictly(decodeURIComponent(path)).replaceAll('%2F', '/'),
    parameters.toSorted().join('&'),
    lines.join(''),
    signed.join(';'),
    payload,
  ].join('\n');
}

/** Percent-encodes all but unreserved characters, as the signature wants it. */
export function encodeStrictly(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function sha256(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}

function timeOf(amzDate: string): number {
  return Date.parse(amzDate.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
}
