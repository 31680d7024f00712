import { describe, expect, test } from 'vitest';
import { canonicalModelName } from './canonical-name.ts';
import { findModelFacts, modelFacts } from './index.ts';

const DECIMAL = /^(0|[1-9]\d*)(\.\d+)?$/;

test('there are facts', () => expect(modelFacts.length).toBeGreaterThan(50));

describe.each(modelFacts.map((facts) => [facts.id, facts] as const))('%s', (_, facts) => {
  test('is well formed', () => {
    expect(canonicalModelName(facts.id)).toBe(facts.id);
    for (const name of [facts.id, ...facts.aliases]) expect(findModelFacts(name)).toBe(facts);
    expect(facts.displayName).not.toBe('');
    expect(facts.source).not.toBe('');
    expect(facts.asOf).toMatch(/^\d{4}-\d\d-\d\d$/);
    expect(facts.capabilities.length).toBeGreaterThan(0);
    if (facts.contextWindow !== undefined) expect(facts.contextWindow).toBeGreaterThan(0);
  });

  test('has prices as plain decimals', () => {
    if (!facts.price) return;
    const { tiers = [], ...base } = facts.price;
    for (const rates of [base, ...tiers.map(({ aboveInputTokens: _above, ...rates }) => rates)]) {
      for (const rate of Object.values(rates)) expect(rate).toMatch(DECIMAL);
    }
  });
});

test('every Claude model has 5-minute writes at 1.25 and 1-hour writes at 2 times the input price', () => {
  for (const { price, id } of modelFacts.filter((facts) => facts.family === 'claude')) {
    for (const rates of [price!, ...(price!.tiers ?? [])]) {
      expect(Number(rates.cacheWrite5m), id).toBeCloseTo(1.25 * Number(rates.input), 9);
      expect(Number(rates.cacheWrite1h), id).toBeCloseTo(2 * Number(rates.input), 9);
    }
  }
});

test('names in any spelling lead to the same facts', () => {
  const facts = findModelFacts('claude-haiku-4-5');
  expect(facts?.id).toBe('claude-haiku-4-5');
  for (const name of [
    'system.ai.claude-haiku-4-5',
    'claude-haiku-4.5',
    'claude-haiku-4-5-20251001',
    'main.team.claude-haiku-4-5',
    'demo-claude-haiku-4-5',
  ]) {
    expect(findModelFacts(name)).toBe(facts);
  }
  expect(findModelFacts('main.team.fast')).toBeUndefined();
});
