import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AuditChange } from '../audit/audit-event.ts';
import { isRefusal } from '../audit/refusal.ts';
import { dialects } from '../dialects/index.ts';
import { GatewayError, toGatewayError } from '../errors/gateway-error.ts';
import { refuseTokenInQuery } from '../identity/bearer.ts';
import { requireScope } from '../identity/scopes.ts';
import type { Principal } from '../identity/principal.ts';
import { readBody } from '../inference/read-body.ts';
import type { Runtime } from '../inference/runtime.ts';
import { ADMINS, isAdmin } from '../unity/caller.ts';
import { originOf } from './origin.ts';
import { sendJson, sendRestError } from './rest-errors.ts';
import type { RestAnswer, RestContext, RestRoute } from './rest-route.ts';
import { sendScimError } from './scim-errors.ts';

/** Longest JSON body of a control-plane request. */
const MAX_REST_BODY_BYTES = 4 * 1024 * 1024;

/** One control-plane request. */
export interface RestExchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly params: Readonly<Record<string, string>>;
  readonly requestId: string;
  /** The caller's address, behind trusted proxies too. */
  readonly sourceIp: string | undefined;
}

/**
 * Serves a control-plane route: token, scope, role, body, handler. What changes something is audited, and so is what
 * is refused. Answers every failure in the shape that callers of the route expect.
 */
export async function serveRest(
  runtime: Runtime,
  context: RestContext,
  route: RestRoute,
  exchange: RestExchange,
): Promise<void> {
  const audit = new RestAudit(runtime, route, exchange);
  try {
    const answer = await handled(runtime, context, route, exchange, audit);
    if (audit.succeeded(answer.status)) await runtime.audit.settled();
    send(exchange, answer);
  } catch (cause) {
    const error = loggedError(runtime, cause, exchange.requestId);
    audit.failed(error);
    sendError(route, exchange, error);
  }
}

async function handled(
  runtime: Runtime,
  context: RestContext,
  route: RestRoute,
  { request, params, requestId, sourceIp }: RestExchange,
  audit: RestAudit,
): Promise<RestAnswer> {
  const principal = route.public ? undefined : await permitted(runtime, route, request, audit);
  if (changesSomething(route) && route.public !== true) context.audit.requireWritable();
  return route.handle(
    {
      method: request.method ?? 'GET',
      params,
      query: new URLSearchParams(queryOf(request)),
      headers: request.headers,
      principal,
      requestId,
      sourceIp,
      body: await readJsonBody(runtime, request),
      origin: originOf(request.headers.host, runtime.snapshot().config.server.publicUrl),
      noteChange: (change) => audit.noteChange(change),
    },
    context,
  );
}

async function permitted(
  runtime: Runtime,
  route: RestRoute,
  request: IncomingMessage,
  audit: RestAudit,
): Promise<Principal> {
  refuseTokenInQuery(queryOf(request));
  const principal = await runtime.authenticator.authenticate(request.headers);
  audit.principal = principal;
  requireScope(principal, route.scopes ?? []);
  if (route.describe.access === 'admin' && !isAdmin(principal)) {
    throw new GatewayError('policy_forbidden', `Only members of the group '${ADMINS}' may do this.`);
  }
  return principal;
}

function queryOf({ url = '' }: IncomingMessage): string {
  const question = url.indexOf('?');
  return question < 0 ? '' : url.slice(question + 1);
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

function send({ request, response, requestId }: RestExchange, answer: RestAnswer): void {
  const headers = { 'x-request-id': requestId, 'x-content-type-options': 'nosniff', ...answer.headers };
  if (answer.content === undefined) {
    const body = answer.body === undefined || answer.status === 304 ? '' : JSON.stringify(answer.body);
    return sendJson(response, answer.status, body, headers);
  }
  const bytes = Buffer.from(answer.content.bytes);
  response.writeHead(answer.status, {
    ...headers,
    'content-type': answer.content.type,
    'content-length': bytes.length,
  });
  response.end(request.method === 'HEAD' ? undefined : bytes);
}

function sendError(route: RestRoute, { response, requestId }: RestExchange, error: GatewayError): void {
  if (route.errorShape === 'scim') return sendScimError(response, error, requestId);
  if (route.dialect === undefined) return sendRestError(response, error, requestId);
  const failure = dialects[route.dialect].encodeError(error, requestId);
  sendJson(response, failure.status, failure.body, { ...failure.headers });
}

/** What was thrown as an error to answer with; one that nobody foresaw is logged. */
export function loggedError(runtime: Runtime, cause: unknown, requestId: string): GatewayError {
  if (!(cause instanceof GatewayError)) {
    const err = cause instanceof Error ? cause.stack : String(cause);
    runtime.log.error({ request_id: requestId, err }, 'control-plane request failed');
  }
  return toGatewayError(cause, requestId);
}

function changesSomething({ method, describe }: RestRoute): boolean {
  return method !== 'GET' && describe.reads !== true;
}

/** What the audit log is told of one control-plane request. */
class RestAudit {
  readonly #runtime: Runtime;
  readonly #route: RestRoute;
  readonly #exchange: RestExchange;
  readonly #at = Date.now();
  principal: Principal | undefined;
  #change: AuditChange | undefined;

  constructor(runtime: Runtime, route: RestRoute, exchange: RestExchange) {
    this.#runtime = runtime;
    this.#route = route;
    this.#exchange = exchange;
  }

  noteChange(change: AuditChange): void {
    this.#change = change;
  }

  /** Reading leaves no trace, unless the handler noted a change. @returns whether it left one. */
  succeeded(status: number): boolean {
    const isNoted = changesSomething(this.#route) || this.#change !== undefined;
    if (isNoted) this.#record(status, undefined);
    return isNoted;
  }

  /** Refusals always leave one, other failures where something was to be changed. */
  failed(error: GatewayError): void {
    if (changesSomething(this.#route) || isRefusal(error)) this.#record(error.status, error);
  }

  #record(status: number, error: GatewayError | undefined): void {
    const { request, params, requestId, sourceIp } = this.#exchange;
    const { describe } = this.#route;
    this.#runtime.audit.record({
      at: this.#at,
      requestId,
      service: describe.tag,
      action: describe.id,
      actor: this.principal?.userName,
      actorType: this.principal?.type,
      sourceIp,
      userAgent: request.headers['user-agent'],
      status,
      errorCode: error?.code,
      errorMessage: error?.message,
      parameters: { ...params },
      change: this.#change,
    });
  }
}
