import type { GatewayError } from '../errors/gateway-error.ts';
import { isLongRefusal } from './error-facts.ts';

/** OpenAI's error object, the same in chat and Responses. */
export interface OpenaiErrorObject {
  readonly message: string;
  readonly type: string;
  readonly param: string | null;
  /** Never null: Codex shows the message of a 400 only when there is a code. */
  readonly code: string;
}

/** The error in OpenAI's words, where it has a word; else our own code. */
export function openaiErrorObject(error: GatewayError): OpenaiErrorObject {
  return { message: error.message, type: typeOf(error.status), param: error.param ?? null, code: codeOf(error) };
}

function typeOf(status: number): string {
  if (status === 401) return 'authentication_error';
  if (status === 403) return 'permission_error';
  if (status === 429) return 'rate_limit_error';
  return status < 500 ? 'invalid_request_error' : 'server_error';
}

function codeOf(error: GatewayError): string {
  if (error.code === 'caller_model_not_found') return 'model_not_found';
  if (error.status === 401) return 'invalid_api_key';
  // Codex stops at once on the first, and waits and retries on the second.
  if (error.status === 429) return isLongRefusal(error) ? 'insufficient_quota' : 'rate_limit_exceeded';
  return error.code;
}
