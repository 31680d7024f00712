import { lastField, modelField, openBody, recordedCount, recordedString, streamField } from '../body-fields.ts';
import type { BodySummary, Operation } from '../dialect.ts';
import { asRecord, asText, parseJson } from '../../lib/json-value.ts';

const WANTED = new Set(['model', 'stream', 'metadata', 'output_config', 'max_tokens']);

/** Reads a Messages body (also that of `count_tokens`). Usage always stands in the stream: no metering edit. */
export function summarize(body: Buffer, _operation: Operation): BodySummary {
  const scan = openBody(body, WANTED);
  return {
    ...modelField(body, scan),
    stream: streamField(body, scan),
    maxOutputTokens: recordedCount(body, scan, ['max_tokens']),
    reasoningEffort: recordedString(body, scan, ['output_config', 'effort']),
    sessionHint: lastField(scan, 'metadata') && sessionOf(recordedString(body, scan, ['metadata', 'user_id'])),
    meteringEdits: [],
    textLength: scan.textLength,
  };
}

/**
 * The session id inside `metadata.user_id`. Claude Code writes a JSON string with `session_id`; older versions
 * `user_…_account_…_session_<uuid>`. A plain user id is not a session.
 */
function sessionOf(userId: string | undefined): string | undefined {
  if (userId === undefined) return undefined;
  if (userId.startsWith('{')) return asText(asRecord(parseJson(userId))?.['session_id']);
  return /_session_([0-9A-Za-z-]+)$/.exec(userId)?.[1];
}
