import type { GatewayError } from '../errors/gateway-error.ts';
import type { Settlement } from '../governance/admission.ts';
import { buildUsageRecord, type InvocationFacts, type InvocationOutcome } from '../usage/build-record.ts';
import type { UsageRecord } from '../usage/usage-record.ts';
import type { AnswerEnd } from './answer-sink.ts';
import type { Invocation } from './attempt.ts';
import { safeQuery } from './forward-headers.ts';
import { emptyObservation } from './observation.ts';
import { recordPayload, type SeenAnswer } from './record-payload.ts';
import type { RequestContext } from './request-context.ts';

/** What is known of an invocation's answer beside its end. */
export interface SettledAnswer {
  readonly contentType: string | null;
  /** Whether the caller got this invocation's answer, or it was the last one. */
  readonly isFinal: boolean;
  /** The provider's own status, `null` where it gave none. */
  readonly providerStatus: number | null;
  readonly answer: SeenAnswer;
}

/**
 * Writes the usage record of an invocation to the spool; resolves once it is on disk. Never rejects:
 * if the spool fails, the answer goes on, the failure is logged and counted, and the next request is
 * refused (`gateway_spool_full`). The payload row, where the service keeps payloads, is written beside it.
 * @param startedAt `performance.now()` at the start of the invocation.
 */
export async function settle(
  context: RequestContext,
  invocation: Invocation,
  startedAt: number,
  end: AnswerEnd,
  { contentType, isFinal, providerStatus, answer }: SettledAnswer,
): Promise<void> {
  if (isFinal) context.settled = true;
  const { destination } = invocation;
  const now = performance.now();
  context.attempts.push({
    priority: invocation.priority,
    action: invocation.action,
    destination: destination.name,
    destination_id: null,
    status_code: providerStatus,
    error_code: end.errorCode ?? null,
    latency_ms: Math.round(now - startedAt),
  });
  const { observation } = end;
  const facts: InvocationFacts = {
    ...requestFacts(context, invocation.id),
    destination: {
      name: destination.name,
      providerService: destination.runningProvider.service.name,
      model: destination.model,
      trafficPercentage: 0,
    },
    providerService: destination.runningProvider.service,
  };
  const outcome: InvocationOutcome = {
    status: end.status,
    contentType: contentType ?? undefined,
    latencyMs: isFinal ? now - context.startedAt : now - startedAt,
    timeToFirstByteMs:
      isFinal && context.firstByteAt !== undefined ? context.firstByteAt - context.startedAt : undefined,
    attempts: context.attempts,
    usage: observation.usage,
    textLengths:
      context.path.operation === 'generate' && isFinal
        ? { input: context.summary?.textLength ?? 0, output: observation.textLength }
        : undefined,
    finishReason: observation.finish?.raw ?? observation.finish?.unified,
    errorCode: end.errorCode,
    isFinal,
  };
  context.runtime.metrics.attempts.inc({
    provider_service: destination.runningProvider.service.name,
    outcome: end.errorCode ?? 'ok',
  });
  const price = context.snapshot.prices.priceOf({
    model: destination.model,
    providerService: destination.runningProvider.service.name,
  });
  const row = buildUsageRecord({ facts, outcome, price });
  context.settlements.push(settlementOf(row));
  await record(context, row, answer);
}

/** What an invocation used, as its record says. */
function settlementOf({ input_tokens, output_tokens, token_details, cost_usd }: UsageRecord): Settlement {
  if (input_tokens === null && output_tokens === null) return { usage: undefined, costUsd: cost_usd };
  return {
    usage: {
      input: input_tokens ?? undefined,
      output: output_tokens ?? undefined,
      cacheRead: token_details.cache_read_input_tokens ?? undefined,
      cacheWrite5m: token_details.cache_creation_5m_input_tokens ?? undefined,
      cacheWrite1h: token_details.cache_creation_1h_input_tokens ?? undefined,
      reasoning: token_details.output_reasoning_tokens ?? undefined,
      raw: undefined,
    },
    costUsd: cost_usd,
  };
}

/** Settles an attempt of which nothing reached the caller. */
export function settleFailedAttempt(
  context: RequestContext,
  invocation: Invocation,
  startedAt: number,
  error: GatewayError,
  status: number | undefined,
  isFinal: boolean,
): Promise<void> {
  const end: AnswerEnd = { status: status ?? error.status, errorCode: error.code, observation: emptyObservation() };
  return settle(context, invocation, startedAt, end, {
    contentType: null,
    isFinal,
    providerStatus: status ?? null,
    answer: errorAnswer(context, error),
  });
}

/** Records a request that ended without an answer of a destination. */
export async function settleRefused(context: RequestContext, error: GatewayError): Promise<void> {
  const facts: InvocationFacts = {
    ...requestFacts(context, context.requestId),
    destination: undefined,
    providerService: undefined,
  };
  const now = performance.now();
  const outcome: InvocationOutcome = {
    status: error.status,
    contentType: 'application/json',
    latencyMs: now - context.startedAt,
    timeToFirstByteMs: undefined,
    attempts: context.attempts,
    usage: undefined,
    textLengths: undefined,
    finishReason: undefined,
    errorCode: error.code,
    isFinal: true,
  };
  await record(context, buildUsageRecord({ facts, outcome, price: undefined }), errorAnswer(context, error));
}

/** What the gateway answers where no answer of a provider is passed on; nobody is answered who has left. */
function errorAnswer({ dialect, requestId, callerLeft }: RequestContext, error: GatewayError): SeenAnswer {
  return { body: callerLeft ? undefined : Buffer.from(dialect.encodeError(error, requestId).body), isStream: false };
}

function requestFacts(
  context: RequestContext,
  invocationId: string,
): Omit<InvocationFacts, 'destination' | 'providerService'> {
  const { request, resolved, snapshot } = context;
  const query = safeQuery(context.query);
  const path = (request.url ?? '/').split('?', 1)[0]!;
  return {
    workspaceId: snapshot.config.server.workspaceId,
    requestId: context.requestId,
    invocationId,
    receivedAt: context.receivedAt,
    principal: context.principal!,
    ipAddress: context.sourceIp,
    url: query === '' ? path : `${path}?${query}`,
    headers: request.headers,
    apiType: context.path.apiType,
    tags: context.tags,
    session: context.session ?? NO_SESSION,
    service: resolved?.kind === 'model-service' ? resolved.service : undefined,
  };
}

const NO_SESSION = {
  coding_agent: null,
  agent_version: null,
  surface: null,
  client_session_id: null,
  client_subagent_id: null,
  reasoning_effort: null,
  smart_router_name: null,
};

async function record(context: RequestContext, usage: UsageRecord, answer: SeenAnswer): Promise<void> {
  const { metrics, log } = context.runtime;
  if (usage.is_final) {
    const seconds = usage.latency_ms / 1000;
    metrics.requests.inc({
      api_type: usage.api_type,
      status_code: String(usage.status_code),
      coding_agent: usage.session_metadata.coding_agent ?? 'other',
    });
    metrics.duration.observe({ api_type: usage.api_type }, seconds);
    if (usage.time_to_first_byte_ms !== null)
      metrics.timeToFirstByte.observe({ api_type: usage.api_type }, usage.time_to_first_byte_ms / 1000);
    const service = usage.service_name ?? 'none';
    if (usage.input_tokens) metrics.tokens.inc({ direction: 'input', service_name: service }, usage.input_tokens);
    if (usage.output_tokens) metrics.tokens.inc({ direction: 'output', service_name: service }, usage.output_tokens);
  }
  log.info(
    {
      request_id: usage.request_id,
      invocation_id: usage.invocation_id,
      requester: usage.requester,
      api_type: usage.api_type,
      service: usage.service_name,
      destination: usage.destination_name,
      status: usage.status_code,
      error_code: usage.error_code,
      latency_ms: usage.latency_ms,
      input_tokens: usage.input_tokens,
      output_tokens: usage.output_tokens,
    },
    'invocation',
  );
  await Promise.all([recordUsage(context, usage), recordPayload(context, usage, answer)]);
}

async function recordUsage({ runtime }: RequestContext, usage: UsageRecord): Promise<void> {
  const { metrics, log, spool } = runtime;
  try {
    await spool.append(usage);
  } catch (error) {
    metrics.spoolFailures.inc();
    log.error(
      { request_id: usage.request_id, err: error instanceof Error ? error.message : String(error) },
      'the usage record could not be written',
    );
  }
}
