import { expect, test } from 'vitest';
import { parseTimeSpan } from './time-span.ts';

test.each([
  ['30s', 30],
  ['5m', 300],
  ['12h', 43_200],
  ['90d', 7_776_000],
  ['2w', 1_209_600],
])('%s is %d seconds', (text, seconds) => {
  expect(parseTimeSpan(text, '--since')).toBe(seconds);
});

test.each(['', '7', 'd', '-7d', '0d', '1.5h', '7 d', '7D', '99999999999d'])(
  '%j is refused, naming the option',
  (text) => {
    expect(() => parseTimeSpan(text, '--since')).toThrow(/^--since .* is not a duration/);
  },
);
