import type { ServerResponse } from 'node:http';
import { GatewayError } from '../errors/gateway-error.ts';

/**
 * Answers an error in the vendor's REST shape: `error_code` first, since clients search the first 200
 * characters (workspace-contract 1).
 */
export function sendRestError(response: ServerResponse, error: GatewayError, requestId: string): void {
  const body = JSON.stringify({
    error_code: error.vendorCode,
    message: error.message,
    details: [{ '@type': 'type.googleapis.com/google.rpc.RequestInfo', request_id: requestId, serving_data: '' }],
  });
  sendJson(response, error.status, body, {
    'x-request-id': requestId,
    ...(error.status === 401 ? { 'www-authenticate': 'Bearer realm="ucode-gateway"' } : {}),
    ...(error.retryAfterSeconds === undefined ? {} : { 'retry-after': String(error.retryAfterSeconds) }),
  });
}

/** Answers serialised JSON. */
export function sendJson(
  response: ServerResponse,
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    ...headers,
  });
  response.end(response.req.method === 'HEAD' ? undefined : body);
}

/** The error for a path below `/ai-gateway` that no API owns (unity-ai-gateway 2.3). */
export function unknownInferencePath(path: string): GatewayError {
  return new GatewayError(
    'caller_unknown_path',
    `Request path '${path.slice(0, 200)}' doesn't match any known API type and is classified as an unmanaged api request. Set the Databricks-Model-Provider-Service header to the name of the model provider service to forward this request to.`,
  );
}
