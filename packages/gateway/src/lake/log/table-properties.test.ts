import { expect, test } from 'vitest';
import { checkpointInterval, deletedFileRetention, logRetention, parseInterval } from './table-properties.ts';
import { metadata } from './testing/table-fixture.ts';

test.each<[string | undefined, number | undefined]>([
  ['interval 30 days', 2_592_000_000],
  ['INTERVAL 1 WEEK', 604_800_000],
  ['interval 1 day 2 hours', 93_600_000],
  ['  7 days ', 604_800_000],
  ['interval 90 minutes', 5_400_000],
  ['interval 0 seconds', 0],
  ['interval 250 milliseconds', 250],
  ['interval 1 month', undefined],
  ['interval days', undefined],
  ['interval -1 days', undefined],
  ['30', undefined],
  ['', undefined],
  [undefined, undefined],
])('%s', (text, milliseconds) => {
  expect(parseInterval(text)).toBe(milliseconds);
});

test('properties that are missing or cannot be read have their defaults', () => {
  const broken = metadata({ 'delta.logRetentionDuration': 'x', 'delta.checkpointInterval': '-5' });
  for (const one of [metadata(), broken]) {
    expect([logRetention(one), deletedFileRetention(one), checkpointInterval(one)]).toEqual([
      2_592_000_000, 604_800_000, 100,
    ]);
  }
  expect(checkpointInterval(metadata({ 'delta.checkpointInterval': '10' }))).toBe(10);
});
