import type { FinishReason } from '../../ir/events.ts';
import { asText } from '../../lib/json-value.ts';

const UNIFIED: Readonly<Record<string, FinishReason['unified']>> = {
  STOP: 'stop',
  MAX_TOKENS: 'length',
  SAFETY: 'content-filter',
  RECITATION: 'content-filter',
  LANGUAGE: 'content-filter',
  BLOCKLIST: 'content-filter',
  PROHIBITED_CONTENT: 'content-filter',
  SPII: 'content-filter',
  IMAGE_SAFETY: 'content-filter',
  MALFORMED_FUNCTION_CALL: 'error',
  UNEXPECTED_TOOL_CALL: 'error',
};

/** `finishReason` or `blockReason` when it says something. */
export function finishWord(value: unknown): string | undefined {
  const word = asText(value);
  return word?.endsWith('_UNSPECIFIED') ? undefined : word;
}

/**
 * `finishReason`; words we do not know are `other`. Gemini says STOP for tool calls too.
 * @param calledTools whether the message calls tools that the client must run.
 */
export function mapFinishReason(raw: string | undefined, calledTools: boolean): FinishReason {
  const unified = raw !== undefined && Object.hasOwn(UNIFIED, raw) ? UNIFIED[raw] : undefined;
  return { unified: unified === 'stop' && calledTools ? 'tool-calls' : (unified ?? 'other'), raw };
}
