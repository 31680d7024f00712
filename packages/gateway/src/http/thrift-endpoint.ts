import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { GatewayError } from '../errors/gateway-error.ts';
import { readBody } from '../inference/read-body.ts';
import type { ThriftService } from '../sql/thrift/thrift-service.ts';
import { ThriftFormatError } from '../sql/thrift/thrift-type.ts';
import type { EndpointRequest, EndpointRoute } from './endpoint-route.ts';
import { requireWarehouse } from './rest/sql-warehouses.ts';

const CONTENT_TYPE = 'application/x-thrift';
const MAX_BODY_BYTES = 16 * 1024 * 1024;
const CALLER_TIMEOUT_MS = 30_000;
const LONGEST_HEADER = 1000;

/** The paths of the SQL warehouse for drivers: Thrift over HTTP, one message per request (workspace-contract 8.2). */
export function thriftEndpoint(service: ThriftService): EndpointRoute[] {
  return ['warehouses', 'endpoints'].map((kind) => ({
    method: 'POST',
    path: `/sql/1.0/${kind}/{id}`,
    audit: { service: 'sql', action: `callThrift${kind === 'warehouses' ? 'Warehouse' : 'Endpoint'}` },
    scopes: ['sql'],
    serve: (exchange) => serve(service, exchange),
    answerError,
  }));
}

async function serve(service: ThriftService, exchange: EndpointRequest): Promise<void> {
  const { request, response, params, principal, requestId, sourceIp } = exchange;
  requireWarehouse(params['id'] ?? '');
  const message = await readMessageBody(request);
  const from = { requestId, actorType: principal.type, sourceIp, userAgent: request.headers['user-agent'] };
  const answer = await service.call(message, principal, from).catch((cause: unknown) => {
    throw cause instanceof ThriftFormatError ? new GatewayError('caller_invalid_parameter', cause.message) : cause;
  });
  if (response.destroyed) return;
  response.writeHead(200, { 'content-type': CONTENT_TYPE, 'content-length': answer.length });
  response.end(answer);
}

async function readMessageBody(request: IncomingMessage): Promise<Buffer> {
  const type = (request.headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase();
  if (type !== CONTENT_TYPE) {
    throw new GatewayError('caller_invalid_parameter', `The content-type must be ${CONTENT_TYPE}.`);
  }
  const zipped = request.headers['content-encoding']?.toLowerCase() === 'gzip';
  if (zipped) delete request.headers['content-encoding'];
  const body = await readBody(request, MAX_BODY_BYTES, CALLER_TIMEOUT_MS);
  if (!zipped) return body;
  try {
    return await promisify(gunzip)(body, { maxOutputLength: MAX_BODY_BYTES });
  } catch (cause) {
    throw isTooLarge(cause)
      ? new GatewayError('caller_body_too_large', `The unzipped body is larger than ${MAX_BODY_BYTES} bytes.`)
      : new GatewayError('caller_invalid_parameter', 'The body is not gzip, though its content-encoding says so.');
  }
}

function isTooLarge(cause: unknown): boolean {
  return cause instanceof RangeError && 'code' in cause && cause.code === 'ERR_BUFFER_TOO_LARGE';
}

/** Drivers read what went wrong from headers, not from the body. */
function answerError(error: GatewayError, { response, requestId }: Omit<EndpointRequest, 'principal'>): void {
  if (response.headersSent || response.destroyed) return;
  const message = error.message.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, LONGEST_HEADER);
  response.writeHead(error.status, {
    'content-type': CONTENT_TYPE,
    'content-length': 0,
    'x-request-id': requestId,
    'x-thriftserver-error-message': message,
    'x-databricks-error-or-redirect-message': message,
    'x-databricks-reason-phrase': error.vendorCode,
    ...(error.status === 401 ? { 'www-authenticate': 'Bearer realm="ucode-gateway"' } : {}),
    ...(error.retryAfterSeconds === undefined ? {} : { 'retry-after': String(error.retryAfterSeconds) }),
  });
  response.end();
}
