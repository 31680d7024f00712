import { catalogue, type ErrorCode } from './catalogue.ts';

/** Whose fault an error is. The first word of its code. */
export type Fault = 'caller' | 'policy' | 'provider' | 'gateway';

export interface GatewayErrorOptions {
  /** Seconds after which a retry makes sense; becomes `retry-after`. */
  readonly retryAfterSeconds?: number;
  /** HTTP status to answer with, when not the catalogue's own (a provider's status, say). */
  readonly status?: number;
  /** The parameter of the request that is wrong, as the caller wrote it. */
  readonly param?: string;
  readonly cause?: unknown;
}

/**
 * The one error class of the gateway. `code` is stable and from the catalogue; `message` is safe to
 * show to the caller (no secret, no internal address). Dialects turn it into their own shape.
 */
export class GatewayError extends Error {
  readonly code: ErrorCode;
  readonly status: number;
  /** The vendor's `error_code` (unity-ai-gateway, error shapes), used on the REST surface. */
  readonly vendorCode: string;
  readonly fault: Fault;
  readonly retryAfterSeconds: number | undefined;
  readonly param: string | undefined;

  constructor(code: ErrorCode, message: string, options: GatewayErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'GatewayError';
    this.code = code;
    const entry = catalogue[code];
    this.status = options.status ?? entry.status;
    this.vendorCode = entry.vendorCode;
    this.fault = code.slice(0, code.indexOf('_')) as Fault;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.param = options.param;
  }
}

/** What was thrown, as an error that may be shown; anything unforeseen becomes `gateway_internal` with the request id. */
export function toGatewayError(cause: unknown, requestId: string): GatewayError {
  if (cause instanceof GatewayError) return cause;
  return new GatewayError('gateway_internal', `The gateway failed. The request id is ${requestId}.`, { cause });
}
