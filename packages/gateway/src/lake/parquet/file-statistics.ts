import type { PrimitiveName, StructType } from '../schema/delta-type.ts';
import { sqlName } from './sql-text.ts';
import { dateBound, lowestText, highestText, numberBound, timestampBound } from './statistic-bounds.ts';

/** What `COPY … (RETURN_STATS)` says of one column, by name of the fact: `min`, `max`, `null_count`, `has_nan`. */
export type ColumnFacts = ReadonlyMap<string, string>;

/** `delta.dataSkippingNumIndexedCols` where the table does not say. */
export const DEFAULT_INDEXED_COLUMNS = 32;

/** JSON text, put together by hand: its numbers may exceed what a JavaScript number holds. */
type JsonTree = Map<string, string | JsonTree>;

/**
 * The text for `add.stats` (PROTOCOL.md, "Per-file Statistics"): bounds and null counts of the first `limit` leaves
 * outside of arrays and maps (-1: all). Bounds that DuckDB does not give, or that Delta has no exact form for, are left out.
 * @param facts by path as DuckDB writes it, `"a"."b"`.
 */
export function fileStatistics(
  rows: number,
  schema: StructType,
  facts: ReadonlyMap<string, ColumnFacts>,
  limit = DEFAULT_INDEXED_COLUMNS,
): string {
  const minValues: JsonTree = new Map();
  const maxValues: JsonTree = new Map();
  const nullCount: JsonTree = new Map();
  for (const { path, type } of leaves(schema).slice(0, limit < 0 ? undefined : limit)) {
    const found = facts.get(path.map(sqlName).join('.'));
    if (!found) continue;
    put(nullCount, path, found.get('null_count'));
    if (found.get('has_nan') === 'true') continue;
    put(minValues, path, bound(found.get('min'), type, 'min'));
    put(maxValues, path, bound(found.get('max'), type, 'max'));
  }
  return `{"numRecords":${rows},"minValues":${jsonText(minValues)},"maxValues":${jsonText(maxValues)},"nullCount":${jsonText(nullCount)}}`;
}

interface Leaf {
  readonly path: readonly string[];
  readonly type: PrimitiveName;
}

function leaves(schema: StructType, above: readonly string[] = []): Leaf[] {
  return schema.fields.flatMap(({ name, type }): Leaf[] => {
    const path = [...above, name];
    if (typeof type === 'string') return [{ path, type }];
    return type.type === 'struct' ? leaves(type, path) : [];
  });
}

/** The JSON text of a bound, from DuckDB's text of the value. */
function bound(text: string | undefined, type: PrimitiveName, side: 'min' | 'max'): string | undefined {
  if (text === undefined) return undefined;
  switch (type) {
    case 'string': {
      const cut = side === 'min' ? lowestText(text) : highestText(text);
      return cut === undefined ? undefined : JSON.stringify(cut);
    }
    case 'date':
      return quoted(dateBound(text));
    case 'timestamp':
    case 'timestamp_ntz': {
      const iso = timestampBound(text, side);
      return iso === undefined ? undefined : quoted(type === 'timestamp' ? `${iso}Z` : iso);
    }
    case 'boolean':
    case 'binary':
    case 'variant':
      return undefined;
    default:
      return numberBound(text);
  }
}

function quoted(text: string | undefined): string | undefined {
  return text === undefined ? undefined : `"${text}"`;
}

function put(tree: JsonTree, path: readonly string[], value: string | undefined): void {
  if (value === undefined) return;
  let at = tree;
  for (const name of path.slice(0, -1)) {
    const next = at.get(name);
    if (next instanceof Map) at = next;
    else {
      const made: JsonTree = new Map();
      at.set(name, made);
      at = made;
    }
  }
  at.set(path.at(-1) ?? '', value);
}

function jsonText(tree: JsonTree): string {
  const members = [...tree].map(
    ([name, value]) => `${JSON.stringify(name)}:${typeof value === 'string' ? value : jsonText(value)}`,
  );
  return `{${members.join(',')}}`;
}
