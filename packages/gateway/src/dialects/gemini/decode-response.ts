import type { StreamEvent } from '../../ir/events.ts';
import { asRecord, parseJson } from '../../lib/json-value.ts';
import { GeminiStreamDecoder } from './stream-decoder.ts';

/** A whole answer: one chunk. A stream asked for without `alt=sse` is an array of them. */
export function decodeResponse(body: string): StreamEvent[] {
  const decoder = new GeminiStreamDecoder();
  const parsed = parseJson(body);
  const events = Array.isArray(parsed)
    ? parsed.flatMap((chunk) => decoder.stepJson(asRecord(chunk) ?? {}, undefined))
    : decoder.step({ event: undefined, data: body });
  return [...events, ...decoder.end()];
}
