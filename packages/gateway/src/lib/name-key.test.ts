import { expect, test } from 'vitest';
import { misleading, nameKey } from './name-key.ts';

test('one key for one name, whatever its case and composition', () => {
  expect(nameKey('JOSÉ@Example.com')).toBe(nameKey('josé@example.com'.normalize('NFD')));
  expect(nameKey('straße')).not.toBe(nameKey('strasse'));
  expect(nameKey('ı')).not.toBe(nameKey('i'));
});

test.each([
  'ada',
  'Ada Lovelace',
  "O'Brien",
  'иван@example.com',
  'Ελένη',
  '李小龍',
  'ada+x@example.com',
  'é'.normalize('NFD'),
])('%s is fine', (name) => {
  expect(misleading(name)).toBeUndefined();
});

test.each([
  '',
  ' a',
  'a ',
  'a\tb',
  'a\u00a0b',
  'a\u200db',
  '\u202ea',
  'pаypal',
  'ﬁn',
  '\u212a',
  '\ud800',
  'a\u2028b',
  'x'.repeat(257),
])('%j is not', (name) => {
  expect(misleading(name)).toBeTypeOf('string');
});
