import {
  lastField,
  modelField,
  onlyField,
  openBody,
  recordedCount,
  recordedString,
  streamField,
} from '../body-fields.ts';
import type { BodyEdit, BodySummary, Operation } from '../dialect.ts';
import { type JsonObjectScan, scanObjectIn } from '../../lib/json-scan.ts';

const WANTED = new Set([
  'model',
  'stream',
  'stream_options',
  'messages',
  'input',
  'reasoning_effort',
  'max_completion_tokens',
  'max_tokens',
  'reasoning',
  'prompt_cache_key',
]);
const INCLUDE_USAGE = new Set(['include_usage']);

/**
 * Reads a chat body, or that of `embeddings`. A streaming chat tells its usage only when asked to, so
 * `stream_options.include_usage` is edited in unless it is already true.
 */
export function summarize(body: Buffer, operation: Operation): BodySummary {
  const scan = openBody(body, WANTED);
  const stream = streamField(body, scan);
  const isResponses =
    operation === 'generate' && lastField(scan, 'input') !== undefined && !scan.fields.has('messages');
  return {
    ...modelField(body, scan),
    stream,
    maxOutputTokens: recordedCount(body, scan, ['max_completion_tokens']) ?? recordedCount(body, scan, ['max_tokens']),
    reasoningEffort:
      recordedString(body, scan, ['reasoning_effort']) ?? recordedString(body, scan, ['reasoning', 'effort']),
    sessionHint: recordedString(body, scan, ['prompt_cache_key']),
    meteringEdits: stream && operation === 'generate' && !isResponses ? meteringEdits(body, scan) : [],
    textLength: scan.textLength,
    shape: isResponses ? 'responses' : undefined,
  };
}

/** @throws GatewayError `caller_body_invalid` when `stream_options` stands twice: only one would be edited. */
function meteringEdits(body: Buffer, scan: JsonObjectScan): BodyEdit[] {
  const edit = (start: number, end: number, bytes: string): BodyEdit => ({
    name: 'stream_options.include_usage',
    range: { start, end },
    bytes,
  });
  const options = onlyField(scan, 'stream_options');
  // A body that asks for a stream has a field, so the comma is right.
  if (options === undefined) return [edit(scan.end, scan.end, ',"stream_options":{"include_usage":true}')];
  if (body.toString('latin1', options.start, Math.min(options.end, options.start + 5)) === 'null') {
    return [edit(options.start, options.end, '{"include_usage":true}')];
  }
  const inner = scanObjectIn(body, options, INCLUDE_USAGE);
  // Neither an object nor null: the provider refuses it in its own words.
  if (!inner.ok) return [];
  const found = inner.fields.get('include_usage');
  if (found === undefined) return [edit(inner.end, inner.end, `${inner.isEmpty ? '' : ','}"include_usage":true`)];
  return found
    .filter(({ start, end }) => end - start !== 4 || body.toString('latin1', start, end) !== 'true')
    .map(({ start, end }) => edit(start, end, 'true'));
}
