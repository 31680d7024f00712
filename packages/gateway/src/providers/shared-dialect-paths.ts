import type { ProviderCall } from './provider.ts';
import { hasParameter } from './shared-url.ts';

/** A call the provider's `dialects` does not list. The planner never makes one, so this is our own fault. */
export class UnsupportedCallError extends Error {
  constructor(call: ProviderCall) {
    super(`no ${call.operation} in ${call.dialect} at this provider`);
    this.name = 'UnsupportedCallError';
  }
}

/** Path of an OpenAI call below its version segment: `/chat/completions`, `/responses`, `/embeddings`. */
export function openAiPath(call: ProviderCall): string {
  if (call.operation === 'embeddings') return '/embeddings';
  if (call.operation !== 'generate') throw new UnsupportedCallError(call);
  if (call.dialect === 'openai-chat') return '/chat/completions';
  if (call.dialect === 'openai-responses') return '/responses';
  throw new UnsupportedCallError(call);
}

/** Path of an Anthropic call: `/v1/messages` or `/v1/messages/count_tokens`. */
export function anthropicPath(call: ProviderCall): string {
  if (call.dialect !== 'anthropic-messages') throw new UnsupportedCallError(call);
  if (call.operation === 'generate') return '/v1/messages';
  if (call.operation === 'count-tokens') return '/v1/messages/count_tokens';
  throw new UnsupportedCallError(call);
}

/** Path of a Gemini call: `/v1beta/models/{model}:{verb}`. The model cannot leave its segment. */
export function geminiPath(call: ProviderCall): string {
  if (call.dialect !== 'gemini') throw new UnsupportedCallError(call);
  return `/v1beta/models/${encodeURIComponent(call.model.replace(/^models\//, ''))}:${geminiVerb(call)}`;
}

/** The caller's query for a Gemini call; a stream is asked for as SSE unless the caller says otherwise. */
export function geminiQuery(call: ProviderCall): string {
  const wantsDefault = call.operation === 'generate' && call.stream && !hasParameter(call.query, 'alt');
  if (!wantsDefault) return call.query;
  return call.query === '' ? 'alt=sse' : `${call.query}&alt=sse`;
}

/** `anthropic-version` for callers that send none; a caller's own wins. https://platform.claude.com/docs/en/api/versioning */
export const ANTHROPIC_VERSION = '2023-06-01';

/** `Authorization: Bearer` or nothing. */
export function bearer(token: string | undefined): Readonly<Record<string, string>> {
  return token === undefined ? {} : { authorization: `Bearer ${token}` };
}

function geminiVerb(call: ProviderCall): string {
  if (call.operation === 'count-tokens') return 'countTokens';
  if (call.operation !== 'generate') throw new UnsupportedCallError(call);
  return call.stream ? 'streamGenerateContent' : 'generateContent';
}
