import { modelField, openBody, recordedCount, recordedString, streamField } from '../body-fields.ts';
import type { BodySummary, Operation } from '../dialect.ts';

const WANTED = new Set(['model', 'stream', 'reasoning', 'prompt_cache_key', 'max_output_tokens']);

/** Reads a Responses body. Usage always stands in the last event: no metering edit. */
export function summarize(body: Buffer, _operation: Operation): BodySummary {
  const scan = openBody(body, WANTED);
  return {
    ...modelField(body, scan),
    stream: streamField(body, scan),
    maxOutputTokens: recordedCount(body, scan, ['max_output_tokens']),
    reasoningEffort: recordedString(body, scan, ['reasoning', 'effort']),
    sessionHint: recordedString(body, scan, ['prompt_cache_key']),
    meteringEdits: [],
    textLength: scan.textLength,
  };
}
