import { sumDecimals } from '../lib/decimal.ts';
import type { Grouping, UsageLine } from '../workspace/read-usage.ts';

/** Usage of several lines together. */
export interface UsageSum {
  /** Values of what was grouped by; empty for a total. */
  readonly of: Readonly<Partial<Record<Grouping, string>>>;
  readonly requests: number;
  readonly input: number;
  readonly cached: number;
  readonly output: number;
  /** Of the lines that have a price. */
  readonly cost: string;
  /** Requests whose model has no known price. */
  readonly unpriced: number;
}

/** Sums of lines that agree in `by`, the largest number of tokens first. */
export function sumUsage(lines: readonly UsageLine[], by: readonly Grouping[]): UsageSum[] {
  const groups = new Map<string, UsageLine[]>();
  for (const line of lines) {
    const key = JSON.stringify(by.map((name) => line[name]));
    const group = groups.get(key);
    if (group) group.push(line);
    else groups.set(key, [line]);
  }
  const sums = [...groups.values()].map((group) => total(group, by));
  const byDay = by[0] === 'day';
  return sums.toSorted((left, right) =>
    byDay
      ? (left.of.day ?? '').localeCompare(right.of.day ?? '')
      : right.input + right.output - left.input - left.output,
  );
}

/** One sum of all lines. */
export function total(lines: readonly UsageLine[], by: readonly Grouping[] = []): UsageSum {
  const add = (value: (line: UsageLine) => number): number => lines.reduce((sum, line) => sum + value(line), 0);
  const [first] = lines;
  return {
    of: Object.fromEntries(by.map((name) => [name, first?.[name] ?? ''])),
    requests: add((line) => line.requests),
    input: add((line) => line.input),
    cached: add((line) => line.cached),
    output: add((line) => line.output),
    cost: sumDecimals(lines.map(({ cost }) => cost ?? '0')),
    unpriced: add((line) => (line.cost === null ? line.requests : 0)),
  };
}
