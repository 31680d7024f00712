import type { GatewayError } from '../errors/gateway-error.ts';
import type { SseFrame } from '../framing/sse.ts';
import type { StreamEvent } from '../ir/events.ts';
import type { RateLimitState } from './rate-limit-state.ts';

export type DialectId = 'openai-chat' | 'openai-responses' | 'anthropic-messages' | 'gemini';

/** What a call wants. `generate` is the model call; the others are answered or relayed beside it. */
export type Operation = 'generate' | 'count-tokens' | 'embeddings';

/** A byte range of the body, end exclusive. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** What the relay lane must know of a request body, read without decoding it. */
export interface BodySummary {
  /** The caller's `model`, unescaped. `undefined` where the dialect keeps it in the path (gemini). */
  readonly model: string | undefined;
  /** Where the JSON string of `model` stands, quotes included. */
  readonly modelRange: ByteRange | undefined;
  /** Whether the body asks for a stream (gemini: always false, the path says it). */
  readonly stream: boolean;
  /** The most output tokens that the caller lets the model write, where it says so. */
  readonly maxOutputTokens: number | undefined;
  /** Reasoning effort as the caller wrote it, for the usage record. */
  readonly reasoningEffort: string | undefined;
  /** A session id carried in the body (Anthropic `metadata.user_id`, OpenAI `prompt_cache_key`). */
  readonly sessionHint: string | undefined;
  /** Edits that metering needs, e.g. chat's `stream_options.include_usage`. Applied only when streaming. */
  readonly meteringEdits: readonly BodyEdit[];
  /** Bytes of text in the request (all strings), for the token estimate rule. */
  readonly textLength: number;
  /**
   * `responses` when the body is Responses-shaped (`input`, no `messages`) although the path is chat's, as one agent
   * sends it (agents without a dialect of their own). Told, not refused: whoever plans the request decides.
   */
  readonly shape?: 'responses' | undefined;
}

/** A named surgical edit: replace the range by the bytes. The only changes the relay lane makes. */
export interface BodyEdit {
  readonly name: 'model' | 'stream_options.include_usage';
  readonly range: ByteRange;
  readonly bytes: string;
}

/** Turns frames into events. A pure state machine: never throws; hostile input gives an `error` event. */
export interface StreamDecoder {
  step(frame: SseFrame): StreamEvent[];
  /** The bytes have ended. Closes open blocks; gives an `error` event if no terminal event was seen. */
  end(): StreamEvent[];
}

/** An answer in the caller's dialect. */
export interface ErrorAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** How the fullest budget stands that a request counts against, for clients that show it. */
export interface BudgetStanding {
  /** Share of the threshold that is spent; 1 and above where it is used up. */
  readonly utilization: number;
  /** Whether requests are refused. */
  readonly exhausted: boolean;
  /** When the count begins anew, milliseconds since 1970. */
  readonly resetsAt: number;
  readonly period: 'DAY' | 'WEEK' | 'MONTH';
  /** Whether everybody in the budget's scope shares the threshold. */
  readonly shared: boolean;
}

/**
 * One wire API. A folder whose `index.ts` exports one such value. Pure: no I/O, no clock, no logger,
 * no configuration. Shared code never asks which dialect it is; the answer is a member here.
 */
export interface Dialect {
  readonly id: DialectId;
  /**
   * Reads the body once, top level only, for the relay lane.
   * @throws GatewayError `caller_body_not_json` (not an object, cut off) or `caller_body_invalid`
   *   (`model` twice or not a string, `stream` not a boolean).
   */
  summarize(body: Buffer, operation: Operation): BodySummary;
  /** A fresh decoder for one streamed answer. */
  streamDecoder(): StreamDecoder;
  /** A whole JSON answer as the same events as its stream would give. Never throws. */
  decodeResponse(body: string): StreamEvent[];
  /** Whether this frame is the stream's last word; a caller who leaves after it has succeeded. */
  isTerminal(frame: SseFrame): boolean;
  /** Bytes that keep the connection warm between events, or `undefined` where none is harmless. */
  readonly keepalive: string | undefined;
  /** An error before the first byte, in this dialect's shape with its own headers. */
  encodeError(error: GatewayError, requestId: string): ErrorAnswer;
  /** An error inside a stream: whole SSE events, ending with what makes the client stop waiting. */
  encodeStreamError(error: GatewayError, requestId: string): string;
  /** Headers that tell the client how its budget stands, on every answer; none where its clients read none. */
  budgetHeaders(standing: BudgetStanding): Readonly<Record<string, string>>;
  /**
   * What the gateway's own rate limits leave to the caller, as this API tells it: on answers and on refusals. They stand
   * in place of the provider's limit headers, since the caller can only be told one; without a limit of the gateway
   * there is no state, and the provider's pass. Empty where the API has no such headers.
   */
  rateLimitHeaders(state: RateLimitState): Record<string, string>;
  /** Name of the header that carries the request id (`request-id`, `x-request-id`). */
  readonly requestIdHeader: string;
  // Room for the translate lane (a later issue): decodeRequest, encodeRequest, streamEncoder.
}
