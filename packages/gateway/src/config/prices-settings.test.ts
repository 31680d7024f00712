import { describe, expect, test } from 'vitest';
import { readPrices } from './prices-settings.ts';
import { pricesSchema } from './prices-schema.ts';
import { findModelFacts } from '../models/index.ts';
import { PriceBook } from '../models/price-book.ts';

function book(section: unknown): PriceBook {
  return new PriceBook(readPrices(pricesSchema.parse(section)));
}

const usage = {
  input: 1_000_000,
  output: 1_000_000,
  cacheRead: 100_000,
  cacheWrite5m: 200_000,
  cacheWrite1h: 300_000,
  reasoning: 400_000,
  raw: undefined,
};

test('without configuration, prices are the list prices and what has none is free', () => {
  const list = new PriceBook();
  expect(list.priceOf({ model: 'claude-opus-4-8' })).toEqual(findModelFacts('claude-opus-4-8')?.price);
  expect(list.costOf(usage, { model: 'somebody-elses-model' })).toBeNull();
  expect(list.refusesUnknown).toBe(false);
});

test('a price of the configuration replaces the list price, in every spelling of the model', () => {
  const own = book({ models: { 'claude-opus-4-8': { input: 1, output: '2' } } });
  for (const model of ['claude-opus-4-8', 'us.anthropic.claude-opus-4-8-v1:0', 'Claude-Opus-4.8']) {
    expect(own.priceOf({ model }), model).toEqual({ input: '1', output: '2' });
  }
});

test('every part is billed once, at its own price', () => {
  const price = { input: 1, output: 10, cache_read: '0.1', cache_write_5m: 2, cache_write_1h: 3, reasoning: 20 };
  // 0.4 M x 1 + 0.1 M x 0.1 + 0.2 M x 2 + 0.3 M x 3 + 0.6 M x 10 + 0.4 M x 20
  expect(book({ models: { mine: price } }).costOf(usage, { model: 'mine' })).toBe('15.71');
});

test('the longest pattern wins, an exact name before any', () => {
  const patterns = book({
    models: {
      '*': { input: 1, output: 1 },
      'acme-*': { input: 2, output: 2 },
      'acme-*-large': { input: 3, output: 3 },
      'acme-one-large': { input: 4, output: 4 },
    },
  });
  const input = (model: string) => patterns.priceOf({ model })?.input;
  expect(input('other')).toBe('1');
  expect(input('acme-small')).toBe('2');
  expect(input('acme-two-large')).toBe('3');
  expect(input('acme-one-large')).toBe('4');
  expect(input('ACME-two-LARGE')).toBe('3');
});

test('a point in a pattern is a point', () => {
  expect(book({ models: { 'a.b*': { input: 1, output: 1 } } }).priceOf({ model: 'axb-1' })).toBeUndefined();
});

describe('discounts and markups', () => {
  const at = (adjustment: object) =>
    book({
      models: { mine: { input: '0.1', output: '3', tiers: [{ above_input_tokens: 10, input: 7 }] } },
      providers: { 'main.default.one': adjustment },
    });

  test.each([
    [{ multiplier: '0.85' }, '0.085', '2.55', '5.95'],
    [{ discount_percent: 15 }, '0.085', '2.55', '5.95'],
    [{ markup_percent: '5.5' }, '0.1055', '3.165', '7.385'],
    [{ discount_percent: '100' }, '0', '0', '0'],
  ])('%o are exact', (adjustment, input, output, tier) => {
    const price = at(adjustment).priceOf({ model: 'mine', providerService: 'main.default.one' });
    expect(price).toEqual({ input, output, tiers: [{ aboveInputTokens: 10, input: tier }] });
  });

  test('are of one provider service', () => {
    const price = at({ multiplier: 2 }).priceOf({ model: 'mine', providerService: 'main.default.two' });
    expect(price?.input).toBe('0.1');
  });

  test('are one of three', () => {
    expect(() => at({ multiplier: 1, markup_percent: 1 })).toThrow('expected one of');
    expect(() => at({ discount_percent: 101 })).toThrow('at most 100');
  });
});

test('unknown models cost what the configuration says', () => {
  expect(book({ unknown_model: { input: 5, output: 25 } }).costOf(usage, { model: 'nobodys' })).toBe('30');
  expect(book({ unknown_model: 'refuse' }).refusesUnknown).toBe(true);
});

test('a tier has the keys it names, the rest is the base price', () => {
  const tiered = book({
    models: { mine: { input: 1, output: 10, tiers: [{ above_input_tokens: 200_000, input: 2 }] } },
  });
  const small = { ...usage, input: 200_000, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, output: 0, reasoning: 0 };
  expect(tiered.costOf(small, { model: 'mine' })).toBe('0.2');
  expect(tiered.costOf({ ...small, input: 200_001 }, { model: 'mine' })).toBe('0.400002');
});

test.each(['-1', 'abc', '1e3', '', '1.0000000000000001'])('%j is no amount', (amount) => {
  expect(() => book({ models: { mine: { input: amount, output: 1 } } })).toThrow();
});

test('small numbers of YAML are exact', () => {
  expect(book({ models: { mine: { input: 0.0000001, output: 1 } } }).priceOf({ model: 'mine' })?.input).toBe(
    '0.0000001',
  );
});
