import { GatewayError } from '../../errors/gateway-error.ts';

/**
 * What a failed request means:
 * - `absent`: there is no such object (or upload).
 * - `exists`: the condition `If-None-Match: *` did not hold (412).
 * - `conflict`: not applied, because another request on the object was under way (409); try again.
 * - `transient`: it may or may not have been applied: no answer, or an error of the store; try again.
 * - `denied`: the credentials, or their rights.
 * - `refused`: the store will answer the same again.
 */
export type S3FailureKind = 'absent' | 'exists' | 'conflict' | 'transient' | 'denied' | 'refused';

/**
 * A request to an S3 store that failed. Holds the error's code and status only: the client's own errors
 * carry the signed request, and with it credentials.
 */
export class S3Failure extends Error {
  readonly kind: S3FailureKind;
  /** S3's error code (`SlowDown`), the operating system's (`ECONNRESET`), or `Timeout`. */
  readonly code: string;
  readonly status: number | undefined;

  constructor(kind: S3FailureKind, code: string, status?: number, requestId?: string) {
    const details = [status && `status ${status}`, requestId && `request id ${requestId}`].filter(Boolean).join(', ');
    super(details ? `${code} (${details})` : code);
    this.name = 'S3Failure';
    this.kind = kind;
    this.code = code;
    this.status = status;
  }
}

/** The shape of the client's errors, as far as it is read here. */
interface ClientError {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: number; readonly requestId?: string };
}

/** Answers that look final by their status but are worth another attempt. */
const TRANSIENT_CODES = new Set([
  'RequestTimeout',
  'RequestTimeTooSkewed',
  'SlowDown',
  'Throttling',
  'OperationAborted',
]);
/** What the client calls an answer without a body, as those to HEAD are; here also one that is not S3's. */
const NAMELESS = 'Unknown';
/** An error code as stores write it. Anything else is not repeated. */
const CODE = /^[A-Za-z0-9_.-]{1,64}$/;

/** What went wrong, from whatever the client has thrown. Without an answer's status it counts as transient. */
export function s3Failure(error: unknown): S3Failure {
  if (error instanceof S3Failure) return error;
  const { name, code, $metadata } = (typeof error === 'object' && error !== null ? error : {}) as ClientError;
  const status = $metadata?.httpStatusCode;
  if (status === undefined || status < 300) {
    return new S3Failure('transient', nameOf(code) ?? nameOf(name) ?? 'NoAnswer', status);
  }
  const word = name === 'Error' ? NAMELESS : (nameOf(name) ?? nameOf(code) ?? NAMELESS);
  return new S3Failure(kindOf(status, word), word, status, nameOf($metadata?.requestId));
}

function kindOf(status: number, code: string): S3FailureKind {
  if (TRANSIENT_CODES.has(code)) return 'transient';
  if (status === 404) return code === 'NoSuchBucket' ? 'refused' : 'absent';
  if (status === 412) return 'exists';
  if (status === 409) return 'conflict';
  if (status === 401 || status === 403) return 'denied';
  if (status === 408 || status === 429) return 'transient';
  return status >= 500 && status !== 501 ? 'transient' : 'refused';
}

function nameOf(value: unknown): string | undefined {
  return typeof value === 'string' && CODE.test(value) ? value : undefined;
}

/**
 * The failure as an error that a caller may see: no address, no key, no credential.
 * @param doing what was tried, such as `read an object`.
 */
export function lakeUnavailable(doing: string, failure: S3Failure): GatewayError {
  return new GatewayError(
    'gateway_lake_unavailable',
    `Could not ${doing}: the object store of the tables ${reason(failure)}.`,
    {
      cause: failure,
    },
  );
}

function reason({ kind, code, status }: S3Failure): string {
  if (status === undefined) return `does not answer: ${code}. Check lake.s3.endpoint and the network`;
  const answer = code === NAMELESS ? String(status) : `${status} ${code}`;
  if (kind === 'denied') {
    return `denies access: ${answer}. Check the credentials and that they may read, write, list and delete below lake.root`;
  }
  if (code === 'NoSuchBucket') return 'has no such bucket. Create it, or correct lake.root';
  if (status >= 300 && status < 400) {
    return `keeps the bucket elsewhere: ${answer}. Correct lake.s3.region or lake.s3.endpoint`;
  }
  return `answers ${answer}`;
}
