import type { SseFrame } from '../../framing/sse.ts';
import { asRecord, parseJson } from '../../lib/json-value.ts';

/** `[DONE]`, or an `error` object, after which clients read no further. */
export function isTerminal(frame: SseFrame): boolean {
  const data = frame.data.trim();
  if (data === '[DONE]') return true;
  if (!data.startsWith('{') || !data.includes('"error"')) return false;
  return Boolean(asRecord(parseJson(data))?.['error']);
}
