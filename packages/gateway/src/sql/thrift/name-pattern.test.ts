import { expect, test } from 'vitest';
import { nameFilter } from './name-pattern.ts';

test.each([
  [undefined, 'anything', true],
  ['%', 'anything', true],
  ['Main', 'main', true],
  ['ma_n', 'main', true],
  ['ma_n', 'maiin', false],
  [String.raw`my\_table`, 'my_table', true],
  [String.raw`my\_table`, 'my-table', false],
  ['%usage', 'ai_gateway_usage', true],
  ['a%b%c', 'a-b-b-c', true],
  ['a%b%c', 'a-c-b', false],
  ['main.', 'maint', false],
  ['%%', '', true],
  ['_', '', false],
])('%s and %s: %s', (pattern, name, result) => {
  expect(nameFilter(pattern)(name)).toBe(result);
});

test('a hostile pattern is answered', () => {
  expect(nameFilter('%a'.repeat(5000))('a'.repeat(255))).toBe(false);
});
