import { open, readdir, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { decodeRecord, SEGMENT_HEADER, segmentFileName, segmentNumbers, type SpoolPosition } from './spool-format.ts';

const CHUNK_BYTES = 256 * 1024;

export interface SpooledRecord {
  /** The place after the record: as `from` it resumes with the next one. */
  readonly position: SpoolPosition;
  /** As it was appended. */
  readonly record: unknown;
}

/**
 * The records of a spool, in the order they were appended. Only reads, and may run while another process
 * writes: it ends at the last whole record there is. A directory that does not exist has no records.
 * @param options.from where to begin, a `position` read earlier; the oldest record when left out.
 */
export async function* readSpool(
  directory: string,
  options: { from?: SpoolPosition | undefined } = {},
): AsyncIterable<SpooledRecord> {
  const { from } = options;
  let segment = await nextSegment(directory, from?.segment ?? 0);
  while (segment !== undefined) {
    const start = segment === from?.segment ? from.offset : SEGMENT_HEADER.length;
    yield* readToEnd(directory, segment, start);
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
async function* readToEnd(directory: string, segment: number, start: number): AsyncIterable<SpooledRecord> {
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
        yield { position: { segment, offset }, record: JSON.parse(payload.toString('utf8')) };
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
    const chunk = Buffer.allocUnsafe(Math.max(needed - bytes.length, CHUNK_BYTES));
    const { bytesRead } = await file.read(chunk, 0, chunk.length, base + bytes.length);
    if (bytesRead === 0) return;
    bytes = Buffer.concat([bytes, chunk.subarray(0, bytesRead)]);
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
