import type { Dialect } from '../dialect.ts';
import { openaiRateLimitHeaders } from '../openai-rate-limit-headers.ts';
import { decodeResponse } from './decode-response.ts';
import { encodeError, encodeStreamError, requestIdHeader } from './encode-error.ts';
import { isTerminal } from './is-terminal.ts';
import { ChatStreamDecoder } from './stream-decoder.ts';
import { summarize } from './summarize.ts';

/** OpenAI Chat Completions: `POST …/chat/completions`, and `…/embeddings` of the same vendor family. */
export const openaiChat: Dialect = {
  id: 'openai-chat',
  summarize,
  streamDecoder: () => new ChatStreamDecoder(),
  decodeResponse,
  isTerminal,
  keepalive: ': keepalive\n\n',
  encodeError,
  encodeStreamError,
  budgetHeaders: () => ({}),
  rateLimitHeaders: openaiRateLimitHeaders,
  requestIdHeader,
};
