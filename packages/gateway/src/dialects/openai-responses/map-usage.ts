import { consistentUsage } from '../../ir/consistent-usage.ts';
import type { TokenUsage } from '../../ir/usage.ts';
import { asCount, asRecord, type JsonRecord } from '../../lib/json-value.ts';

/** `input_tokens` includes cached ones, `output_tokens` the reasoning. */
export function mapUsage(raw: JsonRecord): TokenUsage {
  const input = asRecord(raw['input_tokens_details']);
  return consistentUsage({
    input: asCount(raw['input_tokens']),
    output: asCount(raw['output_tokens']),
    cacheRead: asCount(input?.['cached_tokens']),
    cacheWrite5m: asCount(input?.['cache_write_tokens']),
    cacheWrite1h: undefined,
    reasoning: asCount(asRecord(raw['output_tokens_details'])?.['reasoning_tokens']),
    raw,
  });
}
