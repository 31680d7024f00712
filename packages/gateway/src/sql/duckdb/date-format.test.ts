import { expect, test } from 'vitest';
import { strftimeFormat } from './date-format.ts';

test.each([
  ["yyyy-MM-dd'T'HH:mm:ss.SSS", '%Y-%m-%dT%H:%M:%S.%g'],
  ['d MMM yy, h:mm a', '%-d %b %y, %-I:%M %p'],
  ["EEEE 'o''clock' 100%", "%A o'clock 100%%"],
])('%s is %s', (pattern, format) => {
  expect(strftimeFormat(pattern)).toBe(format);
});

test('a letter without a counterpart is refused', () => {
  expect(() => strftimeFormat('yyyy-ww')).toThrow("'ww'");
});
