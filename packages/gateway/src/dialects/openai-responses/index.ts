import type { Dialect } from '../dialect.ts';
import { openaiRateLimitHeaders } from '../openai-rate-limit-headers.ts';
import { decodeResponse } from './decode-response.ts';
import { encodeError, encodeStreamError, requestIdHeader } from './encode-error.ts';
import { isTerminal } from './is-terminal.ts';
import { ResponsesStreamDecoder } from './stream-decoder.ts';
import { summarize } from './summarize.ts';

/** OpenAI Responses: `POST …/responses`. */
export const openaiResponses: Dialect = {
  id: 'openai-responses',
  summarize,
  streamDecoder: () => new ResponsesStreamDecoder(),
  decodeResponse,
  isTerminal,
  keepalive: ': keepalive\n\n',
  encodeError,
  encodeStreamError,
  budgetHeaders: () => ({}),
  rateLimitHeaders: openaiRateLimitHeaders,
  requestIdHeader,
};
