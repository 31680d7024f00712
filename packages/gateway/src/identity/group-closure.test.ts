import fc from 'fast-check';
import { expect, test } from 'vitest';
import { closures, membersOf } from './group-closure.ts';

/** The plain way: walk on until nothing new is met. */
function naive(parents: readonly (readonly number[])[], group: number): number[] {
  const met = new Set([group]);
  for (const one of met) for (const parent of parents[one]!) met.add(parent);
  return [...met].toSorted((left, right) => left - right);
}

const graphs = fc
  .integer({ min: 1, max: 70 })
  .chain((size) =>
    fc.array(fc.array(fc.integer({ min: 0, max: size - 1 }), { maxLength: 4 }), { minLength: size, maxLength: size }),
  );

test('agrees with the plain walk, circles included', () => {
  fc.assert(
    fc.property(graphs, (parents) => {
      const found = closures(parents).map(membersOf);
      expect(found).toEqual(parents.map((_, group) => naive(parents, group)));
    }),
    { numRuns: 500 },
  );
});

test('a chain of 2,000 and a circle of 50,000 do not overflow', () => {
  const size = 50_000;
  const chain = Array.from({ length: 2_000 }, (_, at) => (at === 0 ? [] : [at - 1]));
  expect(membersOf(closures(chain)[1_999]!)).toHaveLength(2_000);
  const circle = Array.from({ length: size }, (_, at) => [(at + 1) % size]);
  expect(membersOf(closures(circle)[7]!)).toHaveLength(size);
});
