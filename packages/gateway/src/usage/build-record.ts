import type { IncomingHttpHeaders } from 'node:http';
import type { Destination, ModelProviderService, ModelService } from '../config/gateway-config.ts';
import type { Principal } from '../identity/principal.ts';
import type { TokenUsage } from '../ir/usage.ts';
import type { Price } from '../models/model-facts.ts';
import { costOf } from '../models/price.ts';
import type { Attempt, SessionMetadata, UsageRecord } from './usage-record.ts';

/** Version of `UsageRecord`; raised when a column changes its meaning. */
const SCHEMA_VERSION = 1;
/** A self-hosted installation is one account. */
export const ACCOUNT_ID = '00000000-0000-0000-0000-000000000000';

/** One invocation, as the request pipeline knows it once it is over. */
export interface InvocationFacts {
  readonly workspaceId: string;
  readonly requestId: string;
  readonly invocationId: string;
  /** When the request was received, milliseconds since 1970. */
  readonly receivedAt: number;
  readonly principal: Principal;
  /** The caller's address. */
  readonly ipAddress: string | undefined;
  /** As the caller sent it: absolute path and query. Credentials in the query must be removed before. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly apiType: string;
  /** From `parseRequestTags`. */
  readonly tags: Readonly<Record<string, string>>;
  /** From `detectAgent`. */
  readonly session: SessionMetadata;
  /** What the caller named; `undefined` where a provider service was addressed directly, or nothing was found. */
  readonly service: ModelService | undefined;
  /** The destination of this invocation. */
  readonly destination: Destination | undefined;
  readonly providerService: ModelProviderService | undefined;
  /** The provider's model where there is no `destination` (a provider service addressed directly). */
  readonly destinationModel?: string | undefined;
}

/** How it ended. */
export interface InvocationOutcome {
  /** Final HTTP status; 499 when the caller left before the end. */
  readonly status: number;
  readonly contentType: string | undefined;
  readonly latencyMs: number;
  readonly timeToFirstByteMs: number | undefined;
  readonly attempts: readonly Attempt[];
  /** What the provider reported. */
  readonly usage: TokenUsage | undefined;
  /** Lengths of the texts, for the estimate where the provider reported nothing; left out where calls have no tokens. */
  readonly textLengths: { readonly input: number; readonly output: number } | undefined;
  readonly finishReason: string | undefined;
  /** Code of the error catalogue. */
  readonly errorCode: string | undefined;
  /** Whether the caller got this invocation's answer. */
  readonly isFinal: boolean;
  readonly serviceTier?: string | undefined;
}

export interface UsageRecordInput {
  readonly facts: InvocationFacts;
  readonly outcome: InvocationOutcome;
  /** Of the destination's model, where known. */
  readonly price: Price | undefined;
}

/** Tokens of a text whose provider reports none: `(length + 1) / 4`, rounded down (unity-ai-gateway 3.2). */
export function estimateTokens(textLength: number): number {
  return Math.floor((textLength + 1) / 4);
}

/** The usage record of one invocation. Pure. */
export function buildUsageRecord({ facts, outcome, price }: UsageRecordInput): UsageRecord {
  const { service, destination, providerService, principal } = facts;
  const { usage, estimated } = countTokens(outcome);
  const { input, output } = usage;
  const written = sumKnown(usage.cacheWrite5m, usage.cacheWrite1h);
  return {
    account_id: ACCOUNT_ID,
    workspace_id: facts.workspaceId,
    request_id: facts.requestId,
    invocation_id: facts.invocationId,
    schema_version: SCHEMA_VERSION,
    event_time: new Date(facts.receivedAt).toISOString(),
    service_type: serviceType(facts),
    service_name: service?.name ?? providerService?.name ?? null,
    service_tags: { ...service?.tags },
    endpoint_id: null,
    endpoint_name: service?.name ?? providerService?.name ?? null,
    endpoint_tags: {},
    endpoint_metadata: service === undefined ? null : endpointMetadata(service),
    destination_type: providerService === undefined ? null : 'EXTERNAL_FOUNDATION_MODEL',
    destination_name: providerService?.name ?? null,
    destination_id: null,
    destination_model: destination?.model ?? facts.destinationModel ?? null,
    requester: principal.userName,
    requester_type: principal.type,
    auth_mode: principal.authMode,
    ip_address: facts.ipAddress ?? null,
    url: facts.url,
    user_agent: facts.headers['user-agent'] ?? null,
    api_type: facts.apiType,
    request_tags: { ...facts.tags },
    invocation_metadata: { source: 'EXTERNAL_CLIENT', service_tier: outcome.serviceTier ?? null },
    session_metadata: facts.session,
    mcp_metadata: null,
    input_tokens: input ?? null,
    output_tokens: output ?? null,
    total_tokens: input === undefined || output === undefined ? null : input + output,
    token_details: {
      cache_read_input_tokens: usage.cacheRead ?? null,
      cache_creation_input_tokens: written ?? null,
      cache_creation_5m_input_tokens: usage.cacheWrite5m ?? null,
      cache_creation_1h_input_tokens: usage.cacheWrite1h ?? null,
      output_reasoning_tokens: usage.reasoning ?? null,
    },
    response_content_type: outcome.contentType ?? null,
    status_code: outcome.status,
    latency_ms: Math.round(outcome.latencyMs),
    time_to_first_byte_ms: outcome.timeToFirstByteMs === undefined ? null : Math.round(outcome.timeToFirstByteMs),
    routing_information: { attempts: [...outcome.attempts] },
    cost_usd: price === undefined || (input === undefined && output === undefined) ? null : costOf(usage, price),
    tokens_estimated: estimated,
    error_code: outcome.errorCode ?? null,
    finish_reason: outcome.finishReason ?? null,
    is_final: outcome.isFinal,
  };
}

const unknownUsage: TokenUsage = {
  input: undefined,
  output: undefined,
  cacheRead: undefined,
  cacheWrite5m: undefined,
  cacheWrite1h: undefined,
  reasoning: undefined,
  raw: undefined,
};

/**
 * What was reported, completed by the estimate. A refused call has no tokens: nothing is estimated then.
 * A call that the caller left (499) was sent, and the provider bills its input, so it is estimated.
 */
function countTokens({ usage = unknownUsage, textLengths, status }: InvocationOutcome): {
  usage: TokenUsage;
  estimated: boolean;
} {
  const complete = usage.input !== undefined && usage.output !== undefined;
  const answered = textLengths !== undefined && (status < 400 || status === 499 || textLengths.output > 0);
  if (complete || !answered) return { usage, estimated: false };
  return {
    usage: {
      ...usage,
      input: usage.input ?? estimateTokens(textLengths.input),
      output: usage.output ?? estimateTokens(textLengths.output),
    },
    estimated: true,
  };
}

function serviceType({ service, providerService }: InvocationFacts): UsageRecord['service_type'] {
  if (service !== undefined) return 'MODEL_SERVICE';
  return providerService === undefined ? null : 'MODEL_PROVIDER_SERVICE';
}

function endpointMetadata(service: ModelService): UsageRecord['endpoint_metadata'] {
  const { destinations, fallbacks, inferenceTable } = service;
  return {
    creator: null,
    creation_time: null,
    last_updated_time: null,
    destinations: destinations.map(({ name }) => name),
    inference_table: inferenceTable?.table.join('.') ?? null,
    fallbacks: fallbacks.map(({ name }) => name),
  };
}

function sumKnown(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined && b === undefined ? undefined : (a ?? 0) + (b ?? 0);
}
