import type { StreamEvent } from '../../ir/events.ts';
import { asRecord, parseJson } from '../../lib/json-value.ts';
import { ResponsesStreamDecoder } from './stream-decoder.ts';

/** A whole response object: read as the final event of its stream, which carries it too. */
export function decodeResponse(body: string): StreamEvent[] {
  const decoder = new ResponsesStreamDecoder();
  const response = asRecord(parseJson(body));
  const isResponse = response !== undefined && (response['object'] === 'response' || Array.isArray(response['output']));
  const events = isResponse
    ? decoder.stepJson({ type: 'response.completed', response }, undefined)
    : decoder.step({ event: undefined, data: body });
  return [...events, ...decoder.end()];
}
