import type { DeltaType } from '../../lake/schema/delta-type.ts';
import type { ResultTable } from '../result-table.ts';

type Rows = readonly (readonly (string | null)[])[];

/** A result whose columns are all text. */
export function textResult(columns: readonly string[], rows: Rows): ResultTable {
  return { columns: columns.map((name) => ({ name, type: 'string' })), rows, truncated: false };
}

/** A result with typed columns, in the order of the keys. */
export function typedResult(columns: Readonly<Record<string, DeltaType>>, rows: Rows): ResultTable {
  return {
    columns: Object.entries(columns).map(([name, type]) => ({ name, type })),
    rows,
    truncated: false,
  };
}

/** A time as results have it. */
export function timeText(at: number): string {
  return new Date(at).toISOString();
}

/** Properties in one line: `[a=1,b=2]`, by key. */
export function propertiesText(properties: Readonly<Record<string, string>>): string {
  return `[${sortedEntries(properties)
    .map(([key, value]) => `${key}=${value}`)
    .join(',')}]`;
}

export function sortedEntries(properties: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(properties).toSorted(([left], [right]) => (left < right ? -1 : 1));
}
