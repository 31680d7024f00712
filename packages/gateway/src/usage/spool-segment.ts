import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { SEGMENT_HEADER, segmentFileName } from './spool-format.ts';
import { readRecords } from './spool-reader.ts';
import { syncDirectory } from '../lib/sync-directory.ts';

/** Parts that are smaller than this on the average are put together before they are written. */
const COPIED_BYTES = 4096;

/** The segment being written. Everything up to `committed` is on disk. */
export interface WritableSegment {
  readonly number: number;
  readonly file: FileHandle;
  /** Bytes from the start that are known to be durable. */
  committed: number;
}

/** Makes a new, empty segment and makes its name durable, too. */
export async function createSegment(directory: string, number: number): Promise<WritableSegment> {
  const file = await open(path.join(directory, segmentFileName(number)), 'w+', 0o600);
  try {
    await writeFully(file, SEGMENT_HEADER, 0);
    await file.datasync();
    await syncDirectory(directory);
  } catch (error) {
    await file.close();
    throw error;
  }
  return { number, file, committed: SEGMENT_HEADER.length };
}

/** Opens an existing segment for appending; what follows its last whole record is cut off, `cutBytes` of it. */
export async function reopenSegment(
  directory: string,
  number: number,
): Promise<{ segment: WritableSegment; cutBytes: number }> {
  const name = path.join(directory, segmentFileName(number));
  const file = await open(name, constants.O_RDWR);
  try {
    const { size } = await file.stat();
    const header = Buffer.alloc(SEGMENT_HEADER.length);
    const { bytesRead } = await file.read(header, 0, header.length, 0);
    const torn = size < header.length || header.every((byte) => byte === 0);
    if (!torn && (bytesRead < header.length || !header.equals(SEGMENT_HEADER))) {
      throw new Error(`${name} is not a spool segment of this version.`);
    }
    let committed = SEGMENT_HEADER.length;
    if (torn) await writeFully(file, SEGMENT_HEADER, 0);
    else for await (const { end } of readRecords(file, committed)) committed = end;
    await file.truncate(committed);
    await file.sync();
    return { segment: { number, file, committed }, cutBytes: Math.max(0, size - committed) };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Appends the parts durably. On failure `committed` has not moved, and the segment must not be written again. */
export async function appendDurably(segment: WritableSegment, parts: readonly Uint8Array[]): Promise<void> {
  const bytes = await writeParts(segment.file, parts, segment.committed);
  await segment.file.datasync();
  segment.committed += bytes;
}

/** Gives a segment up after a failed write: cuts what was not committed, as well as the disk allows. */
export async function abandonSegment(segment: WritableSegment): Promise<void> {
  await segment.file.truncate(segment.committed).catch(() => {});
  await segment.file.close().catch(() => {});
}

/** Large parts are not copied. Gives how many bytes there were. */
async function writeParts(file: FileHandle, parts: readonly Uint8Array[], position: number): Promise<number> {
  const bytes = parts.reduce((sum, part) => sum + part.length, 0);
  if (bytes < parts.length * COPIED_BYTES) {
    await writeFully(file, Buffer.concat(parts), position);
    return bytes;
  }
  const { bytesWritten } = await file.writev(parts, position);
  if (bytesWritten < bytes) {
    await writeFully(file, Buffer.concat(parts).subarray(bytesWritten), position + bytesWritten);
  }
  return bytes;
}

async function writeFully(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let written = 0; written < bytes.length;) {
    const result = await file.write(bytes, written, bytes.length - written, position + written);
    written += result.bytesWritten;
  }
}
