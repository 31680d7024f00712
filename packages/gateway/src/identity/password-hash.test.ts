import { expect, test } from 'vitest';
import { checkedPassword, hashPassword, passwordCost, verifyPassword } from './password-hash.ts';

const cheap = { logN: 10, r: 8, p: 1 };

test('a hash knows its password and no other, and names its cost', async () => {
  const hash = await hashPassword('correct horse battery');
  expect(hash).toMatch(/^scrypt\$15\$8\$3\$[\w-]{22}\$[\w-]{43}$/);
  expect(await verifyPassword('correct horse battery', hash)).toEqual({ right: true, weak: false });
  expect(await verifyPassword('correct horse batterz', hash)).toEqual({ right: false, weak: false });
  expect(await hashPassword('correct horse battery')).not.toBe(hash);
});

test('a weaker hash is right and asks to be renewed', async () => {
  const hash = await hashPassword('correct horse battery', cheap);
  expect(await verifyPassword('correct horse battery', hash)).toEqual({ right: true, weak: true });
  expect(await verifyPassword('wrong horse battery', hash)).toEqual({ right: false, weak: false });
  expect(passwordCost.logN).toBeGreaterThanOrEqual(15);
});

test.each([undefined, '', 'plain', 'scrypt$30$8$1$aa$bb', 'scrypt$15$8$1$aa$bb', 'scrypt$0$0$0$aa$bb'])(
  'without a good hash (%j) nothing is right',
  async (hash) => {
    expect(await verifyPassword('correct horse battery', hash)).toMatchObject({ right: false });
  },
);

test('composed and decomposed letters are one password', async () => {
  const hash = await hashPassword('Grüße aus Köln'.normalize('NFD'), cheap);
  expect(await verifyPassword('Grüße aus Köln'.normalize('NFC'), hash)).toMatchObject({ right: true });
});

test('the length is 12 to 1,024 characters, whatever they are', () => {
  expect(() => checkedPassword('elevenchars')).toThrow(/12 to 1024/);
  expect(checkedPassword('twelve chars')).toBe('twelve chars');
  expect(checkedPassword('🐢'.repeat(12))).toHaveLength(24);
  expect(() => checkedPassword('🐢'.repeat(6))).toThrow(/has 6/);
  expect(checkedPassword('x'.repeat(1_024))).toHaveLength(1_024);
  expect(() => checkedPassword('x'.repeat(1_025))).toThrow(/1025/);
});

test('a flood is turned away instead of queued without end', async () => {
  const hash = await hashPassword('correct horse battery', cheap);
  const results = await Promise.allSettled(Array.from({ length: 400 }, () => verifyPassword('x', hash)));
  const refused = results.filter(({ status }) => status === 'rejected');
  expect(refused.length).toBeGreaterThan(300);
  expect(refused[0]).toMatchObject({ reason: { code: 'policy_throttled', retryAfterSeconds: 5 } });
});
