import { expect, test } from 'vitest';
import { Refresher } from './refresher.ts';

test('callers share a look, and none gets one that began before its call', async () => {
  let started = 0;
  const pending: (() => void)[] = [];
  const refresher = new Refresher(async () => {
    const look = ++started;
    await new Promise<void>((resolve) => pending.push(resolve));
    return look;
  });
  const first = refresher.run();
  const second = [refresher.run(), refresher.run(), refresher.run()];
  expect(started).toBe(1);
  pending.shift()!();
  expect(await first).toBe(1);
  await new Promise(setImmediate);
  expect(started).toBe(2);
  pending.shift()!();
  expect(await Promise.all(second)).toEqual([2, 2, 2]);
});

test('a look that fails fails its callers alone', async () => {
  let looks = 0;
  const refresher = new Refresher(async () => {
    if (++looks === 1) throw new Error('storage');
    return 'found';
  });
  const first = refresher.run();
  const second = refresher.run();
  await expect(first).rejects.toThrow('storage');
  await expect(second).resolves.toBe('found');
  await expect(refresher.run()).resolves.toBe('found');
});
