import { describe, expect, it } from 'vitest';
import { backoffMs, isRetryableStatus, retryAfterMs } from './retry.ts';

describe('isRetryableStatus', () => {
  it.each([408, 429, 500, 502, 503, 504, 529])('%i is worth another attempt', (status) =>
    expect(isRetryableStatus(status)).toBe(true),
  );
  it.each([200, 301, 400, 401, 403, 404, 413, 422, 501])('%i is not', (status) =>
    expect(isRetryableStatus(status)).toBe(false),
  );
});

describe('retryAfterMs', () => {
  const now = Date.parse('2026-11-22T10:00:00Z');
  it.each([
    [{ 'retry-after': '2' }, 2000],
    [{ 'retry-after': '0' }, 0],
    [{ 'retry-after': '1.5' }, 1500],
    [{ 'retry-after-ms': '120', 'retry-after': '9' }, 120],
    [{ 'retry-after': 'Sun, 22 Nov 2026 10:00:05 GMT' }, 5000],
    [{ 'retry-after': 'Sun, 22 Nov 2026 09:00:00 GMT' }, 0],
    [{ 'retry-after': '-3' }, undefined],
    [{ 'retry-after': 'soon' }, undefined],
    [{}, undefined],
  ])('%j is %s', (headers, expected) => expect(retryAfterMs(headers, now)).toBe(expected));
});

describe('backoffMs', () => {
  it('grows, is jittered, and has a ceiling', () => {
    expect(backoffMs(1, 0)).toBe(125);
    expect(backoffMs(1, 0.999)).toBeLessThanOrEqual(250);
    expect(backoffMs(3, 0)).toBe(500);
    expect(backoffMs(30, 0.999)).toBeLessThanOrEqual(4000);
  });
});
