import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dayOf, lastDayBefore, windowOf } from './period.ts';

const at = (text: string): number => Date.parse(text);

test.each([
  ['DAY', '2026-11-22T23:59:59.999Z', 'DAY 2026-11-22', '2026-11-23T00:00:00.000Z'],
  ['DAY', '2026-11-23T00:00:00.000Z', 'DAY 2026-11-23', '2026-11-24T00:00:00.000Z'],
  ['DAY', '2028-02-29T12:00:00.000Z', 'DAY 2028-02-29', '2028-03-01T00:00:00.000Z'],
  ['MONTH', '2028-02-29T23:59:59.999Z', 'MONTH 2028-02', '2028-03-01T00:00:00.000Z'],
  ['MONTH', '2026-12-31T23:59:59.999Z', 'MONTH 2026-12', '2027-01-01T00:00:00.000Z'],
  ['WEEK', '2026-11-22T23:59:59.999Z', 'WEEK 2026-W47', '2026-11-23T00:00:00.000Z'],
  ['WEEK', '2026-11-23T00:00:00.000Z', 'WEEK 2026-W48', '2026-11-30T00:00:00.000Z'],
  // 2026 has 53 weeks: the last one reaches into January.
  ['WEEK', '2027-01-03T23:00:00.000Z', 'WEEK 2026-W53', '2027-01-04T00:00:00.000Z'],
  ['WEEK', '2027-01-04T00:00:00.000Z', 'WEEK 2027-W01', '2027-01-11T00:00:00.000Z'],
  // A Monday in December that belongs to the next year's first week.
  ['WEEK', '2024-12-30T00:00:00.000Z', 'WEEK 2025-W01', '2025-01-06T00:00:00.000Z'],
] as const)('%s of %s is %s, until %s', (period, moment, id, endsAt) => {
  const window = windowOf(period, at(moment));
  expect(window).toMatchObject({ id, endsAt: at(endsAt) });
});

test('windows follow each other without gap, and every moment is in its own', () => {
  const moments = fc.integer({ min: at('2000-01-01T00:00:00Z'), max: at('2100-01-01T00:00:00Z') });
  fc.assert(
    fc.property(moments, fc.constantFrom('DAY' as const, 'WEEK' as const, 'MONTH' as const), (moment, period) => {
      const window = windowOf(period, moment);
      expect(window.startsAt).toBeLessThanOrEqual(moment);
      expect(window.endsAt).toBeGreaterThan(moment);
      expect(windowOf(period, window.startsAt)).toEqual(window);
      expect(windowOf(period, window.endsAt - 1)).toEqual(window);
      const next = windowOf(period, window.endsAt);
      expect(next.startsAt).toBe(window.endsAt);
      expect(next.id).not.toBe(window.id);
      if (period === 'WEEK') expect(new Date(window.startsAt).getUTCDay()).toBe(1);
    }),
  );
});

test('days of a window', () => {
  const { startsAt, endsAt } = windowOf('MONTH', at('2028-02-10T00:00:00Z'));
  expect([dayOf(startsAt), lastDayBefore(endsAt)]).toEqual(['2028-02-01', '2028-02-29']);
});
