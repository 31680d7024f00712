import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { dialects } from '../dialects/index.ts';
import { refuseTokenInQuery } from '../identity/bearer.ts';
import { requireScope } from '../identity/scopes.ts';
import { GatewayError, toGatewayError } from '../errors/gateway-error.ts';
import { resolveService } from '../governance/resolve-service.ts';
import { backoffMs } from '../upstream/retry.ts';
import { detectAgent } from '../usage/detect-agent.ts';
import { parseRequestTags } from '../usage/request-tags.ts';
import { admit } from './admit.ts';
import { attempt, type Invocation } from './attempt.ts';
import { auditRefusal } from './audit-refusal.ts';
import type { InferencePath } from './inference-path.ts';
import { refusalHeaders } from './governance-headers.ts';
import { planDestinations } from './plan.ts';
import { readBody } from './read-body.ts';
import type { RequestContext } from './request-context.ts';
import type { Runtime } from './runtime.ts';
import { settleFailedAttempt, settleRefused } from './settle.ts';

/** Scopes that inference needs one of, beside `all-apis`. */
const INFERENCE_SCOPES = ['model-serving'];

const MPS_HEADER = 'databricks-model-provider-service';
const PARENT_SCHEMA_HEADER = 'databricks-model-service-parent-schema';

/**
 * Serves one inference request from its head to its last byte. Never rejects: every failure is
 * answered in the caller's dialect, and settled once the caller is known.
 * @param modelInPath the Gemini `{model}` segment, decoded.
 */
export async function serveInference(
  runtime: Runtime,
  request: IncomingMessage,
  response: ServerResponse,
  path: InferencePath,
  modelInPath: string | undefined,
  requestId: string,
): Promise<void> {
  const question = request.url?.indexOf('?') ?? -1;
  const snapshot = runtime.snapshot();
  const context: RequestContext = {
    runtime,
    snapshot,
    request,
    response,
    path,
    dialect: dialects[path.dialect],
    requestId,
    sourceIp: snapshot.proxies.sourceOf(request.socket.remoteAddress, request.headers['x-forwarded-for']),
    query: question < 0 ? '' : request.url!.slice(question + 1),
    receivedAt: Date.now(),
    startedAt: performance.now(),
    principal: undefined,
    body: undefined,
    summary: undefined,
    model: modelInPath,
    stream: path.stream ?? false,
    resolved: undefined,
    admission: undefined,
    settlements: [],
    session: undefined,
    tags: {},
    attempts: [],
    firstByteAt: undefined,
    callerLeft: false,
    onCallerLeft: undefined,
    onShutdown: undefined,
    settled: false,
  };
  response.on('close', () => {
    if (response.writableFinished || context.callerLeft) return;
    context.callerLeft = true;
    context.onCallerLeft?.();
  });
  runtime.metrics.inFlight.inc();
  runtime.running.add(context);
  try {
    await prepare(context);
    await admit(context);
    await run(context);
  } catch (error) {
    await refuse(context, error);
  } finally {
    context.admission?.settle(context.settlements);
    runtime.metrics.inFlight.dec();
    runtime.running.delete(context);
  }
}

/** Everything before the first attempt: who, what, may they. */
async function prepare(context: RequestContext): Promise<void> {
  const { runtime, snapshot, request, path, dialect } = context;
  refuseTokenInQuery(context.query);
  const principal = runtime.authenticator.authenticate(request.headers);
  context.principal = principal instanceof Promise ? await principal : principal;
  requireScope(context.principal, INFERENCE_SCOPES);
  if (runtime.spool.full) {
    throw new GatewayError(
      'gateway_spool_full',
      'The gateway cannot record usage at the moment and serves nothing unmetered.',
    );
  }
  const { server } = snapshot.config;
  context.body = await readBody(request, server.maxBodyBytes, server.clientTimeoutMs);
  const summary = dialect.summarize(context.body, path.operation);
  context.summary = summary;
  context.model ??= summary.model;
  context.stream ||= summary.stream;
  context.session = detectAgent(request.headers, {
    sessionHint: summary.sessionHint,
    reasoningEffort: summary.reasoningEffort,
    apiType: path.apiType,
  });
  context.tags = parseRequestTags(request.headers['databricks-ai-gateway-request-tags']);
  if (summary.shape === 'responses' && path.operation === 'generate') {
    throw new GatewayError(
      'policy_dialect_unsupported',
      "This body has the shape of the Responses API ('input' instead of 'messages'). This path cannot translate it yet; send chat messages, or call /ai-gateway/openai/v1/responses.",
      { param: 'input' },
    );
  }
  context.resolved = resolveService({
    snapshot,
    rights: (caller) => runtime.catalog.serviceRights(caller),
    principal: context.principal,
    model: context.model,
    providerHeader: request.headers[MPS_HEADER],
    parentSchemaHeader: request.headers[PARENT_SCHEMA_HEADER],
  });
}

/** Tries destinations in order until one answers. */
async function run(context: RequestContext): Promise<void> {
  const { resolved, snapshot, path, dialect } = context;
  if (!resolved) throw new GatewayError('gateway_internal', 'No service was resolved.');
  const plan = planDestinations(resolved, snapshot.providers, dialect.id, path.operation, Math.random());
  const { maxAttempts, maxRetryAfterMs } = snapshot.config.server;
  const firstTokenTimeoutMs =
    resolved.kind === 'model-service' && context.stream ? resolved.service.firstTokenTimeoutMs : undefined;
  let priority = 0;
  let last: GatewayError | undefined;
  for (const [position, destination] of plan.entries()) {
    const another = position + 1 < plan.length;
    for (let n = 1; n <= maxAttempts; n++) {
      if (context.callerLeft) throw new GatewayError('caller_disconnected', 'The caller left.');
      const invocation: Invocation = {
        id: randomUUID(),
        destination,
        priority: priority++,
        action: n > 1 ? 'RETRY' : destination.isFallback ? 'FALLBACK' : 'INITIAL_ATTEMPT',
        another,
        again: n < maxAttempts,
        firstTokenTimeoutMs: another ? firstTokenTimeoutMs : undefined,
      };
      const startedAt = performance.now();
      const outcome = await attempt(context, invocation);
      if (outcome.kind !== 'failed') return;
      last = outcome.error;
      const goesOn = another || (outcome.retryable && invocation.again);
      await settleFailedAttempt(context, invocation, startedAt, outcome.error, outcome.status, !goesOn);
      if (!outcome.retryable || !invocation.again) break;
      await sleepUnlessLeft(context, Math.min(outcome.retryAfterMs ?? backoffMs(n, Math.random()), maxRetryAfterMs));
    }
  }
  throw last ?? new GatewayError('gateway_internal', 'No attempt was made.');
}

function sleepUnlessLeft(context: RequestContext, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    context.onCallerLeft = () => {
      clearTimeout(timer);
      resolve();
    };
  });
}

/** Answers a failure before the first byte, and records it. */
async function refuse(context: RequestContext, cause: unknown): Promise<void> {
  const { runtime, response, dialect, requestId, request } = context;
  const error = toGatewayError(cause, requestId);
  if (error.code === 'gateway_internal')
    runtime.log.error(
      { request_id: requestId, err: cause instanceof Error ? cause.stack : String(cause) },
      'request failed',
    );
  auditRefusal(context, error);
  if (context.principal && !context.settled) await settleRefused(context, error);
  if (response.headersSent || response.destroyed) return void response.destroy();
  const answer = dialect.encodeError(error, requestId);
  const unread = !request.complete;
  response.writeHead(answer.status, {
    ...refusalHeaders(error, dialect),
    ...answer.headers,
    [dialect.requestIdHeader]: requestId,
    'content-length': Buffer.byteLength(answer.body),
    ...(unread ? { connection: 'close' } : {}),
  });
  if (!unread) return void response.end(answer.body);
  response.write(answer.body);
  await drain(request);
  response.end();
}

/** Longest time a refused body is still read, so that its sender reads our answer and not a reset. */
const DRAIN_MS = 2_000;

function drain(request: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, DRAIN_MS);
    request.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
    request.resume();
  });
}
