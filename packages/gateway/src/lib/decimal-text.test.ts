import { Big } from 'big.js';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decimalText } from './decimal-text.ts';

test.each([
  [0, 12, '0'],
  [1, 12, '0.000000000001'],
  [1230, 3, '1.23'],
  [1000, 3, '1'],
  [Number.MAX_SAFE_INTEGER, 9, '9007199.254740991'],
])('%d with %d places is %s', (units, places, text) => expect(decimalText(units, places)).toBe(text));

test('is what a library of exact numbers gives', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), fc.integer({ min: 1, max: 15 }), (units, places) => {
      expect(decimalText(units, places)).toBe(new Big(units).div(`1e${places}`).toFixed());
    }),
  );
});
