import type { TableRef } from '../lake/lake.ts';
import { comparePositions, type SpoolPosition } from './spool-format.ts';
import { readSpoolBytes } from './spool-reader.ts';
import type { SpoolFeed } from './spool-feed.ts';
import type { TableRows } from './table-rows.ts';

/** One spool record on its way to its table. */
export interface LoadRecord {
  /** The place after it in the spool, as one number: ascends in the order of the spool. */
  readonly version: number;
  /** NDJSON. */
  readonly lines: Uint8Array;
  readonly count: number;
}

/** The records of one batch that go to one table, in order. */
export interface TableBatch {
  readonly table: TableRef;
  readonly records: LoadRecord[];
}

/** A record that could not be understood. */
export interface UnreadableRecord {
  readonly position: SpoolPosition;
  readonly payload: Buffer;
  readonly error: unknown;
}

export interface LoadBatch {
  readonly tables: readonly TableBatch[];
  readonly unreadable: readonly UnreadableRecord[];
  /** Once the batch is loaded, everything before it is. */
  readonly end: SpoolPosition;
  /** Whether more was there than fits into one batch. */
  readonly more: boolean;
  /** Committed records behind the last one that could be read are damaged. */
  readonly damaged: boolean;
}

/** Rows of all records. */
export function countRows(records: readonly LoadRecord[]): number {
  return records.reduce((sum, { count }) => sum + count, 0);
}

/** Where a segment's number begins in a transaction version; segments stay below 2^21, so versions are exact. */
const SEGMENT_FACTOR = 2 ** 32;

/** A position as the version of a Delta transaction. */
export function transactionVersion(position: SpoolPosition): number {
  return position.segment * SEGMENT_FACTOR + position.offset;
}

/** The position that a transaction version stands for. */
export function versionPosition(version: number): SpoolPosition {
  return { segment: Math.floor(version / SEGMENT_FACTOR), offset: version % SEGMENT_FACTOR };
}

/** Transaction id under which a table remembers how far it has a feed of a spool. */
export function feedAppId(spoolId: string, feed: string): string {
  return `ucode-spool/${spoolId}/${feed}`;
}

/**
 * Reads the next records of a feed, grouped by table.
 * @param from where the last batch ended, `undefined` for the oldest record there is.
 * @param upTo a position the writer has committed.
 * @param maxBytes where a batch ends; a single longer record is a batch of its own.
 */
export async function readBatch(
  feed: SpoolFeed,
  from: SpoolPosition | undefined,
  upTo: SpoolPosition,
  maxBytes: number,
): Promise<LoadBatch> {
  const tables = new Map<string, TableBatch>();
  const unreadable: UnreadableRecord[] = [];
  let bytes = 0;
  let last = from;
  for await (const { position, payload } of readSpoolBytes(feed.directory, { from, upTo })) {
    if (bytes > 0 && bytes + payload.length > maxBytes) {
      return { tables: [...tables.values()], unreadable, end: last!, more: true, damaged: false };
    }
    last = position;
    bytes += payload.length;
    let rows: TableRows;
    try {
      rows = feed.toRows(payload);
    } catch (error) {
      unreadable.push({ position, payload, error });
      continue;
    }
    bytes += Math.max(0, rows.lines.length - payload.length);
    if (rows.count === 0) continue;
    let batch = tables.get(rows.table.id);
    if (batch === undefined) tables.set(rows.table.id, (batch = { table: rows.table, records: [] }));
    batch.records.push({ version: transactionVersion(position), lines: rows.lines, count: rows.count });
  }
  const damaged = last !== undefined && last.segment === upTo.segment && comparePositions(last, upTo) < 0;
  return { tables: [...tables.values()], unreadable, end: upTo, more: false, damaged };
}
