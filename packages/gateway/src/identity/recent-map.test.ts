import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RecentMap } from './recent-map.ts';

test('knows what was used lately and never gives a wrong value', () => {
  const key = fc.integer({ min: 0, max: 30 });
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom('get', 'set', 'delete'), key)), (steps) => {
      const map = new RecentMap<number>(4);
      const model = new Map<string, number>();
      let recent: string[] = [];
      for (const [at, [what, number]] of steps.entries()) {
        const name = String(number);
        if (what === 'set') {
          map.set(name, at);
          model.set(name, at);
        } else if (what === 'delete') {
          map.delete(name);
          model.delete(name);
        } else {
          const found = map.get(name);
          if (found !== undefined || recent.slice(0, 4).includes(name)) expect(found).toBe(model.get(name));
        }
        if (what === 'set' || map.get(name) !== undefined) recent = [name, ...recent.filter((one) => one !== name)];
      }
    }),
  );
});

test('is bounded', () => {
  const map = new RecentMap<number>(100);
  for (let at = 0; at < 10_000; at++) map.set(String(at), at);
  const kept = Array.from({ length: 10_000 }, (_, at) => map.get(String(at))).filter((value) => value !== undefined);
  expect(kept.length).toBeLessThanOrEqual(200);
});
