import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { dialects } from '../dialects/index.ts';
import { GatewayError, toGatewayError } from '../errors/gateway-error.ts';
import { inferencePaths, type InferencePath } from '../inference/inference-path.ts';
import { serveInference } from '../inference/pipeline.ts';
import { readBody } from '../inference/read-body.ts';
import type { Runtime } from '../inference/runtime.ts';
import type { EndpointRequest, EndpointRoute } from './endpoint-route.ts';
import { operationalRoutes, type OperationalState } from './health.ts';
import { modelListRoutes } from './model-lists/index.ts';
import { requestPath } from './request-path.ts';
import { sendJson, sendRestError, unknownInferencePath } from './rest-errors.ts';
import { restRoutes } from './rest/index.ts';
import type { RestContext, RestRoute } from './rest-route.ts';
import { RouteTable } from './route-table.ts';

const INFERENCE_PREFIX = '/ai-gateway/';

/** Longest JSON body of a control-plane request. */
const MAX_REST_BODY_BYTES = 4 * 1024 * 1024;

type Route = { readonly method: string; readonly path: string } & (
  | { readonly inference: InferencePath }
  | { readonly rest: RestRoute }
  | { readonly endpoint: EndpointRoute }
);

function routeTable(endpoints: readonly EndpointRoute[]): RouteTable<Route> {
  return new RouteTable<Route>([
    ...inferencePaths.map((inference) => ({ method: 'POST', path: INFERENCE_PREFIX + inference.path, inference })),
    ...[...restRoutes, ...modelListRoutes].map((rest) => ({ method: rest.method, path: rest.path, rest })),
    ...endpoints.map((endpoint) => ({ method: endpoint.method, path: endpoint.path, endpoint })),
  ]);
}

/** What the listener needs beside the request pipeline. */
export interface ServerServices {
  /** What control-plane handlers use. */
  readonly rest: RestContext;
  readonly endpoints: readonly EndpointRoute[];
}

/** What one request is handled with. */
interface Serving {
  readonly runtime: Runtime;
  readonly state: OperationalState;
  readonly services: ServerServices;
  readonly routes: RouteTable<Route>;
}

/** The HTTP server, which can also close connections that were opened ahead and never used. */
export type GatewayServer = Server & { closeUnusedConnections(): void };

/** The listener: routes a request, authenticates the control plane, hands inference to its pipeline. */
export function createGatewayServer(
  runtime: Runtime,
  state: OperationalState,
  services: ServerServices,
): GatewayServer {
  const serving: Serving = { runtime, state, services, routes: routeTable(services.endpoints) };
  const { clientTimeoutMs } = runtime.snapshot().config.server;
  const server = createServer(
    {
      headersTimeout: clientTimeoutMs,
      requestTimeout: 0,
      keepAliveTimeout: 65_000,
      connectionsCheckingInterval: Math.min(clientTimeoutMs, 5_000),
      maxHeaderSize: 64 * 1024,
      noDelay: true,
      // An offer of HTTP/2, as Java clients make with every request, is passed over (RFC 9110 7.8).
      shouldUpgradeCallback: (request) => request.headers.upgrade?.toLowerCase() === 'websocket',
    },
    (request, response) => {
      handle(serving, request, response).catch((error: unknown) => {
        runtime.log.error({ err: error instanceof Error ? error.stack : String(error) }, 'request handler failed');
        response.destroy();
      });
    },
  );
  server.on('upgrade', refuseUpgrade);
  server.on('connect', (_request: IncomingMessage, socket: Duplex) =>
    socket.end('HTTP/1.1 405 Method Not Allowed\r\nconnection: close\r\ncontent-length: 0\r\n\r\n'),
  );
  server.on('clientError', badRequest);
  return Object.assign(server, { closeUnusedConnections: trackUnused(server) });
}

/** Node does not count a connection without a first request as idle; this does. */
function trackUnused(server: Server): () => void {
  const unused = new Set<Duplex>();
  server.on('connection', (socket) => {
    unused.add(socket);
    socket.once('close', () => unused.delete(socket));
  });
  server.prependListener('request', (request) => unused.delete(request.socket));
  return () => {
    for (const socket of unused) socket.destroy();
  };
}

async function handle(serving: Serving, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { runtime, state, routes } = serving;
  const requestId = randomUUID();
  const method = request.method ?? 'GET';
  const path = requestPath(request.url);
  if (path === undefined)
    return sendRestError(response, new GatewayError('caller_not_found', 'No such path.'), requestId);
  const operational = operationalRoutes[path];
  if (operational && (method === 'GET' || method === 'HEAD')) return operational(runtime, state, response);

  const match = routes.match(method, path);
  if (state.stopping) {
    response.setHeader('connection', 'close');
    const error = new GatewayError('gateway_shutting_down', 'The gateway is stopping. Try again.', {
      retryAfterSeconds: 1,
    });
    if (match && 'route' in match && 'inference' in match.route) {
      const answer = dialects[match.route.inference.dialect].encodeError(error, requestId);
      return sendJson(response, answer.status, answer.body, { ...answer.headers });
    }
    return sendRestError(response, error, requestId);
  }
  if (match === undefined) {
    const error = path.startsWith(INFERENCE_PREFIX)
      ? unknownInferencePath(path)
      : new GatewayError('caller_not_found', `No API found for '${method} ${path.slice(0, 200)}'.`);
    return sendRestError(response, error, requestId);
  }
  if ('methodNotAllowed' in match) {
    response.setHeader('allow', match.methodNotAllowed.join(', '));
    return sendRestError(
      response,
      new GatewayError(
        'caller_method_not_allowed',
        `${method} is not allowed here; ${match.methodNotAllowed.join(', ')} is.`,
      ),
      requestId,
    );
  }
  if ('inference' in match.route) {
    return serveInference(runtime, request, response, match.route.inference, match.params['model'], requestId);
  }
  if ('endpoint' in match.route) {
    return serveEndpoint(runtime, match.route.endpoint, { request, response, params: match.params, requestId });
  }
  return serveRest(serving, match.route.rest, match.params, request, response, requestId);
}

async function serveEndpoint(
  runtime: Runtime,
  route: EndpointRoute,
  exchange: Omit<EndpointRequest, 'principal'>,
): Promise<void> {
  try {
    const principal = runtime.authenticator.authenticate(exchange.request.headers);
    await route.serve({ ...exchange, principal });
  } catch (cause) {
    if (exchange.response.headersSent) return void exchange.response.destroy();
    route.answerError(loggedError(runtime, cause, exchange.requestId), exchange);
  }
}

/** What was thrown as an error to answer with; one that nobody foresaw is logged. */
function loggedError(runtime: Runtime, cause: unknown, requestId: string): GatewayError {
  if (!(cause instanceof GatewayError)) {
    const err = cause instanceof Error ? cause.stack : String(cause);
    runtime.log.error({ request_id: requestId, err }, 'control-plane request failed');
  }
  return toGatewayError(cause, requestId);
}

/** The JSON object of the body. Methods without a body, and empty bodies, give an empty one. */
async function readJsonBody(runtime: Runtime, request: IncomingMessage): Promise<Record<string, unknown>> {
  if (request.method === 'GET' || request.method === 'HEAD') return {};
  const bytes = await readBody(request, MAX_REST_BODY_BYTES, runtime.snapshot().config.server.clientTimeoutMs);
  if (bytes.length === 0) return {};
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch {
    value = undefined;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new GatewayError('caller_body_not_json', 'The body must be a JSON object.');
  }
  return value as Record<string, unknown>;
}

async function serveRest(
  { runtime, services }: Serving,
  route: RestRoute,
  params: Readonly<Record<string, string>>,
  request: IncomingMessage,
  response: ServerResponse,
  requestId: string,
): Promise<void> {
  try {
    const principal = route.public ? undefined : runtime.authenticator.authenticate(request.headers);
    const question = request.url!.indexOf('?');
    const answer = await route.handle(
      {
        method: request.method ?? 'GET',
        params,
        query: new URLSearchParams(question < 0 ? '' : request.url!.slice(question + 1)),
        headers: request.headers,
        principal,
        body: await readJsonBody(runtime, request),
        origin: `http://${/^[\w.:[\]-]+$/.test(request.headers.host ?? '') ? request.headers.host : 'localhost'}`,
      },
      services.rest,
    );
    const body = answer.body === undefined || answer.status === 304 ? '' : JSON.stringify(answer.body);
    sendJson(response, answer.status, body, { 'x-request-id': requestId, ...answer.headers });
  } catch (cause) {
    const error = loggedError(runtime, cause, requestId);
    if (route.dialect === undefined) return sendRestError(response, error, requestId);
    const failure = dialects[route.dialect].encodeError(error, requestId);
    sendJson(response, failure.status, failure.body, { ...failure.headers });
  }
}

/** 426 at once: Codex and Copilot then fall back to HTTP without delay (agents 1.6). */
function refuseUpgrade(_request: IncomingMessage, socket: Duplex): void {
  const body = JSON.stringify({
    error: {
      message: 'WebSocket is not offered here; use HTTP.',
      type: 'invalid_request_error',
      param: null,
      code: 'upgrade_refused',
    },
  });
  socket.on('error', () => {});
  socket.end(
    `HTTP/1.1 426 Upgrade Required\r\ncontent-type: application/json\r\nupgrade: HTTP/1.1\r\nconnection: close\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

/** Something that is not HTTP, too large a head, or too slow a one. */
function badRequest(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const [status, reason] =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? ['431 Request Header Fields Too Large', 'The request head is too large.']
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? ['408 Request Timeout', 'The request head did not arrive in time.']
        : ['400 Bad Request', 'This is not a valid HTTP request.'];
  const body = JSON.stringify({ error_code: 'BAD_REQUEST', message: reason });
  socket.end(
    `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
