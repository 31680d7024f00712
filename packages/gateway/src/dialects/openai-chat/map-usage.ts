import { consistentUsage } from '../../ir/consistent-usage.ts';
import type { TokenUsage } from '../../ir/usage.ts';
import { asCount, asRecord, type JsonRecord } from '../../lib/json-value.ts';

/**
 * `prompt_tokens` includes cached ones, `completion_tokens` the reasoning. Some compatible providers name the cache
 * figures otherwise: `prompt_cache_hit_tokens` (DeepSeek), Anthropic's two names (Claude behind a chat API).
 */
export function mapUsage(raw: JsonRecord): TokenUsage {
  const prompt = asRecord(raw['prompt_tokens_details']);
  const completion = asRecord(raw['completion_tokens_details']);
  return consistentUsage({
    input: asCount(raw['prompt_tokens']),
    output: asCount(raw['completion_tokens']),
    cacheRead:
      asCount(prompt?.['cached_tokens']) ??
      asCount(raw['prompt_cache_hit_tokens']) ??
      asCount(raw['cache_read_input_tokens']),
    cacheWrite5m: asCount(prompt?.['cache_write_tokens']) ?? asCount(raw['cache_creation_input_tokens']),
    cacheWrite1h: undefined,
    reasoning: asCount(completion?.['reasoning_tokens']),
    raw,
  });
}
