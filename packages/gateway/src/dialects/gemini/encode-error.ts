import type { GatewayError } from '../../errors/gateway-error.ts';
import type { ErrorAnswer } from '../dialect.ts';
import { errorHeaders, isLongRefusal, sseEvent } from '../error-facts.ts';

export const requestIdHeader = 'x-request-id';

const STATUSES: Readonly<Record<number, string>> = {
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  408: 'DEADLINE_EXCEEDED',
  409: 'ABORTED',
  429: 'RESOURCE_EXHAUSTED',
  499: 'CANCELLED',
  501: 'UNIMPLEMENTED',
  502: 'UNAVAILABLE',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
};

/** `{error: {code, message, status, details}}` (google.rpc.Status). The details carry our code and the wait. */
export function encodeError(error: GatewayError, requestId: string): ErrorAnswer {
  return {
    status: error.status,
    headers: errorHeaders(error, requestIdHeader, requestId),
    body: JSON.stringify(errorBody(error)),
  };
}

/** The same object as the last event; Gemini CLI retries after it as after an early end. */
export function encodeStreamError(error: GatewayError, _requestId: string): string {
  return sseEvent(undefined, errorBody(error));
}

function errorBody(error: GatewayError): unknown {
  const status = STATUSES[error.status] ?? (error.status < 500 ? 'INVALID_ARGUMENT' : 'INTERNAL');
  return { error: { code: error.status, message: error.message, status, details: details(error) } };
}

function details(error: GatewayError): unknown[] {
  const list: unknown[] = [
    { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: error.code.toUpperCase(), domain: 'ucode-gateway' },
  ];
  if (isLongRefusal(error)) {
    // Gemini CLI waits out any other 429; a quota id with "PerDay" makes it stop at once.
    const violations = [{ subject: 'gateway', description: error.message, quotaId: 'GatewayLimitPerDay' }];
    list.push({ '@type': 'type.googleapis.com/google.rpc.QuotaFailure', violations });
  }
  if (error.retryAfterSeconds !== undefined) {
    const retryDelay = `${Math.ceil(error.retryAfterSeconds)}s`;
    list.push({ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay });
  }
  return list;
}
