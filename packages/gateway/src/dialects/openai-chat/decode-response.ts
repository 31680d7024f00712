import type { StreamEvent } from '../../ir/events.ts';
import { asRecord, parseJson } from '../../lib/json-value.ts';
import { ChatStreamDecoder } from './stream-decoder.ts';

/** A whole chat completion (or list of embeddings): read as one chunk that carries everything. */
export function decodeResponse(body: string): StreamEvent[] {
  const decoder = new ChatStreamDecoder();
  const events = decoder.step({ event: undefined, data: body });
  const answer = asRecord(parseJson(body));
  const isWhole = Array.isArray(answer?.['choices']) || answer?.['object'] === 'list';
  return [...events, ...(isWhole ? decoder.step({ event: undefined, data: '[DONE]' }) : decoder.end())];
}
