import { expect, test, vi } from 'vitest';
import { SharedAcknowledgement } from './shared-acknowledgement.ts';

const place = (segment: number, offset: number) => ({ segment, offset });

test('a spool goes as far as its last reader', async () => {
  const acknowledge = vi.fn(async () => {});
  const shared = new SharedAcknowledgement({ acknowledge }, ['lake', 'spend']);
  await shared.reached('lake', place(3, 8));
  expect(acknowledge).not.toHaveBeenCalled();
  await shared.reached('spend', place(1, 100));
  expect(acknowledge).toHaveBeenLastCalledWith(place(1, 100));
  await shared.reached('spend', place(4, 8));
  expect(acknowledge).toHaveBeenLastCalledWith(place(3, 8));
  await shared.reached('lake', place(4, 9));
  expect(acknowledge).toHaveBeenLastCalledWith(place(4, 8));
});
