import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RecentBatches } from './recent-batches.ts';
import type { SpoolPosition } from './spool-format.ts';

const at = (offset: number, segment = 1): SpoolPosition => ({ segment, offset });
const batch = (after: SpoolPosition, ...numbers: number[]) => ({ after, records: numbers.map((n) => ({ n })) });

test('what follows without a gap is taken, once', () => {
  const recent = new RecentBatches();
  recent.note(at(10), batch(at(0), 1));
  recent.note(at(30), batch(at(10), 2, 3));
  expect(recent.take(at(0), 100)).toEqual({ records: [{ n: 1 }, { n: 2 }, { n: 3 }], to: at(30) });
  expect(recent.take(at(30), 100)).toBeUndefined();
});

test('a new segment is no gap', () => {
  const recent = new RecentBatches();
  recent.note(at(20, 2), batch(at(90, 1), 1));
  expect(recent.take(at(90, 1), 100)).toEqual({ records: [{ n: 1 }], to: at(20, 2) });
});

test('who is behind what is kept reads the disk', () => {
  const recent = new RecentBatches();
  recent.note(at(30), batch(at(10), 2));
  expect(recent.take(at(0), 100)).toBeUndefined();
  expect(recent.take(at(10), 100)?.to).toEqual(at(30));
});

test('bytes of unknown content leave nothing to be believed', () => {
  const recent = new RecentBatches();
  recent.note(at(10), batch(at(0), 1));
  recent.note(at(20), { after: at(10), records: [undefined] });
  expect(recent.take(at(0), 100)).toBeUndefined();
});

test('whatever is noted and taken, no record is lost or given twice to who reads on from where it is', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.constant('take' as const), fc.integer({ min: 1, max: 4 })), { maxLength: 60 }),
      fc.integer({ min: 1, max: 6 }),
      (events, most) => {
        const recent = new RecentBatches();
        const given: number[] = [];
        let [written, position] = [0, at(0)];
        for (const event of events) {
          if (event === 'take') {
            const taken = recent.take(position, most);
            if (!taken) continue;
            given.push(...taken.records.map((record) => (record as { n: number }).n));
            position = taken.to;
          } else {
            const numbers = Array.from({ length: event }, () => written++);
            recent.note(at(written), batch(at(written - event), ...numbers));
          }
        }
        expect(given).toEqual(Array.from({ length: position.offset }, (_, n) => n));
      },
    ),
  );
});
