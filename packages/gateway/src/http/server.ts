import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { isRefusal } from '../audit/refusal.ts';
import { dialects } from '../dialects/index.ts';
import { refuseTokenInQuery } from '../identity/bearer.ts';
import type { Principal } from '../identity/principal.ts';
import { requireScope } from '../identity/scopes.ts';
import { GatewayError } from '../errors/gateway-error.ts';
import { inferencePaths, type InferencePath } from '../inference/inference-path.ts';
import { serveInference } from '../inference/pipeline.ts';
import type { Runtime } from '../inference/runtime.ts';
import type { EndpointRequest, EndpointRoute } from './endpoint-route.ts';
import { operationalRoutes, type OperationalState } from './health.ts';
import { modelListRoutes } from './model-lists/index.ts';
import { requestPath } from './request-path.ts';
import { sendJson, sendRestError, unknownInferencePath } from './rest-errors.ts';
import { restRoutes } from './rest/index.ts';
import type { RestContext, RestRoute } from './rest-route.ts';
import { RouteTable } from './route-table.ts';
import { loggedError, serveRest } from './serve-rest.ts';
import type { OAuthMount } from './oauth-mount.ts';

const INFERENCE_PREFIX = '/ai-gateway/';

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
  /** Sign-in, tokens, and the documents that lead there. */
  readonly oauth: OAuthMount;
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

  const { oauth } = serving.services;
  const isOAuth = oauth.accepts(path);
  const match = isOAuth ? undefined : routes.match(method, path);
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
  if (isOAuth) return oauth.handle(request, response, requestId, sourceOf(runtime, request) ?? 'unknown');
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
    return serveEndpoint(runtime, match.route.endpoint, {
      request,
      response,
      params: match.params,
      requestId,
      sourceIp: sourceOf(runtime, request),
    });
  }
  return serveRest(runtime, serving.services.rest, match.route.rest, {
    request,
    response,
    params: match.params,
    requestId,
    sourceIp: sourceOf(runtime, request),
  });
}

function sourceOf(runtime: Runtime, request: IncomingMessage): string | undefined {
  return runtime.snapshot().proxies.sourceOf(request.socket.remoteAddress, request.headers['x-forwarded-for']);
}

async function serveEndpoint(
  runtime: Runtime,
  route: EndpointRoute,
  exchange: Omit<EndpointRequest, 'principal'>,
): Promise<void> {
  let principal: Principal | undefined;
  try {
    refuseTokenInQuery(exchange.request.url?.split('?', 2)[1] ?? '');
    principal = await runtime.authenticator.authenticate(exchange.request.headers);
    requireScope(principal, route.scopes ?? []);
    await route.serve({ ...exchange, principal });
  } catch (cause) {
    if (exchange.response.headersSent) return void exchange.response.destroy();
    const error = loggedError(runtime, cause, exchange.requestId);
    if (isRefusal(error)) auditRefusal(runtime, route, exchange, principal, error);
    route.answerError(error, exchange);
  }
}

function auditRefusal(
  runtime: Runtime,
  { audit: { service, action } }: EndpointRoute,
  { request, params, requestId, sourceIp }: Omit<EndpointRequest, 'principal'>,
  principal: Principal | undefined,
  error: GatewayError,
): void {
  runtime.audit.record({
    at: Date.now(),
    requestId,
    service,
    action,
    actor: principal?.userName,
    actorType: principal?.type,
    sourceIp,
    userAgent: request.headers['user-agent'],
    status: error.status,
    errorCode: error.code,
    errorMessage: error.message,
    parameters: { ...params },
    change: undefined,
  });
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
