import { Big } from 'big.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareMoney, formatDollars, fromNanoDollars, remainingMoney, sumMoney, toNanoDollars } from './money.ts';
import { costOf } from './price.ts';

const cents = fc.integer({ min: 0, max: 10 ** 12 });

test('sums are exact: a tenth, a million times', () => {
  const tenths = function* () {
    for (let index = 0; index < 1_000_000; index++) yield '0.1';
  };
  expect(sumMoney(tenths())).toBe('100000');
  expect(sumMoney(['0.1', '0.2'])).toBe('0.3');
  expect(sumMoney([])).toBe('0');
});

test('a sum is the same in any order and grouping', () => {
  fc.assert(
    fc.property(fc.array(cents, { maxLength: 50 }), fc.integer({ min: 0, max: 50 }), (amounts, cut) => {
      const dollars = amounts.map((amount) => new Big(amount).div(10 ** 7).toFixed());
      const whole = sumMoney(dollars);
      expect(sumMoney(dollars.toReversed())).toBe(whole);
      expect(sumMoney([sumMoney(dollars.slice(0, cut)), sumMoney(dollars.slice(cut))])).toBe(whole);
      const inUnits = amounts.reduce((sum, amount) => sum + BigInt(amount), 0n);
      expect(new Big(whole).times(10 ** 7).toFixed()).toBe(String(inUnits));
    }),
  );
});

test('the cost of parts is the cost of the whole', () => {
  const price = { input: '2.5', output: '15', cacheRead: '0.075', reasoning: '7.77' };
  const usage = (input: number, output: number, cacheRead: number, reasoning: number) => ({
    input,
    output,
    cacheRead,
    reasoning,
    cacheWrite5m: undefined,
    cacheWrite1h: undefined,
    raw: undefined,
  });
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(1e6), fc.nat(1e5)), { maxLength: 20 }), (calls) => {
      const costs = calls.map(([input, output]) => costOf(usage(input, output, input >> 1, output >> 1), price));
      const total = (of: (call: [number, number]) => number): number => calls.reduce((sum, call) => sum + of(call), 0);
      const whole = usage(
        total(([input]) => input),
        total(([, output]) => output),
        total(([input]) => input >> 1),
        total(([, output]) => output >> 1),
      );
      expect(sumMoney(costs)).toBe(costOf(whole, price));
    }),
  );
});

describe('nano-dollars', () => {
  test('are rounded up, so that whatever costs counts', () => {
    expect(toNanoDollars('0')).toBe(0);
    expect(toNanoDollars('0.0000000001')).toBe(1);
    expect(toNanoDollars('0.000000001')).toBe(1);
    expect(toNanoDollars('0.0000000011')).toBe(2);
    expect(toNanoDollars('100')).toBe(100_000_000_000);
  });

  test('never leave the whole numbers that are exact', () => {
    expect(toNanoDollars('99999999999999999999')).toBe(9_000_000 * 1e9);
    expect(Number.isSafeInteger(toNanoDollars('9000000'))).toBe(true);
  });

  test('go back and forth', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 9e15 }), (nano) => {
        expect(toNanoDollars(fromNanoDollars(nano))).toBe(nano);
      }),
    );
  });
});

test('what is left is never below nothing', () => {
  expect(remainingMoney('100', '99.999999999')).toBe('0.000000001');
  expect(remainingMoney('100', '100.01')).toBe('0');
});

test('amounts are compared as numbers, not as text', () => {
  expect(['9', '10', '1.50', '1.5'].toSorted(compareMoney)).toEqual(['1.50', '1.5', '9', '10']);
});

test.each([
  ['0', '$0.00'],
  ['12.3', '$12.30'],
  ['99.999', '$100.00'],
  ['0.0042', '$0.0042'],
  ['0.00000000123', '$0.0000000012'],
])('%s reads %s', (amount, text) => {
  expect(formatDollars(amount)).toBe(text);
});
