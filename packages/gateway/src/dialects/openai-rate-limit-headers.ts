import type { RateLimitReading, RateLimitState } from './rate-limit-state.ts';

/** `x-ratelimit-{limit,remaining,reset}-{requests,tokens}`, the same in chat and Responses; the reset as `6m0s`. */
export function openaiRateLimitHeaders({ requests, tokens }: RateLimitState): Record<string, string> {
  return { ...family('requests', requests), ...family('tokens', tokens) };
}

function family(unit: string, reading: RateLimitReading | undefined): Record<string, string> {
  if (reading === undefined) return {};
  return {
    [`x-ratelimit-limit-${unit}`]: String(reading.limit),
    [`x-ratelimit-remaining-${unit}`]: String(reading.remaining),
    [`x-ratelimit-reset-${unit}`]: goDuration(reading.resetMs),
  };
}

/** `1h0m5s`, `6m0s`, `12s`, `120ms`. Seconds are rounded up. */
function goDuration(ms: number): string {
  if (ms < 1000) return ms <= 0 ? '0s' : `${Math.ceil(ms)}ms`;
  const seconds = Math.ceil(ms / 1000);
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const parts = [hours > 0 && `${hours}h`, seconds >= 60 && `${minutes}m`, `${seconds % 60}s`];
  return parts.filter(Boolean).join('');
}
