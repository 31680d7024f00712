import type { FinishReason } from '../../ir/events.ts';

const UNIFIED: Readonly<Record<string, FinishReason['unified']>> = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  tool_use: 'tool-calls',
  refusal: 'content-filter',
};

/** `stop_reason`; words we do not know (`pause_turn` among them) are `other`. */
export function mapFinishReason(raw: string | undefined): FinishReason {
  const unified = raw !== undefined && Object.hasOwn(UNIFIED, raw) ? UNIFIED[raw] : undefined;
  return { unified: unified ?? 'other', raw };
}
