/**
 * The usage every generated answer reports, whatever its size, so that a test can predict each number
 * that is derived from it. `input` is everything: 120 uncached + 1000 read from the cache + 80 written to
 * the one-hour cache. Only Anthropic knows cache writes; the other dialects report 1200 input of which
 * 1000 cached, so 200 uncached. `output` is 42, of which 7 reasoning (Gemini: 35 candidates + 7 thoughts).
 */
export const DEMO_USAGE = {
  input: 1200,
  cacheRead: 1000,
  anthropicCacheWrite5m: 0,
  anthropicCacheWrite1h: 80,
  anthropicUncached: 120,
  output: 42,
  reasoning: 7,
} as const;

/** `usage` of a chat completion. */
export const chatUsage = {
  prompt_tokens: DEMO_USAGE.input,
  completion_tokens: DEMO_USAGE.output,
  total_tokens: DEMO_USAGE.input + DEMO_USAGE.output,
  prompt_tokens_details: { cached_tokens: DEMO_USAGE.cacheRead },
  completion_tokens_details: { reasoning_tokens: DEMO_USAGE.reasoning },
} as const;

/** `usage` of a response. */
export const responsesUsage = {
  input_tokens: DEMO_USAGE.input,
  input_tokens_details: { cached_tokens: DEMO_USAGE.cacheRead },
  output_tokens: DEMO_USAGE.output,
  output_tokens_details: { reasoning_tokens: DEMO_USAGE.reasoning },
  total_tokens: DEMO_USAGE.input + DEMO_USAGE.output,
} as const;

/** `usage` of a message; `message_start` says 1 output token, `message_delta` all of them. */
export function messagesUsage(outputTokens: number): Record<string, unknown> {
  return {
    input_tokens: DEMO_USAGE.anthropicUncached,
    cache_creation_input_tokens: DEMO_USAGE.anthropicCacheWrite5m + DEMO_USAGE.anthropicCacheWrite1h,
    cache_read_input_tokens: DEMO_USAGE.cacheRead,
    cache_creation: {
      ephemeral_5m_input_tokens: DEMO_USAGE.anthropicCacheWrite5m,
      ephemeral_1h_input_tokens: DEMO_USAGE.anthropicCacheWrite1h,
    },
    output_tokens: outputTokens,
    service_tier: 'standard',
  };
}

/** `usageMetadata` of Gemini; its candidates do not include the thoughts. */
export const geminiUsage = {
  promptTokenCount: DEMO_USAGE.input,
  cachedContentTokenCount: DEMO_USAGE.cacheRead,
  candidatesTokenCount: DEMO_USAGE.output - DEMO_USAGE.reasoning,
  thoughtsTokenCount: DEMO_USAGE.reasoning,
  totalTokenCount: DEMO_USAGE.input + DEMO_USAGE.output,
  promptTokensDetails: [{ modality: 'TEXT', tokenCount: DEMO_USAGE.input }],
} as const;

/** The demo's token count of a text: about four characters a token. */
export function estimateTokens(characters: number): number {
  return Math.ceil(characters / 4);
}
