import type { TokenUsage } from './usage.ts';

/**
 * Makes totals inclusive where a provider evidently counts them without their parts: a part larger than its total
 * cannot be in it, so it is added. Counts that fit are left alone.
 */
export function consistentUsage(usage: TokenUsage): TokenUsage {
  const cached = (usage.cacheRead ?? 0) + (usage.cacheWrite5m ?? 0) + (usage.cacheWrite1h ?? 0);
  const { input, output, reasoning = 0 } = usage;
  return {
    ...usage,
    input: input !== undefined && cached > input ? input + cached : input,
    output: output !== undefined && reasoning > output ? output + reasoning : output,
  };
}
