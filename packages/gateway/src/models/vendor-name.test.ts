import { expect, it } from 'vitest';
import { canonicalModelName } from './canonical-name.ts';
import { modelFacts } from './index.ts';
import { vendorName } from './vendor-name.ts';

it.each([
  ['gpt-5-6-sol', 'gpt', 'gpt-5.6-sol'],
  ['gpt-5-codex', 'gpt', 'gpt-5-codex'],
  ['gpt-4o-mini', 'gpt', 'gpt-4o-mini'],
  ['gemini-3-5-flash-lite', 'gemini', 'gemini-3.5-flash-lite'],
  ['claude-opus-4-8', 'claude-opus', 'claude-opus-4-8'],
])('%s of %s is %s', (id, family, expected) => {
  expect(vendorName({ id, family })).toBe(expected);
});

it('means the same model, of every model that is known', () => {
  for (const facts of modelFacts) expect(canonicalModelName(vendorName(facts))).toBe(canonicalModelName(facts.id));
});
