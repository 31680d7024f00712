import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { redact } from './redact.ts';

const all = ['secret', 'email', 'credit_card', 'ip_address'] as const;
const key = (header: string) => `-----BEGIN ${header}-----\nMIIEow+/=\nabc\n-----END ${header}-----`;

describe('email', () => {
  test.each([
    ['write to ada.l+x@mail.example.co.uk, now', 'write to [email], now'],
    ['<ada@example.com>;bob@example.org', '<[email]>;[email]'],
    [String.raw`{"t":"hi\nada@example.com\tbob@example.com"}`, String.raw`{"t":"hi\n[email]\t[email]"}`],
    [String.raw`{"t":"\u00e4ada@example.com"}`, String.raw`{"t":"\u00e4[email]"}`],
    ['@types/node@24 user@host a @ b.com @b.com', '@types/node@24 user@host a @ b.com @b.com'],
  ])('%s', (text, expected) => expect(redact(text, ['email'])).toBe(expected));
});

describe('credit card', () => {
  test.each([
    ['4111 1111 1111 1111 2026', '[credit_card] 2026'],
    ['5500-0000-0000-0004', '[credit_card]'],
    ['amex 378282246310005.', 'amex [credit_card].'],
    [String.raw`"\n4111111111111111"`, String.raw`"\n[credit_card]"`],
    ['4111 1111 1111 1112', '4111 1111 1111 1112'],
    ['41111111111111110000', '41111111111111110000'],
    ['1763800000000000000', '1763800000000000000'],
    ['x4111111111111111', 'x4111111111111111'],
  ])('%s', (text, expected) => expect(redact(text, ['credit_card'])).toBe(expected));
});

describe('address', () => {
  test.each([
    ['from 192.168.0.1.', 'from [ip_address].'],
    ['http://10.0.0.255:8080/', 'http://[ip_address]:8080/'],
    ['[2001:db8::ff00:42:8329]', '[[ip_address]]'],
    ['::1 and ::ffff:10.1.2.3', '[ip_address] and [ip_address]'],
    ['12:34:56 std::vector x::b 1.2.3.4.5 256.1.1.1', '12:34:56 std::vector x::b 1.2.3.4.5 256.1.1.1'],
  ])('%s', (text, expected) => expect(redact(text, ['ip_address'])).toBe(expected));
});

describe('secret', () => {
  test.each([
    'sk-ant-api03-abcdefghijklmnop_-',
    'sk-proj-ABCDEFGHIJKLMNOP',
    `ucg_${'a'.repeat(32)}`,
    `dapi${'0a'.repeat(16)}`,
    `AIza${'x'.repeat(35)}`,
    `ghp_${'A1'.repeat(18)}`,
    `AKIA${'Q7'.repeat(8)}`,
    'xoxb-1234567890-abc',
    'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0abc.c2lnbmF0dXJl',
    key('RSA PRIVATE KEY'),
    key('OPENSSH PRIVATE KEY').replaceAll('\n', String.raw`\n`),
    key('PRIVATE KEY').replaceAll('\n', String.raw`\\n`),
    '-----BEGIN EC PRIVATE KEY-----\nMIIEow+/',
  ])('%s', (text) => {
    expect(redact(`x "${text}" y`, ['secret'])).toBe('x "[secret]" y');
    expect(redact(String.raw`{"a":"\n${text}"}`, ['secret'])).toBe(String.raw`{"a":"\n[secret]"}`);
  });

  test('what carries it stays', () => {
    expect(redact('authorization: Bearer abcDEF123._-', ['secret'])).toBe('authorization: Bearer [secret]');
    expect(redact(key('CERTIFICATE'), ['secret'])).toContain('MIIEow');
    expect(redact('task-sk-12 and risk-assessment-of-everything', ['secret'])).toBe(
      'task-sk-12 and risk-assessment-of-everything',
    );
  });
});

test('own patterns, whose replacement is taken literally and escaped', () => {
  expect(redact('"case 4711, case 12"', [{ pattern: String.raw`case \d+`, replacement: '"$&"' }])).toBe(
    String.raw`"\"$&\", \"$&\""`,
  );
});

test('JSON stays JSON', () => {
  const word = fc.constantFrom(
    'ada@example.com',
    '4111111111111111',
    '10.0.0.1',
    '::1',
    'sk-ant-abcdefghijklmnop',
    'Bearer abcdefgh12',
    '\n',
    '"',
    '\\',
    'ä',
    'u00e4',
    ' ',
    ':',
    'n',
    '-----BEGIN PRIVATE KEY-----',
  );
  const text = fc.array(word).map((words) => words.join(''));
  const nested = fc.array(text).map((texts) => JSON.stringify(texts));
  fc.assert(
    fc.property(fc.oneof(text, nested), (value) => {
      const once = redact(JSON.stringify({ value }), all);
      expect(() => JSON.parse(once)).not.toThrow();
    }),
  );
});

test('a long text without anything to find takes no time to speak of', () => {
  for (const piece of ['a', 'A1+/', '1 ', 'eyJ', '1.', ':a', '@', '-----BEGIN PRIVATE KEY-----a"', "a'", '4']) {
    const text = piece.repeat(Math.ceil((2 * 1024 * 1024) / piece.length));
    expect(redact(text, all).length).toBeGreaterThan(0);
  }
}, 20_000);
