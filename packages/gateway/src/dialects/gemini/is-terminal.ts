import type { SseFrame } from '../../framing/sse.ts';
import { asArray, asRecord, parseJson } from '../../lib/json-value.ts';
import { finishWord } from './map-finish-reason.ts';

/** A chunk with a finish reason, a blocked prompt, or an error. Chunks that name none of them are not parsed. */
export function isTerminal(frame: SseFrame): boolean {
  if (!/"(finishReason|blockReason|error)"/.test(frame.data)) return false;
  const chunk = asRecord(parseJson(frame.data));
  if (chunk === undefined) return false;
  if (asRecord(chunk['error']) || finishWord(asRecord(chunk['promptFeedback'])?.['blockReason'])) return true;
  return asArray(chunk['candidates']).some((candidate) => finishWord(asRecord(candidate)?.['finishReason']));
}
