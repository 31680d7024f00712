import type { StreamEvent } from '../../ir/events.ts';
import { asArray, asRecord, parseJson } from '../../lib/json-value.ts';
import { AnthropicStreamDecoder } from './stream-decoder.ts';

/** A whole Messages answer: read as the stream events that would have carried it. */
export function decodeResponse(body: string): StreamEvent[] {
  const decoder = new AnthropicStreamDecoder();
  const message = asRecord(parseJson(body));
  // Not a message (an error object, or no JSON at all): the stream decoder says so.
  if (message?.['type'] !== 'message') return [...decoder.step({ event: undefined, data: body }), ...decoder.end()];
  const { content, usage, stop_reason: stopReason, ...head } = message;
  const wire = [
    { type: 'message_start', message: head },
    ...asArray(content).flatMap((block, index) => [
      { type: 'content_block_start', index, content_block: block },
      { type: 'content_block_stop', index },
    ]),
    { type: 'message_delta', delta: { stop_reason: stopReason }, usage },
    { type: 'message_stop' },
  ];
  return wire.flatMap((event) => decoder.stepJson(event, undefined));
}
