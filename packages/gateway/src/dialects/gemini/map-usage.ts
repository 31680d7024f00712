import { consistentUsage } from '../../ir/consistent-usage.ts';
import type { TokenUsage } from '../../ir/usage.ts';
import { asCount, type JsonRecord } from '../../lib/json-value.ts';

/**
 * `promptTokenCount` includes cached content but not the results of hosted tools; `candidatesTokenCount` does not
 * include thoughts.
 */
export function mapUsage(raw: JsonRecord): TokenUsage {
  const reasoning = asCount(raw['thoughtsTokenCount']);
  return consistentUsage({
    input: sum(asCount(raw['promptTokenCount']), asCount(raw['toolUsePromptTokenCount'])),
    output: sum(asCount(raw['candidatesTokenCount']), reasoning),
    cacheRead: asCount(raw['cachedContentTokenCount']),
    cacheWrite5m: undefined,
    cacheWrite1h: undefined,
    reasoning,
    raw,
  });
}

/** The sum of what is known; unknown when nothing is. */
function sum(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined ? b : a + (b ?? 0);
}
