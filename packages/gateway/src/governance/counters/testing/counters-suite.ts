import * as fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { CountersUnavailable, type ChargeGroup, type Counters, type Seed, type Window } from '../counters.ts';
import { NaiveCounters } from './naive-counters.ts';

/** Makes counters with nothing in them. `clock` is what time it is for them, ms since 1970. */
export type MakeCounters = (options: { readonly clock: () => number; readonly seed?: Seed }) => Promise<Counters>;

const START = Date.UTC(2026, 10, 22, 12);
const minute: Window = { kind: 'rolling', ms: 60_000 };
const day: Extract<Window, { kind: 'calendar' }> = {
  kind: 'calendar',
  id: '2026-11-22',
  endsAt: Date.UTC(2026, 10, 23),
};

function one(key: string, limit: number, amount = 1, window: Window = minute): ChargeGroup {
  return { anyOf: [{ key, window, limit, amount }] };
}

/** What holds for all counters, in memory and in Redis. */
export function describeCounters(name: string, make: MakeCounters, { runs }: { readonly runs: number }): void {
  describe(`${name}, as counters`, () => {
    let now = START;
    const open: Counters[] = [];
    const counters = async (seed?: Seed): Promise<Counters> => {
      now = START;
      const made = await make({ clock: () => now, ...(seed && { seed }) });
      open.push(made);
      return made;
    };
    afterEach(async () => {
      await Promise.all(open.splice(0).map((made) => made.close()));
    });
    /** Waits until corrections that were sent before are counted. */
    const settled = async (made: Counters, key: string, window: Window, used: number): Promise<void> => {
      await expect.poll(async () => (await made.read([{ key, window }], now))[0]?.used).toBe(used);
    };

    test('a limit lets through what it says, and again when the slot has left', async () => {
      const made = await counters();
      expect(await made.reserve([one('a', 2)], now)).toMatchObject({
        admitted: true,
        readings: [{ used: 1, resetMs: 60_000 }],
      });
      now += 30_500;
      expect(await made.reserve([one('a', 2)], now)).toMatchObject({
        admitted: true,
        readings: [{ used: 2, resetMs: 29_500 }],
      });
      expect(await made.reserve([one('a', 2)], now)).toMatchObject({
        admitted: false,
        refusedBy: 0,
        retryAfterMs: 29_500,
        readings: [{ used: 2, resetMs: 29_500 }],
      });
      now += 29_499;
      expect(await made.reserve([one('a', 2)], now)).toMatchObject({ admitted: false, retryAfterMs: 1 });
      now += 1;
      expect(await made.reserve([one('a', 2)], now)).toMatchObject({ admitted: true });
      expect(await made.reserve([one('a', 2)], now)).toMatchObject({ admitted: false, retryAfterMs: 30_000 });
    });

    test('a limit of 0 refuses everything, for ever; an amount above the limit too', async () => {
      const made = await counters();
      for (const amount of [0, 1, 5]) {
        expect(await made.reserve([one('a', 0, amount)], now)).toMatchObject({
          admitted: false,
          retryAfterMs: Infinity,
        });
      }
      expect(await made.reserve([one('b', 10, 11)], now)).toMatchObject({ admitted: false, retryAfterMs: Infinity });
      expect(await made.reserve([one('b', 10, 10)], now)).toMatchObject({ admitted: true });
      expect(await made.reserve([one('b', 10, 0)], now)).toMatchObject({ admitted: false, retryAfterMs: 60_000 });
    });

    test('all groups are counted or none', async () => {
      const made = await counters();
      const groups = [one('a', 5, 2), one('b', 100, 60), one('c', 1)];
      expect(await made.reserve(groups, now)).toMatchObject({ admitted: true });
      expect(await made.reserve(groups, now)).toMatchObject({ admitted: false, refusedBy: 1 });
      const read = await made.read(
        groups.flatMap(({ anyOf }) => anyOf),
        now,
      );
      expect(read.map(({ used }) => used)).toEqual([2, 60, 1]);
    });

    test('one charge with room is enough for a group, and all of them are counted', async () => {
      const made = await counters();
      const group = { anyOf: [...one('a', 1).anyOf, ...one('b', 3).anyOf] };
      for (let round = 0; round < 3; round++)
        expect(await made.reserve([group], now)).toMatchObject({ admitted: true });
      expect(await made.reserve([group], now)).toMatchObject({ admitted: false, readings: [{ used: 3 }, { used: 3 }] });
      expect(await made.reserve([one('a', 4)], now)).toMatchObject({ admitted: true });
    });

    test('a key that stands in two groups counts twice, and neither limit is passed', async () => {
      const made = await counters();
      expect(await made.reserve([one('a', 10, 5), one('a', 20, 5)], now)).toMatchObject({ admitted: true });
      expect(await made.reserve([one('a', 14, 3), one('a', 20, 3)], now)).toMatchObject({
        admitted: false,
        refusedBy: 0,
      });
    });

    test('corrections change the slot of the reservation, never below 0', async () => {
      const made = await counters();
      await made.reserve([one('a', 100, 40)], now);
      const at = now;
      now += 20_000;
      await made.reserve([one('a', 100, 10)], now);
      made.correct([{ key: 'a', window: minute, amount: 15, at }]);
      await settled(made, 'a', minute, 65);
      now = at + 60_000;
      await settled(made, 'a', minute, 10);
      made.correct([
        { key: 'a', window: minute, amount: 7, at },
        { key: 'a', window: minute, amount: -50, at: at + 20_000 },
      ]);
      await settled(made, 'a', minute, 0);
      expect(await made.reserve([one('a', 3, 3)], now)).toMatchObject({ admitted: true });
    });

    test('calendar windows count until they end', async () => {
      const made = await counters();
      const tokens = (amount: number): ChargeGroup[] => [one('a', 10, amount, day)];
      expect(await made.reserve(tokens(7), now)).toMatchObject({
        admitted: true,
        readings: [{ used: 7, resetMs: 12 * 3_600_000 }],
      });
      now += 11 * 3_600_000;
      expect(await made.reserve(tokens(4), now)).toMatchObject({ admitted: false, retryAfterMs: 3_600_000 });
      made.correct([{ key: 'a', window: day, amount: -2, at: START }]);
      await settled(made, 'a', day, 5);
      expect(await made.reserve(tokens(4), now)).toMatchObject({ admitted: true });
      const next: Window = { kind: 'calendar', id: '2026-11-23', endsAt: Date.UTC(2026, 10, 24) };
      expect(await made.reserve([one('a', 10, 10, next)], now)).toMatchObject({ admitted: true });
    });

    test('what a calendar window counts already is asked once', async () => {
      const asked: string[][] = [];
      const made = await counters(async (keys) => {
        asked.push(keys.map(({ key, window }) => `${key} ${window.id}`));
        return keys.map(({ key }) => (key === 'a' ? 95 : 0));
      });
      made.correct([{ key: 'a', window: day, amount: 50, at: now }]);
      const groups = [one('a', 100, 5, day), one('b', 100, 5, day), one('c', 9)];
      expect(await made.reserve(groups, now)).toMatchObject({
        admitted: true,
        readings: [{ used: 100 }, { used: 5 }, { used: 1 }],
      });
      expect(await made.reserve(groups, now)).toMatchObject({ admitted: false, refusedBy: 0 });
      expect(asked).toEqual([['a 2026-11-22', 'b 2026-11-22']]);
      expect((await made.read([{ key: 'd', window: day }], now))[0]?.used).toBe(0);
      expect(asked.flat()).toHaveLength(3);
    });

    test('where the seed cannot be had, nothing is let through', async () => {
      const made = await counters(() => Promise.reject(new Error('no ledger')));
      const admitted = async (): Promise<unknown> => made.reserve([one('a', 100, 5, day)], now);
      await expect(admitted()).rejects.toThrow(CountersUnavailable);
      expect(await made.reserve([one('a', 1)], now)).toMatchObject({ admitted: true });
    });

    test('whole numbers to the last that is exact', async () => {
      const made = await counters();
      const most = Number.MAX_SAFE_INTEGER;
      expect(await made.reserve([one('a', most, most - 1)], now)).toMatchObject({ readings: [{ used: most - 1 }] });
      expect(await made.reserve([one('a', most, 2)], now)).toMatchObject({ admitted: false, retryAfterMs: 60_000 });
      expect(await made.reserve([one('a', most, 1)], now)).toMatchObject({
        admitted: true,
        readings: [{ used: most }],
      });
      expect(await made.reserve([one('d', most, most - 1, day)], now)).toMatchObject({
        readings: [{ used: most - 1 }],
      });
      expect(await made.reserve([one('d', most, 2, day)], now)).toMatchObject({ admitted: false });
    });

    test('a clock that goes back neither lets through more nor blocks for longer than a window', async () => {
      const made = await counters();
      const limit = one('a', 3);
      for (let round = 0; round < 3; round++) await made.reserve([limit], now);
      now -= 3_000;
      expect(await made.reserve([limit], now)).toMatchObject({ admitted: false });
      now -= 24 * 3_600_000;
      expect(await made.reserve([limit], now)).toMatchObject({ admitted: false, retryAfterMs: 60_000 });
      now += 59_999;
      expect(await made.reserve([limit], now)).toMatchObject({ admitted: false });
      now += 1;
      expect(await made.reserve([limit], now)).toMatchObject({ admitted: true });
    });

    test('no groups, no question', async () => {
      const made = await counters();
      expect(await made.reserve([], now)).toMatchObject({ admitted: true, readings: [] });
    });

    test('agree with a log of everything that was counted', async () => {
      const windows: Window[] = [minute, { kind: 'rolling', ms: 6_000 }, { ...day, endsAt: START + 400_000 }];
      const charge = fc
        .record({
          key: fc.constantFrom('a', 'b', 'c'),
          window: fc.constantFrom(...windows),
          amount: fc.nat({ max: 4 }),
        })
        .map((made) => ({ ...made, limit: LIMITS[made.key] ?? 0 }));
      const group = fc.record({ anyOf: fc.array(charge, { minLength: 1, maxLength: 3 }) });
      const step = fc.oneof(
        { weight: 5, arbitrary: fc.record({ reserve: fc.array(group, { minLength: 1, maxLength: 3 }) }) },
        { weight: 3, arbitrary: fc.record({ pass: fc.oneof(fc.nat({ max: 900 }), fc.nat({ max: 20_000 })) }) },
        { weight: 2, arbitrary: fc.record({ correct: fc.nat(), by: fc.integer({ min: -6, max: 6 }) }) },
      );
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
          const made = await counters();
          const model = new NaiveCounters();
          const admitted: { readonly groups: readonly ChargeGroup[]; readonly at: number }[] = [];
          for (const taken of steps) {
            if ('pass' in taken) now += taken.pass;
            else if ('reserve' in taken) {
              const { at: _, ...decision } = { at: 0, ...(await made.reserve(taken.reserve, now)) };
              expect(decision).toEqual(model.reserve(taken.reserve, now));
              if (decision.admitted) admitted.push({ groups: taken.reserve, at: now });
            } else {
              const found = admitted[taken.correct % (admitted.length || 1)];
              for (const { key, window } of found?.groups.flatMap(({ anyOf }) => anyOf) ?? []) {
                const correction = { key, window, amount: taken.by, at: found?.at ?? 0 };
                model.correct(correction, now);
                made.correct([correction]);
                await settled(made, key, window, model.read({ key, window }, now).used);
              }
            }
          }
          await made.close();
        }),
        { numRuns: runs },
      );
    });

    test('in no window is more let through than the limit', async () => {
      const requests = fc.array(fc.record({ pass: fc.nat({ max: 1_500 }), amount: fc.nat({ max: 5 }) }), {
        minLength: 1,
        maxLength: 80,
      });
      const window: Window = { kind: 'rolling', ms: 6_000 };
      await fc.assert(
        fc.asyncProperty(requests, fc.nat({ max: 12 }), async (list, limit) => {
          const made = await counters();
          const passed: { readonly at: number; readonly amount: number }[] = [];
          for (const { pass, amount } of list) {
            now += pass;
            const decision = await made.reserve([one('a', limit, amount, window)], now);
            if (decision.admitted) passed.push({ at: now, amount });
          }
          for (const { at } of passed) {
            // A sixtieth less than the window: the exactness that is promised.
            const inWindow = passed.filter((other) => other.at >= at && other.at <= at + 5_900);
            expect(inWindow.reduce((sum, { amount }) => sum + amount, 0)).toBeLessThanOrEqual(limit);
          }
          await made.close();
        }),
        { numRuns: runs },
      );
    });
  });
}

/** Of one key in all windows and groups, so that the log's verdict does not hang on their order. */
const LIMITS: Readonly<Record<string, number>> = { a: 7, b: 15, c: 30 };
