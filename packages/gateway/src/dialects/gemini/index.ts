import type { Dialect } from '../dialect.ts';
import { decodeResponse } from './decode-response.ts';
import { encodeError, encodeStreamError, requestIdHeader } from './encode-error.ts';
import { isTerminal } from './is-terminal.ts';
import { GeminiStreamDecoder } from './stream-decoder.ts';
import { summarize } from './summarize.ts';

/** Gemini: `POST …/v1beta/models/{model}:generateContent` and `:streamGenerateContent?alt=sse`. */
export const gemini: Dialect = {
  id: 'gemini',
  summarize,
  streamDecoder: () => new GeminiStreamDecoder(),
  decodeResponse,
  isTerminal,
  // Gemini CLI dies of comment lines, and an empty chunk would be content.
  keepalive: undefined,
  encodeError,
  encodeStreamError,
  budgetHeaders: () => ({}),
  // The API has none: the wait is in `retry-after` and in the details of a refusal.
  rateLimitHeaders: () => ({}),
  requestIdHeader,
};
