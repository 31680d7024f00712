import { usageRow } from './usage-rows.ts';

const INDEXED = 32;

/** `add.stats` of a file of usage rows: bounds and null counts of the leaves that Delta indexes by default. */
export function usageStatistics(number: number, time: number): string {
  const minValues = bounds(usageRow(number * 2, time));
  const maxValues = bounds(usageRow(number * 2 + 1, time + 900));
  const nullCount = Object.fromEntries(Object.keys(minValues).map((name) => [name, 0]));
  return JSON.stringify({ numRecords: 2500, minValues, maxValues, nullCount });
}

function bounds(row: object): Record<string, unknown> {
  const scalars = Object.entries(row).filter(([, value]) => typeof value === 'string' || typeof value === 'number');
  return Object.fromEntries(
    scalars.slice(0, INDEXED).map(([name, value]) => [name, typeof value === 'string' ? value.slice(0, 32) : value]),
  );
}
