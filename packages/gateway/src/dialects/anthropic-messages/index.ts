import type { Dialect } from '../dialect.ts';
import { budgetHeaders } from './budget-headers.ts';
import { decodeResponse } from './decode-response.ts';
import { encodeError, encodeStreamError, requestIdHeader } from './encode-error.ts';
import { AnthropicStreamDecoder } from './stream-decoder.ts';
import { isTerminal } from './is-terminal.ts';
import { rateLimitHeaders } from './rate-limit-headers.ts';
import { summarize } from './summarize.ts';

/** Anthropic Messages: `POST …/v1/messages`, `…/v1/messages/count_tokens`. */
export const anthropicMessages: Dialect = {
  id: 'anthropic-messages',
  summarize,
  streamDecoder: () => new AnthropicStreamDecoder(),
  decodeResponse,
  isTerminal,
  keepalive: 'event: ping\ndata: {"type": "ping"}\n\n',
  encodeError,
  encodeStreamError,
  budgetHeaders,
  rateLimitHeaders,
  requestIdHeader,
};
