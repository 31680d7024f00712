import type { TableRef } from '../lake/lake.ts';

/** Rows on their way to a table. */
export interface TableRows {
  readonly table: TableRef;
  /** NDJSON: one object per row, each line ended by a newline. */
  readonly lines: Uint8Array;
  /** Number of lines. */
  readonly count: number;
}

/**
 * Rows as a spool record's payload: one line of JSON that says where they go, then the rows.
 * @returns bytes for `Spool.appendBytes`.
 */
export function encodeTableRows(rows: TableRows): Uint8Array[] {
  const head = JSON.stringify({ table: rows.table, count: rows.count });
  return [Buffer.from(`${head}\n`), rows.lines];
}

/** @throws Error where the payload is not one of `encodeTableRows`. */
export function decodeTableRows(payload: Buffer): TableRows {
  const end = payload.indexOf(0x0a);
  if (end < 0) throw new Error('A record of table rows has no head.');
  const head = JSON.parse(payload.toString('utf8', 0, end)) as Pick<TableRows, 'table' | 'count'>;
  return { ...head, lines: payload.subarray(end + 1) };
}
