import type { GatewayError } from '../../errors/gateway-error.ts';
import type { ErrorAnswer } from '../dialect.ts';
import { errorHeaders, isTransient, sseEvent } from '../error-facts.ts';
import { openaiErrorObject } from '../openai-error-object.ts';

export const requestIdHeader = 'x-request-id';

/** Behind every number that a real stream reaches: the stream's own count is not known here. */
const LAST_SEQUENCE_NUMBER = 2_147_483_647;

/** `{error: {message, type, param, code}}`. */
export function encodeError(error: GatewayError, requestId: string): ErrorAnswer {
  return {
    status: error.status,
    headers: errorHeaders(error, requestIdHeader, requestId),
    body: JSON.stringify({ error: openaiErrorObject(error) }),
  };
}

/**
 * A `response.failed` event with a whole response object. What may pass is `server_error`, which Codex and Pi retry
 * like a cut; a refusal for good is `invalid_prompt`, the vendor's own word that its clients take as final. The
 * gateway's code stands in the message, as the vendor's list of codes is closed.
 */
export function encodeStreamError(error: GatewayError, requestId: string): string {
  const response = {
    id: `resp_${requestId}`,
    object: 'response',
    created_at: 0,
    status: 'failed',
    error: streamError(error),
    incomplete_details: null,
    instructions: null,
    metadata: {},
    model: '',
    output: [],
    parallel_tool_calls: true,
    previous_response_id: null,
    temperature: null,
    tool_choice: 'auto',
    tools: [],
    top_p: null,
    usage: null,
  };
  return sseEvent('response.failed', { type: 'response.failed', sequence_number: LAST_SEQUENCE_NUMBER, response });
}

function streamError(error: GatewayError): { code: string; message: string } {
  if (isTransient(error)) return { code: 'server_error', message: `Server error: ${error.message}` };
  const { code } = openaiErrorObject(error);
  const known = code === 'rate_limit_exceeded' || code === 'insufficient_quota';
  return { code: known ? code : 'invalid_prompt', message: `${error.message} (${error.code})` };
}
