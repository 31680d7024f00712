import { open, readdir, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import {
  comparePositions,
  decodeRecord,
  SEGMENT_HEADER,
  segmentFileName,
  segmentNumbers,
  type SpoolPosition,
} from './spool-format.ts';

const CHUNK_BYTES = 1024 * 1024;

export interface SpooledRecord {
  /** The place after the record: as `from` it resumes with the next one. */
  readonly position: SpoolPosition;
  /** As it was appended. */
  readonly record: unknown;
}

export interface SpooledBytes {
  /** As in `SpooledRecord`. */
  readonly position: SpoolPosition;
  readonly payload: Buffer;
}

export interface SpoolRange {
  /** Where to begin, a `position` read earlier; the oldest record when left out. */
  readonly from?: SpoolPosition | undefined;
  /** Records that end behind it are not read. A `committed` of the writer: what follows may not survive a power cut. */
  readonly upTo?: SpoolPosition | undefined;
}

/** `readSpoolBytes` for spools of JSON. */
export async function* readSpool(directory: string, range: SpoolRange = {}): AsyncIterable<SpooledRecord> {
  for await (const { position, payload } of readSpoolBytes(directory, range)) {
    yield { position, record: JSON.parse(payload.toString('utf8')) };
  }
}

/**
 * The records of a spool, in the order they were appended. Only reads, and may run while another process
 * writes: it ends at the last whole record there is. A directory that does not exist has no records.
 */
export async function* readSpoolBytes(directory: string, range: SpoolRange = {}): AsyncIterable<SpooledBytes> {
  const { from, upTo } = range;
  let segment = await nextSegment(directory, from?.segment ?? 0);
  while (segment !== undefined && (upTo === undefined || segment <= upTo.segment)) {
    const start = segment === from?.segment ? from.offset : SEGMENT_HEADER.length;
    for await (const record of readToEnd(directory, segment, start)) {
      if (upTo !== undefined && comparePositions(record.position, upTo) > 0) return;
      yield record;
    }
    segment = await nextSegment(directory, segment + 1);
  }
}

/** Lowest segment numbered `atLeast` or more. */
async function nextSegment(directory: string, atLeast: number): Promise<number | undefined> {
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return segmentNumbers(names).find((number) => number >= atLeast);
}

/**
 * Reads one segment to its last whole record. When a later segment exists at that point, the writer may
 * have finished this one after we saw its end, so it is read once more: nothing comes after that.
 */
async function* readToEnd(directory: string, segment: number, start: number): AsyncIterable<SpooledBytes> {
  let file: FileHandle;
  try {
    file = await open(path.join(directory, segmentFileName(segment)), 'r');
  } catch (error) {
    // Acknowledged and deleted since we listed the directory.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(SEGMENT_HEADER.length), 0, SEGMENT_HEADER.length, 0);
    if (bytesRead === SEGMENT_HEADER.length && !buffer.equals(SEGMENT_HEADER)) {
      throw new Error(`${path.join(directory, segmentFileName(segment))} is not a spool segment of this version.`);
    }
    let offset = start;
    for (let finished = false; ;) {
      for await (const { end, payload } of readRecords(file, offset)) {
        offset = end;
        yield { position: { segment, offset }, payload };
      }
      if (finished) return;
      finished = (await nextSegment(directory, segment + 1)) !== undefined;
      if (!finished) return;
    }
  } finally {
    await file.close();
  }
}

/** Whole records from `offset` of an open segment; ends at the first that is not whole. `end` counts from the file's start. */
export async function* readRecords(
  file: FileHandle,
  offset: number,
): AsyncIterable<{ readonly end: number; readonly payload: Buffer }> {
  let bytes: Buffer = Buffer.alloc(0);
  let base = offset;
  let needed = CHUNK_BYTES;
  for (;;) {
    // Payloads that were handed out lie in the last buffer, so each read gets a new one; only its rest is copied.
    const buffer = Buffer.allocUnsafe(Math.max(needed, bytes.length + CHUNK_BYTES));
    const rest = bytes.copy(buffer);
    const { bytesRead } = await file.read(buffer, rest, buffer.length - rest, base + rest);
    if (bytesRead === 0) return;
    bytes = buffer.subarray(0, rest + bytesRead);
    let start = 0;
    for (;;) {
      const decoded = decodeRecord(bytes, start);
      if (decoded.kind === 'garbage') return;
      if (decoded.kind === 'incomplete') {
        needed = decoded.needed;
        break;
      }
      start = decoded.end;
      yield { end: base + start, payload: decoded.payload };
    }
    bytes = bytes.subarray(start);
    base += start;
  }
}
