import { array, field, map, struct, type StructType } from '../lake/schema/delta-type.ts';
import { decodePayloadRecord } from './payload-record.ts';
import { rebuildMessage } from './rebuild-message.ts';
import type { SpoolFeed } from './spool-feed.ts';

/** Columns of a service's inference table (unity-ai-gateway 4.1), in that order; ours follow. */
export const payloadSchema: StructType = struct(
  field('request_id', 'string', 'Joins system.ai_gateway.usage.request_id.'),
  field('invocation_id', 'string', 'One attempt at one destination. Unique together with request_id.'),
  field('request_tags', map('string', 'string'), 'Tags the caller sent with the request.'),
  field('event_time', 'timestamp', 'When the request was received.'),
  field('status_code', 'integer', 'Final HTTP status; 499 when the caller left before the end.'),
  field('sampling_fraction', 'double', 'Share of the requests that is kept; 1 is all.'),
  field('latency_ms', 'long', 'Milliseconds from the request to the end of the answer.'),
  field('time_to_first_byte_ms', 'long', 'Milliseconds from the request to the first byte of the answer.'),
  field('request', 'string', 'Body of the request as the caller sent it.'),
  field('response', 'string', 'Body of the answer: JSON, or the event text of a stream.'),
  field('destination_id', 'string', 'Id of the destination.'),
  field('logging_error_codes', array('string'), 'Why a body is missing, such as MAX_REQUEST_SIZE_EXCEEDED.'),
  field('requester', 'string', 'User name, or application id of a service principal.'),
  field('schema_version', 'integer', 'Version of the meaning of these columns.'),
  field('final_message', 'string', 'Of a stream: the whole message, as the JSON answer would have been.'),
  field('service_name', 'string', 'Three-level name of the service.'),
  field('destination_model', 'string', 'Model that served the call, as the provider names it.'),
  field('api_type', 'string', 'API that was called, such as anthropic/v1/messages.'),
);

/** The spool of payload records on its way to the services' tables. Each record names its table. */
export function payloadFeed({ directory }: { directory: string }): SpoolFeed {
  return {
    name: 'payloads',
    directory,
    toRows: (payload) => {
      const { table, facts, request, response, streamOf, finalMessage } = decodePayloadRecord(payload);
      const rebuilt = response === undefined || streamOf === undefined ? undefined : rebuildMessage(streamOf, response);
      const row = {
        ...facts,
        request: text(request),
        response: text(response),
        final_message: rebuilt ?? text(finalMessage),
      };
      return { table, lines: Buffer.from(`${JSON.stringify(row)}\n`), count: 1 };
    },
  };
}

function text(body: Uint8Array | undefined): string | null {
  return body === undefined ? null : Buffer.from(body.buffer, body.byteOffset, body.length).toString('utf8');
}
