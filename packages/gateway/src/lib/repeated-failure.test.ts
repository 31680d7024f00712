import { expect, test } from 'vitest';
import { RepeatedFailure } from './repeated-failure.ts';

test('a failure is said once per reason, again after ten minutes, and its end once', () => {
  let now = 0;
  const failure = new RepeatedFailure(() => now);
  expect(failure.ended()).toBe(false);
  expect(failure.isToBeSaid('full')).toBe(true);
  expect(failure.isToBeSaid('full')).toBe(false);
  expect(failure.isToBeSaid('read-only')).toBe(true);
  now = 599_999;
  expect(failure.isToBeSaid('read-only')).toBe(false);
  now = 600_000;
  expect(failure.isToBeSaid('read-only')).toBe(true);
  expect(failure.ended()).toBe(true);
  expect(failure.ended()).toBe(false);
  expect(failure.isToBeSaid('read-only')).toBe(true);
});
