import type { SseFrame } from '../../framing/sse.ts';
import { asRecord, parseJson } from '../../lib/json-value.ts';

const TERMINAL: ReadonlySet<unknown> = new Set([
  'response.completed',
  'response.failed',
  'response.incomplete',
  'error',
]);

/** By the event name, which spares parsing the largest event of the stream, else by the `type` of the data. */
export function isTerminal(frame: SseFrame): boolean {
  if (frame.event !== undefined) return TERMINAL.has(frame.event);
  if (!/"(response\.(completed|failed|incomplete)|error)"/.test(frame.data)) return false;
  return TERMINAL.has(asRecord(parseJson(frame.data))?.['type']);
}
