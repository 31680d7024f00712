import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bareModelName, canonicalModelName } from './canonical-name.ts';

describe('canonicalModelName', () => {
  test.each([
    ['claude-opus-4-8', 'claude-opus-4-8'],
    ['system.ai.claude-opus-4-8', 'claude-opus-4-8'],
    ['model-services/system.ai.claude-opus-4-8', 'claude-opus-4-8'],
    ['databricks-claude-opus-4-8', 'claude-opus-4-8'],
    ['demo-claude-opus-4-8', 'claude-opus-4-8'],
    ['system.ai.demo-claude-opus-4-8', 'claude-opus-4-8'],
    ['Claude-Opus-4.8', 'claude-opus-4-8'],
    ['claude-opus-4-8[1m]', 'claude-opus-4-8'],
    ['claude-haiku-4-5-20251001', 'claude-haiku-4-5'],
    ['claude-haiku-4-5@20251001', 'claude-haiku-4-5'],
    ['us.anthropic.claude-haiku-4-5-20251001-v1:0', 'claude-haiku-4-5'],
    ['global.anthropic.claude-opus-4-6-v1', 'claude-opus-4-6'],
    ['anthropic/claude-opus-4.8', 'claude-opus-4-8'],
    ['openai/gpt-5.5', 'gpt-5-5'],
    ['openrouter/openai/gpt-5.5', 'gpt-5-5'],
    ['gpt-5-2025-08-07', 'gpt-5'],
    ['gpt-5.6-sol', 'gpt-5-6-sol'],
    ['models/gemini-3.5-flash', 'gemini-3-5-flash'],
    ['publishers/google/models/gemini-3.5-flash', 'gemini-3-5-flash'],
    ['deepseek-v3', 'deepseek-v3'],
    ['qwen3:8b', 'qwen3:8b'],
    ['main.team.fast', 'main-team-fast'],
    ['databricks-', 'databricks-'],
    ['demo-', 'demo-'],
    ['  gpt-5  ', 'gpt-5'],
    ['', ''],
  ])('%s is %s', (name, canonical) => {
    expect(canonicalModelName(name)).toBe(canonical);
  });

  const part = fc.constantFrom(
    'system.ai.',
    'databricks-',
    'demo-',
    'models/',
    'us.',
    'anthropic.',
    'openai/',
    'gpt-5.5',
    'claude-opus',
    '-v1:0',
    '-v1',
    '[1m]',
    '@20251001',
    '-20251001',
    '.20251001',
    '-2025-08-07',
    '.',
    '-',
    '/',
    'A',
  );
  const name = fc.oneof(
    fc.string(),
    fc.array(part, { maxLength: 8 }).map((parts) => parts.join('')),
  );

  test('is idempotent', () => {
    fc.assert(
      fc.property(name, (text) => {
        const once = canonicalModelName(text);
        expect(canonicalModelName(once)).toBe(once);
      }),
    );
  });

  test('dots and dashes are alike', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z]+-[0-9]\.[0-9](-[a-z]+)?$/), (text) => {
        expect(canonicalModelName(text)).toBe(canonicalModelName(text.replaceAll('.', '-')));
      }),
    );
  });

  test('a name that is not blank never becomes empty', () => {
    fc.assert(fc.property(name, (text) => text.trim() === '' || canonicalModelName(text) !== ''));
  });
});

test('bareModelName keeps what tells a demo service from the real one', () => {
  expect(bareModelName('system.ai.demo-claude-opus-4.8')).toBe('demo-claude-opus-4-8');
  expect(bareModelName('databricks-claude-opus-4-8')).toBe('claude-opus-4-8');
});
