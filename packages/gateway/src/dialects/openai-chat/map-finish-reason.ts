import type { FinishReason } from '../../ir/events.ts';

const UNIFIED: Readonly<Record<string, FinishReason['unified']>> = {
  stop: 'stop',
  length: 'length',
  tool_calls: 'tool-calls',
  function_call: 'tool-calls',
  content_filter: 'content-filter',
  error: 'error',
};

/** `finish_reason`; words we do not know are `other`. */
export function mapFinishReason(raw: string | undefined): FinishReason {
  const unified = raw !== undefined && Object.hasOwn(UNIFIED, raw) ? UNIFIED[raw] : undefined;
  return { unified: unified ?? 'other', raw };
}
