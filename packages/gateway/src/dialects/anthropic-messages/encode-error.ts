import type { GatewayError } from '../../errors/gateway-error.ts';
import type { ErrorAnswer } from '../dialect.ts';
import { errorHeaders, isLongRefusal, isTransient, sseEvent } from '../error-facts.ts';

export const requestIdHeader = 'request-id';

const TYPES: Readonly<Record<number, string>> = {
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  503: 'overloaded_error',
  504: 'timeout_error',
  529: 'overloaded_error',
};

/**
 * `{type: 'error', error: {type, message}, request_id}`. The shape has no field for a code, so the type is all that
 * can be told apart. `x-should-retry: false` makes Claude Code report a 429 at once instead of waiting it out.
 */
export function encodeError(error: GatewayError, requestId: string): ErrorAnswer {
  const headers = errorHeaders(error, requestIdHeader, requestId);
  if (isLongRefusal(error)) headers['x-should-retry'] = 'false';
  const type = typeOf(error) ?? (error.status < 500 ? 'invalid_request_error' : 'api_error');
  return { status: error.status, headers, body: JSON.stringify(errorBody(type, error.message, requestId)) };
}

/**
 * An `error` event. What may pass (a cut or idle upstream, a stopping gateway) is called `overloaded_error`, which
 * Claude Code and Pi retry as they retry the vendor's; anything else has the type of its status and is final.
 */
export function encodeStreamError(error: GatewayError, requestId: string): string {
  const type = isTransient(error) ? 'overloaded_error' : (typeOf(error) ?? 'invalid_request_error');
  // Pi decides by the words of the message, so they name the type.
  const message = isTransient(error) ? `Overloaded: ${error.message}` : error.message;
  return sseEvent('error', errorBody(type, message, requestId));
}

function typeOf(error: GatewayError): string | undefined {
  return error.code === 'policy_budget_exhausted' ? 'billing_error' : TYPES[error.status];
}

function errorBody(type: string, message: string, requestId: string): unknown {
  return { type: 'error', error: { type, message }, request_id: requestId };
}
