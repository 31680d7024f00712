import type { FinishReason } from '../../ir/events.ts';
import { asRecord, asText, type JsonRecord } from '../../lib/json-value.ts';

const INCOMPLETE: Readonly<Record<string, FinishReason['unified']>> = {
  max_output_tokens: 'length',
  max_tokens: 'length',
  content_filter: 'content-filter',
};

/**
 * The reason from a response object that has not failed: `incomplete_details.reason`, else `status`. Responses does not
 * tell stopping from waiting for tools, so the caller says it.
 * @param calledTools whether the message calls tools that the client must run.
 */
export function mapFinishReason(response: JsonRecord, calledTools: boolean): FinishReason {
  const status = asText(response['status']);
  const reason = asText(asRecord(response['incomplete_details'])?.['reason']);
  if (reason !== undefined) {
    return { unified: (Object.hasOwn(INCOMPLETE, reason) ? INCOMPLETE[reason] : undefined) ?? 'other', raw: reason };
  }
  if (status === 'completed') return { unified: calledTools ? 'tool-calls' : 'stop', raw: status };
  return { unified: 'other', raw: status };
}
