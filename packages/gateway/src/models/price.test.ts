import { Big } from 'big.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TokenUsage } from '../ir/usage.ts';
import { findModelFacts } from './index.ts';
import { costOf } from './price.ts';

function usage(given: Partial<TokenUsage>): TokenUsage {
  return {
    input: undefined,
    output: undefined,
    cacheRead: undefined,
    cacheWrite5m: undefined,
    cacheWrite1h: undefined,
    reasoning: undefined,
    raw: undefined,
    ...given,
  };
}

describe('costOf', () => {
  test('is exact and never in exponent form', () => {
    expect(costOf(usage({ input: 1 }), { input: '0.1', output: '1' })).toBe('0.0000001');
    expect(costOf(usage({ input: 3, output: 0 }), { input: '0.1', output: '1' })).toBe('0.0000003');
    expect(costOf(usage({ output: 1 }), { input: '1', output: '0.000001' })).toBe('0.000000000001');
    expect(costOf(usage({}), { input: '5', output: '25' })).toBe('0');
  });

  test('bills each input token once, at the price of its kind', () => {
    const price = findModelFacts('claude-opus-4-8')!.price!;
    const cost = costOf(
      usage({
        input: 1_000_000,
        cacheRead: 400_000,
        cacheWrite5m: 200_000,
        cacheWrite1h: 100_000,
        output: 10_000,
        reasoning: 9000,
      }),
      price,
    );
    // 300k x 5 + 400k x 0.5 + 200k x 6.25 + 100k x 10 + 10k x 25
    expect(cost).toBe('4.2');
  });

  test('prices a 1-hour cache write above a 5-minute one', () => {
    const price = findModelFacts('claude-sonnet-4-5')!.price!;
    expect(costOf(usage({ input: 1000, cacheWrite5m: 1000 }), price)).toBe('0.00375');
    expect(costOf(usage({ input: 1000, cacheWrite1h: 1000 }), price)).toBe('0.006');
  });

  test('falls back where a price has no cache field', () => {
    const price = { input: '2', output: '8' };
    expect(costOf(usage({ input: 1000, cacheRead: 500, cacheWrite5m: 200, cacheWrite1h: 100 }), price)).toBe('0.002');
    expect(costOf(usage({ input: 1000, cacheWrite1h: 1000 }), { ...price, cacheWrite5m: '2.5' })).toBe('0.0025');
  });

  test('applies the tier that the whole input is above', () => {
    const price = {
      input: '1',
      output: '10',
      cacheRead: '0.1',
      tiers: [
        { aboveInputTokens: 400, input: '4', output: '40' },
        { aboveInputTokens: 200, input: '2', output: '20', cacheRead: '0.2' },
      ],
    };
    expect(costOf(usage({ input: 200, output: 1 }), price)).toBe('0.00021');
    expect(costOf(usage({ input: 201, output: 1 }), price)).toBe('0.000422');
    expect(costOf(usage({ input: 401, output: 1 }), price)).toBe('0.001644');
    expect(costOf(usage({ input: 1000, cacheRead: 1000 }), price)).toBe('0.0001');
  });

  test('never bills less than nothing, nor what is not a number', () => {
    const price = { input: '1', output: '1' };
    expect(costOf(usage({ input: 10, cacheRead: 20 }), price)).toBe('0.00002');
    expect(costOf(usage({ input: Number.NaN, output: -5, cacheRead: Number.POSITIVE_INFINITY }), price)).toBe('0');
  });

  test('is additive: a sum of costs is the cost of the sum', () => {
    const price = { input: '0.3', output: '2.5', cacheRead: '0.03' };
    const count = fc.nat(1_000_000);
    fc.assert(
      fc.property(count, count, count, count, (a, b, c, d) => {
        const parts = new Big(costOf(usage({ input: a, output: b }), price)).plus(
          costOf(usage({ input: c, output: d }), price),
        );
        expect(costOf(usage({ input: a + c, output: b + d }), price)).toBe(parts.toFixed());
      }),
    );
  });
});
