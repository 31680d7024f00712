import { openBody, recordedCount, recordedString } from '../body-fields.ts';
import type { BodySummary, Operation } from '../dialect.ts';

const WANTED = new Set(['generationConfig', 'generation_config']);

/** Reads a Gemini body. Model and stream stand in the path; usage stands in every chunk: no metering edit. */
export function summarize(body: Buffer, _operation: Operation): BodySummary {
  const scan = openBody(body, WANTED);
  return {
    model: undefined,
    modelRange: undefined,
    stream: false,
    maxOutputTokens:
      recordedCount(body, scan, ['generationConfig', 'maxOutputTokens']) ??
      recordedCount(body, scan, ['generation_config', 'max_output_tokens']),
    reasoningEffort:
      recordedString(body, scan, ['generationConfig', 'thinkingConfig', 'thinkingLevel']) ??
      recordedString(body, scan, ['generation_config', 'thinking_config', 'thinking_level']),
    sessionHint: undefined,
    meteringEdits: [],
    textLength: scan.textLength,
  };
}
