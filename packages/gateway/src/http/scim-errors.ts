import type { ServerResponse } from 'node:http';
import type { GatewayError } from '../errors/gateway-error.ts';
import { DirectoryError } from '../identity/directory-error.ts';
import { sendJson } from './rest-errors.ts';

/** Answers an error as RFC 7644 3.12 has it; `error_code` beside it, since clients of the vendor look for that. */
export function sendScimError(response: ServerResponse, error: GatewayError, requestId: string): void {
  const body = JSON.stringify({
    schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
    status: String(error.status),
    ...(error instanceof DirectoryError ? { scimType: error.scimType } : {}),
    error_code: error.vendorCode,
    detail: error.message,
  });
  sendJson(response, error.status, body, {
    'content-type': 'application/scim+json',
    'x-request-id': requestId,
    ...(error.status === 401 ? { 'www-authenticate': 'Bearer realm="ucode-gateway"' } : {}),
    ...(error.retryAfterSeconds === undefined ? {} : { 'retry-after': String(error.retryAfterSeconds) }),
  });
}
