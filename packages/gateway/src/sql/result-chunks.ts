import type { ResultTable } from '../unity/result-table.ts';

/** A run of rows that is answered at once. */
export interface ResultChunk {
  readonly index: number;
  readonly rowOffset: number;
  readonly rowCount: number;
  /** Bytes of its values, without the syntax around them. */
  readonly bytes: number;
}

/** Bytes of a chunk's values at most, as the vendor cuts inline results. */
export const CHUNK_BYTES = 4 * 1024 * 1024;

/** Counted per value beside its text: quotes and comma. */
const VALUE_OVERHEAD = 3;

/** Cuts a result into chunks of at most `maxBytes`, each of one row or more. A result without rows has none. */
export function cutIntoChunks({ rows }: ResultTable, maxBytes = CHUNK_BYTES): ResultChunk[] {
  const chunks: ResultChunk[] = [];
  let rowOffset = 0;
  let bytes = 0;
  for (const [at, row] of rows.entries()) {
    const size = rowBytes(row);
    if (at > rowOffset && bytes + size > maxBytes) {
      chunks.push({ index: chunks.length, rowOffset, rowCount: at - rowOffset, bytes });
      rowOffset = at;
      bytes = 0;
    }
    bytes += size;
  }
  if (rowOffset < rows.length) {
    chunks.push({ index: chunks.length, rowOffset, rowCount: rows.length - rowOffset, bytes });
  }
  return chunks;
}

/** Bytes of a row's values as text. */
export function rowBytes(row: readonly (string | null)[]): number {
  let bytes = 0;
  for (const value of row) bytes += VALUE_OVERHEAD + (value === null ? 0 : Buffer.byteLength(value));
  return bytes;
}
