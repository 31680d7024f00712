import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import type { InferenceTable } from '../config/gateway-config.ts';
import type { DialectId } from '../dialects/dialect.ts';
import type { TableRef } from '../lake/lake.ts';
import { rebuildMessage } from './rebuild-message.ts';
import { redact } from './redact.ts';
import type { UsageRecord } from './usage-record.ts';

/** Version of the payload row; raised when a column changes its meaning. */
const SCHEMA_VERSION = 1;
/** Longer bodies are not kept (unity-ai-gateway 4.1). */
export const MAX_PAYLOAD_BODY_BYTES = 10 * 1024 * 1024;

/** Why a body is not in the row. The first two are the vendor's words. */
export type LoggingErrorCode =
  | 'MAX_REQUEST_SIZE_EXCEEDED'
  | 'MAX_RESPONSE_SIZE_EXCEEDED'
  /** The body is compressed or not UTF-8. */
  | 'NOT_TEXT'
  /** Something that must be redacted is spread over several events of the stream. The final message has it redacted. */
  | 'REDACTED_ACROSS_EVENTS';

/** A body as it was seen: its bytes, nothing (never sent), or why it is not there. */
export type SeenBody = Uint8Array | undefined | 'too-large' | 'not-text';

/** The columns of a payload row but for the bodies. */
export interface PayloadFacts {
  readonly request_id: string;
  readonly invocation_id: string;
  readonly request_tags: Readonly<Record<string, string>>;
  readonly event_time: string;
  readonly status_code: number;
  readonly sampling_fraction: number;
  readonly latency_ms: number;
  readonly time_to_first_byte_ms: number | null;
  readonly destination_id: string | null;
  readonly logging_error_codes: readonly LoggingErrorCode[];
  readonly requester: string;
  readonly schema_version: number;
  readonly service_name: string | null;
  readonly destination_model: string | null;
  readonly api_type: string;
}

/** One invocation, as it becomes a row of its service's payload table. */
export interface PayloadRecord {
  readonly table: TableRef;
  readonly facts: PayloadFacts;
  /** UTF-8, redacted. */
  readonly request: Uint8Array | undefined;
  /** UTF-8, redacted: JSON, or the event text of a stream. */
  readonly response: Uint8Array | undefined;
  /** Set where `response` is event text the message can be rebuilt from. */
  readonly streamOf: DialectId | undefined;
  /** The rebuilt message, where `response` must not be kept. */
  readonly finalMessage: Uint8Array | undefined;
}

export interface PayloadInput {
  readonly table: TableRef;
  readonly settings: InferenceTable;
  readonly usage: UsageRecord;
  readonly dialect: DialectId;
  readonly request: SeenBody;
  readonly response: SeenBody;
  /** Whether `response` is event text. */
  readonly isStream: boolean;
}

/**
 * Whether the bodies of a request are kept. The same answer for all invocations of a request, and for the same
 * request always.
 * @param fraction above 0 to 1.
 */
export function isSampled(requestId: string, fraction: number): boolean {
  if (fraction >= 1) return true;
  return createHash('sha256').update(requestId).digest().readUIntBE(0, 6) < fraction * 2 ** 48;
}

/** The payload record of an invocation: sizes checked, redacted. Pure. */
export function buildPayloadRecord(input: PayloadInput): PayloadRecord {
  const { table, settings, usage, dialect, isStream } = input;
  const codes: LoggingErrorCode[] = [];
  const request = keptBody(input.request, 'MAX_REQUEST_SIZE_EXCEEDED', settings, codes);
  let response = keptBody(input.response, 'MAX_RESPONSE_SIZE_EXCEEDED', settings, codes);
  let finalMessage: Uint8Array | undefined;
  if (isStream && response !== undefined && settings.redact.length > 0) {
    const rebuilt = rebuildMessage(dialect, response);
    const redacted = rebuilt === undefined ? undefined : redact(rebuilt, settings.redact);
    if (redacted !== undefined && redacted !== rebuilt) {
      codes.push('REDACTED_ACROSS_EVENTS');
      finalMessage = Buffer.from(redacted);
      response = undefined;
    }
  }
  return {
    table,
    facts: payloadFacts(usage, settings, [...new Set(codes)]),
    request,
    response,
    streamOf: isStream && response !== undefined ? dialect : undefined,
    finalMessage,
  };
}

function keptBody(
  body: SeenBody,
  tooLarge: LoggingErrorCode,
  { redact: rules }: InferenceTable,
  codes: LoggingErrorCode[],
): Uint8Array | undefined {
  if (body === undefined) return undefined;
  if (body === 'too-large' || (typeof body !== 'string' && body.length > MAX_PAYLOAD_BODY_BYTES)) {
    codes.push(tooLarge);
    return undefined;
  }
  if (body === 'not-text' || !isUtf8(body)) {
    codes.push('NOT_TEXT');
    return undefined;
  }
  return rules.length === 0 ? body : Buffer.from(redact(Buffer.from(body).toString('utf8'), rules));
}

function payloadFacts(usage: UsageRecord, settings: InferenceTable, codes: readonly LoggingErrorCode[]): PayloadFacts {
  return {
    request_id: usage.request_id,
    invocation_id: usage.invocation_id,
    request_tags: usage.request_tags,
    event_time: usage.event_time,
    status_code: usage.status_code,
    sampling_fraction: settings.samplingFraction,
    latency_ms: usage.latency_ms,
    time_to_first_byte_ms: usage.time_to_first_byte_ms,
    destination_id: usage.destination_id,
    logging_error_codes: codes,
    requester: usage.requester,
    schema_version: SCHEMA_VERSION,
    service_name: usage.service_name,
    destination_model: usage.destination_model,
    api_type: usage.api_type,
  };
}

interface Head extends Pick<PayloadRecord, 'table' | 'facts' | 'streamOf'> {
  /** Bytes of `request`, `response` and `finalMessage`, -1 for none. They follow in that order. */
  readonly bytes: readonly [number, number, number];
}

/** A payload record for the spool: one line of JSON, then the bodies as they are. For `Spool.appendBytes`. */
export function encodePayloadRecord(record: PayloadRecord): Uint8Array[] {
  const { table, facts, request, response, streamOf, finalMessage } = record;
  const bodies = [request, response, finalMessage];
  const bytes = bodies.map((body) => body?.length ?? -1);
  const head = JSON.stringify({ table, facts, streamOf, bytes });
  return [Buffer.from(`${head}\n`), ...bodies.filter((body) => body !== undefined)];
}

/** @throws Error where the payload is not one of `encodePayloadRecord`. */
export function decodePayloadRecord(payload: Buffer): PayloadRecord {
  const end = payload.indexOf(0x0a);
  if (end < 0) throw new Error('A payload record has no head.');
  const { table, facts, streamOf, bytes } = JSON.parse(payload.toString('utf8', 0, end)) as Head;
  let start = end + 1;
  const body = (length: number): Uint8Array | undefined => {
    if (length < 0) return undefined;
    const taken = payload.subarray(start, start + length);
    start += length;
    if (taken.length < length) throw new Error('A payload record is cut off.');
    return taken;
  };
  return { table, facts, streamOf, request: body(bytes[0]), response: body(bytes[1]), finalMessage: body(bytes[2]) };
}
