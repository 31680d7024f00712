import type { TokenUsage } from '../../ir/usage.ts';
import { asCount, asRecord, type JsonRecord } from '../../lib/json-value.ts';

/**
 * Anthropic's `input_tokens` counts only what no cache served or took: the total adds both cache figures. The split of
 * cache writes by lifetime is optional; what it leaves out counts as written for five minutes.
 * @param raw the `usage` object, for a stream the fields of all its events merged.
 */
export function mapUsage(raw: JsonRecord): TokenUsage {
  const cacheRead = asCount(raw['cache_read_input_tokens']);
  const written = asCount(raw['cache_creation_input_tokens']);
  const split = asRecord(raw['cache_creation']);
  const split5m = asCount(split?.['ephemeral_5m_input_tokens']);
  const cacheWrite1h = asCount(split?.['ephemeral_1h_input_tokens']);
  const unsplit = written === undefined ? undefined : Math.max(0, written - (cacheWrite1h ?? 0) - (split5m ?? 0));
  const cacheWrite5m = split5m === undefined ? unsplit : split5m + (unsplit ?? 0);
  const uncached = asCount(raw['input_tokens']);
  return {
    input: uncached === undefined ? undefined : uncached + (cacheRead ?? 0) + (cacheWrite5m ?? 0) + (cacheWrite1h ?? 0),
    output: asCount(raw['output_tokens']),
    cacheRead,
    cacheWrite5m,
    cacheWrite1h,
    reasoning: undefined,
    raw,
  };
}
