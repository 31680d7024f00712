import { Big } from 'big.js';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { shareCents, toCents } from './share-cents.ts';

const share = (...parts: string[]): string[] => shareCents(parts.map((part) => new Big(part)));

test('thirds of a cent end up as one cent', () => {
  expect(share('0.00333', '0.00333', '0.00334')).toEqual(['0.00', '0.00', '0.01']);
  expect(share('0.333333', '0.333333', '0.333334')).toEqual(['0.33', '0.33', '0.34']);
});

test('what is nothing stays nothing, and nothing has no lines', () => {
  expect(share('0', '1')).toEqual(['0.00', '1.00']);
  expect(share()).toEqual([]);
});

test('of equal parts the first gets the cent', () => {
  expect(share('0.005', '0.005')).toEqual(['0.01', '0.00']);
});

test('the lines add up to the rounded total, and none is more than a cent off', () => {
  const amount = fc
    .tuple(fc.bigInt({ min: 0n, max: 10n ** 26n }), fc.integer({ min: 0, max: 12 }))
    .map(([digits, scale]) => new Big(digits.toString()).div(new Big(10).pow(scale)));
  fc.assert(
    fc.property(fc.array(amount, { maxLength: 50 }), (parts) => {
      const lines = shareCents(parts).map((line) => new Big(line));
      const sum = parts.reduce((total, part) => total.plus(part), new Big(0));
      const total = lines.reduce((all, line) => all.plus(line), new Big(0));
      expect(total.toFixed(2)).toBe(toCents(sum));
      for (const [at, line] of lines.entries()) expect(line.minus(parts[at]!).abs().lt('0.01')).toBe(true);
    }),
  );
});
