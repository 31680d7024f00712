import { expect, test } from 'vitest';
import { Turnstile } from './turnstile.ts';

test('a few run at a time, a bounded number waits, the rest is turned away', async () => {
  const turnstile = new Turnstile(2, 3);
  const held = Promise.withResolvers<void>();
  let running = 0;
  let most = 0;
  const work = async () => {
    most = Math.max(most, ++running);
    await held.promise;
    running--;
  };
  const passes = Array.from({ length: 7 }, () => turnstile.pass(work));
  expect(passes.filter((pass) => pass === undefined)).toHaveLength(2);
  expect(running).toBe(2);
  held.resolve();
  await Promise.all(passes);
  expect([most, running]).toEqual([2, 0]);
});

test('a failure gives its place away', async () => {
  const turnstile = new Turnstile(1, 1);
  const failing = turnstile.pass(() => Promise.reject(new Error('no')));
  const waiting = turnstile.pass(async () => 'yes');
  await expect(failing).rejects.toThrow('no');
  expect(await waiting).toBe('yes');
  expect(await turnstile.pass(async () => 'again')).toBe('again');
});
