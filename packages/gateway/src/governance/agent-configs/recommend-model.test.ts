import { expect, test } from 'vitest';
import { checkDefinition, readDefinition } from './check-definition.ts';
import { recommendModel } from './recommend-model.ts';
import { testingDefinition } from './testing-definition.ts';

const definition = checkDefinition(readDefinition(testingDefinition));
const modelAt = (currentSpend: string, effectiveThreshold: string | undefined) =>
  recommendModel(definition, { currentSpend, effectiveThreshold }).model;

test.each([
  ['0', 'system.ai.claude-opus-4-8'],
  ['49.999999999999', 'system.ai.claude-opus-4-8'],
  ['50', 'system.ai.gpt-5'],
  ['89.99', 'system.ai.gpt-5'],
  ['90.00', 'system.ai.gpt-5-mini'],
  ['1000', 'system.ai.gpt-5-mini'],
])('with $%s of $100 it is %s', (spend, model) => {
  expect(modelAt(spend, '100')).toBe(model);
});

test('the agent goes with the tier', () => {
  expect(recommendModel(definition, { currentSpend: '90', effectiveThreshold: '100' }).agent).toBe(
    'CODING_AGENT_OPENCODE',
  );
});

test('without a threshold, or when spend is not known, it is the default', () => {
  expect(modelAt('1000', undefined)).toBe('system.ai.claude-opus-4-8');
  expect(recommendModel(definition, undefined)).toEqual({
    agent: 'CODING_AGENT_CLAUDE_CODE',
    model: 'system.ai.claude-opus-4-8',
  });
});

test('a threshold of nothing is reached by everybody', () => {
  expect(modelAt('0', '0')).toBe('system.ai.gpt-5-mini');
});

test('shares are compared exactly', () => {
  expect(modelAt('0.45', '0.9')).toBe('system.ai.gpt-5');
});
