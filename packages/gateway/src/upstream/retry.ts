import type { IncomingHttpHeaders } from 'node:http';

const RETRYABLE = new Set([408, 429, 500, 502, 503, 504, 529]);
const BASE_DELAY_MS = 250;
const MAX_DELAY_MS = 4_000;

/** Whether another attempt may help after this status (unity-ai-gateway 1.2: 429 and 5xx). */
export function isRetryableStatus(status: number): boolean {
  return RETRYABLE.has(status) || (status >= 500 && status !== 501 && status !== 505);
}

/**
 * Milliseconds the provider asks to wait, from `retry-after-ms` or `retry-after` (seconds or an HTTP
 * date, RFC 9110 10.2.3). `undefined` where there is none or it is nonsense.
 * @param nowMs the present, milliseconds since the epoch.
 */
export function retryAfterMs(headers: IncomingHttpHeaders, nowMs: number): number | undefined {
  const ms = Number(headers['retry-after-ms']);
  if (headers['retry-after-ms'] !== undefined && Number.isFinite(ms) && ms >= 0) return ms;
  const value = headers['retry-after'];
  if (value === undefined || value === '') return undefined;
  const seconds = Number(value);
  if (Number.isFinite(seconds)) return seconds >= 0 ? seconds * 1000 : undefined;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
}

/**
 * Milliseconds before attempt `n + 1` after attempt `n` (1-based) failed: exponential with full jitter.
 * @param random a number in [0, 1).
 */
export function backoffMs(n: number, random: number): number {
  return Math.round(Math.min(MAX_DELAY_MS, BASE_DELAY_MS * 2 ** (n - 1)) * (0.5 + random / 2));
}
