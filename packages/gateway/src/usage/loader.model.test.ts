import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import type { LastingFault, PassingFault } from './testing/fake-lake.ts';
import { Loading } from './testing/loading.ts';
import type * as backoffModule from './backoff.ts';
import type * as durableModule from './write-durably.ts';

/** The process the loader runs in: it dies after a number of steps, in the middle of whatever it does. */
const machine = vi.hoisted(() => ({ steps: Infinity, died: () => {} }));
const step = async (): Promise<void> => {
  if (machine.steps > 0) machine.steps -= 1;
  if (machine.steps > 0) return;
  machine.died();
  await new Promise(() => {});
};

vi.mock('./write-durably.ts', async (original) => {
  const actual = await original<typeof durableModule>();
  return {
    writeDurably: async (file: string, parts: readonly Uint8Array[]) => {
      if (file.includes('parked')) await step();
      await actual.writeDurably(file, parts);
      if (file.includes('parked')) await step();
    },
  };
});
vi.mock('./backoff.ts', async (original) => {
  const actual = await original<typeof backoffModule>();
  return { ...actual, backOff: (_: number, signal: AbortSignal) => actual.sleep(1, signal) };
});

type Event =
  | { readonly kind: 'append'; readonly tables: readonly number[] }
  | { readonly kind: 'fail'; readonly table: number; readonly faults: PassingFault[] }
  | { readonly kind: 'break'; readonly table: number; readonly fault: LastingFault | undefined }
  | { readonly kind: 'fit'; readonly table: number; readonly modulus: number }
  | { readonly kind: 'drain' }
  | { readonly kind: 'crash'; readonly steps: number };

const table = fc.nat(2);
const steps = fc.integer({ min: 1, max: 14 });
const event: fc.Arbitrary<Event> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('append' as const),
      tables: fc.array(table, { minLength: 1, maxLength: 12 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('fail' as const),
      table,
      faults: fc.array(fc.constantFrom<PassingFault>('unavailable', 'conflict', 'lost', 'refused'), { maxLength: 4 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('break' as const),
      table,
      fault: fc.constantFrom<(LastingFault | undefined)[]>('unfit', 'unsupported', 'unforeseen', undefined),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('fit' as const), table, modulus: fc.integer({ min: 1, max: 4 }) }),
  },
  { weight: 2, arbitrary: fc.constant({ kind: 'drain' as const }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('crash' as const), steps }) },
);

const names = ['a', 'b', 'c'];

/** What a dead process had asked of the file system may still end, and take it to its next step, where it stays. */
async function fileSystemQuiet(): Promise<void> {
  do await new Promise((resolve) => setTimeout(resolve, 2));
  while (process.getActiveResourcesInfo().some((name) => name.startsWith('FSReq')));
}

/** Lets the loader run until it has drained, or died after `steps` steps; then starts another. */
async function crash(loading: Loading, steps: number): Promise<void> {
  const died = new Promise<void>((resolve) => (machine.died = resolve));
  machine.steps = steps;
  await Promise.race([died, loading.loader.drain()]);
  machine.steps = 0;
  void loading.loader.stop();
  await fileSystemQuiet();
  machine.steps = Infinity;
  loading.start({ maxBatchBytes: 600 });
}

test('each record lands exactly once, and in order where its table never refused it', { timeout: 60_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(event, { maxLength: 16 }),
      fc.array(steps, { maxLength: 4 }),
      async (events, lastCrashes) => {
        machine.steps = Infinity;
        const loading = new Loading();
        loading.lake.step = step;
        for (const name of names) loading.lake.create(name);
        const wanted = new Map<string, number[]>(names.map((name) => [name, []]));
        const refused = new Set<string>();
        await loading.open();
        loading.start({ maxBatchBytes: 600 });
        let next = 0;
        for (const happening of events) {
          switch (happening.kind) {
            case 'append':
              for (const target of happening.tables) {
                wanted.get(names[target]!)!.push(next);
                await loading.append(names[target]!, next++);
              }
              break;
            case 'fail':
              if (happening.faults.includes('refused')) refused.add(names[happening.table]!);
              loading.lake.fail(names[happening.table]!, ...happening.faults);
              break;
            case 'break':
              if (happening.fault !== undefined) refused.add(names[happening.table]!);
              loading.lake.break(names[happening.table]!, happening.fault);
              break;
            case 'fit': {
              // Of modulus 1, no row fits.
              const { modulus } = happening;
              refused.add(names[happening.table]!);
              loading.lake.fit(names[happening.table]!, (row) => (row as { n: number }).n % modulus !== 0);
              break;
            }
            case 'drain':
              await loading.loader.drain();
              break;
            case 'crash':
              await crash(loading, happening.steps);
          }
        }
        for (const name of names) loading.lake.break(name, undefined);
        for (const name of names) loading.lake.fit(name, () => true);
        for (const last of lastCrashes) await crash(loading, last);
        // Each start tries parked rows once: as many faults as there are starts would leave them parked.
        for (const name of names) loading.lake.mend(name);
        await loading.loader.drain();
        // Parked rows are tried at a start.
        for (const _ of names) {
          await loading.loader.stop();
          loading.start();
          await loading.loader.drain();
        }
        const loaded = names.map((name) => loading.numbers(name));
        await loading.close();
        names.forEach((name, place) => {
          const rows = loaded[place]!;
          expect(refused.has(name) ? rows.toSorted((x, y) => x - y) : rows).toEqual(wanted.get(name));
        });
      },
    ),
    { numRuns: 40 },
  );
});
