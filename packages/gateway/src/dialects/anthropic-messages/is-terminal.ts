import type { SseFrame } from '../../framing/sse.ts';
import { asRecord, parseJson } from '../../lib/json-value.ts';

/** `message_stop` or `error`, by the event name, else by the `type` of the data. */
export function isTerminal(frame: SseFrame): boolean {
  if (frame.event !== undefined) return frame.event === 'message_stop' || frame.event === 'error';
  if (!frame.data.includes('"message_stop"') && !frame.data.includes('"error"')) return false;
  const type = asRecord(parseJson(frame.data))?.['type'];
  return type === 'message_stop' || type === 'error';
}
