import { expect, test } from 'vitest';
import { GatewayError } from '../../errors/gateway-error.ts';
import { FairQueue } from './fair-queue.ts';

/** Work that ends when it is told to. */
function stage(queue: FairQueue): {
  begin(name: string, caller: string, signal?: AbortSignal): Promise<void>;
  end(): Promise<void>;
  readonly order: string[];
} {
  const order: string[] = [];
  const running: (() => void)[] = [];
  return {
    order,
    begin: (name, caller, signal) =>
      queue.run(caller, signal, () => {
        order.push(name);
        return new Promise((resolve) => running.push(resolve));
      }),
    end: async () => {
      running.shift()!();
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

test('callers take turns, each in its own order', async () => {
  const { begin, end, order } = stage(new FairQueue({ concurrency: () => 1, most: () => 10 }));
  const all = [
    begin('a1', 'a'),
    begin('a2', 'a'),
    begin('a3', 'a'),
    begin('b1', 'b'),
    begin('c1', 'c'),
    begin('b2', 'b'),
  ];
  for (let round = 0; round < all.length; round += 1) await end();
  await Promise.all(all);
  expect(order).toEqual(['a1', 'a2', 'b1', 'c1', 'a3', 'b2']);
});

test('no more than the limit wait, and no more than the limit are in', async () => {
  const { begin, end, order } = stage(new FairQueue({ concurrency: () => 2, most: () => 1 }));
  const all = [begin('1', 'a'), begin('2', 'a'), begin('3', 'a')];
  await expect(begin('4', 'b')).rejects.toMatchObject({ code: 'gateway_sql_busy' });
  expect(order).toEqual(['1', '2']);
  for (let round = 0; round < 3; round += 1) await end();
  await Promise.all(all);
  expect(order).toEqual(['1', '2', '3']);
});

test('one that waits can be cancelled, and its place is free', async () => {
  const { begin, end, order } = stage(new FairQueue({ concurrency: () => 1, most: () => 1 }));
  const first = begin('1', 'a');
  const controller = new AbortController();
  const second = begin('2', 'a', controller.signal);
  controller.abort();
  await expect(second).rejects.toMatchObject({ code: 'caller_sql_cancelled' });
  const third = begin('3', 'b');
  await end();
  await end();
  await Promise.all([first, third]);
  expect(order).toEqual(['1', '3']);
});

test('work that fails lets the next one in; clearing refuses all', async () => {
  const queue = new FairQueue({ concurrency: () => 1, most: () => 5 });
  const failing = queue.run('a', undefined, () => Promise.reject(new Error('no')));
  const next = queue.run('a', undefined, async () => 'yes');
  await expect(failing).rejects.toThrow('no');
  expect(await next).toBe('yes');
  const { begin, end } = stage(queue);
  const first = begin('1', 'a');
  const second = begin('2', 'a');
  queue.clear(new GatewayError('gateway_shutting_down', 'Stopping.'));
  await expect(second).rejects.toMatchObject({ code: 'gateway_shutting_down' });
  await end();
  await first;
});
