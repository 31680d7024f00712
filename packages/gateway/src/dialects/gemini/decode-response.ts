import type { StreamEvent } from '../../ir/events.ts';
import { parseJson } from '../../lib/json-value.ts';
import { GeminiStreamDecoder } from './stream-decoder.ts';

/** A whole answer: one chunk. A stream asked for without `alt=sse` is an array of them. */
export function decodeResponse(body: string): StreamEvent[] {
  const decoder = new GeminiStreamDecoder();
  const parsed = parseJson(body);
  const chunks = Array.isArray(parsed) ? parsed.map((chunk) => JSON.stringify(chunk)) : [body];
  return [...chunks.flatMap((data) => decoder.step({ event: undefined, data })), ...decoder.end()];
}
