import type { GatewayError } from '../../errors/gateway-error.ts';
import type { ErrorAnswer } from '../dialect.ts';
import { errorHeaders, isTransient, sseEvent } from '../error-facts.ts';
import { openaiErrorObject } from '../openai-error-object.ts';

export const requestIdHeader = 'x-request-id';

/** `{error: {message, type, param, code}}`. */
export function encodeError(error: GatewayError, requestId: string): ErrorAnswer {
  return {
    status: error.status,
    headers: errorHeaders(error, requestIdHeader, requestId),
    body: JSON.stringify({ error: openaiErrorObject(error) }),
  };
}

/**
 * An `error` object as the last event. No `[DONE]` follows: it would tell a client that skips the object that the
 * answer is complete, and clients that know the object read no further.
 *
 * Pi decides by the words of the message whether an error in a chat stream is final; «server error» is retried, as it
 * would retry the cut itself.
 */
export function encodeStreamError(error: GatewayError, _requestId: string): string {
  const object = openaiErrorObject(error);
  return sseEvent(undefined, {
    error: isTransient(error) ? { ...object, message: `Server error: ${object.message}` } : object,
  });
}
