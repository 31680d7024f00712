import { crc32 } from 'node:zlib';

/**
 * How a spool segment looks on disk. A segment starts with `SEGMENT_HEADER`; then records follow, each
 *
 *     u32le  bytes of payload
 *     u32le  CRC-32 of payload
 *     payload: one line of JSON, newline included; or other bytes, as the spool's owner defines them
 *
 * so `strings` shows the records, and a torn tail (power cut, `kill -9`, full disk) is told from data.
 */
export const SEGMENT_HEADER = Buffer.from('UCGSPL1\n', 'latin1');
/** Bytes before each payload. */
export const FRAME_BYTES = 8;
/** Longest payload; more in the length field is garbage. */
export const MAX_PAYLOAD_BYTES = 96 * 1024 * 1024;

/** A place between two records: everything before it has been read. */
export interface SpoolPosition {
  /** Number of the segment, from 1. */
  readonly segment: number;
  /** Bytes from the segment's start. */
  readonly offset: number;
}

/** Whether `a` stands before `b`, is `b`, or stands behind it: negative, 0, positive. */
export function comparePositions(a: SpoolPosition, b: SpoolPosition): number {
  return a.segment - b.segment || a.offset - b.offset;
}

/** Bytes of one record of JSON, frame included. */
export function encodeRecord(record: object): Buffer {
  return Buffer.concat(encodePayload([Buffer.from(`${JSON.stringify(record)}\n`)]));
}

/**
 * One record: its frame, then the parts themselves, which must not change any more.
 * @throws RangeError when they are longer than `MAX_PAYLOAD_BYTES`, or empty.
 */
export function encodePayload(parts: readonly Uint8Array[]): Uint8Array[] {
  const payloadBytes = parts.reduce((sum, part) => sum + part.length, 0);
  if (payloadBytes > MAX_PAYLOAD_BYTES) throw new RangeError(`A spool record of ${payloadBytes} bytes is too long.`);
  if (payloadBytes === 0) throw new RangeError('A spool record must not be empty.');
  const frame = Buffer.alloc(FRAME_BYTES);
  frame.writeUInt32LE(payloadBytes, 0);
  frame.writeUInt32LE(
    parts.reduce((sum, part) => crc32(part, sum), 0),
    4,
  );
  return [frame, ...parts];
}

/** What stands at `start`: a whole record, the beginning of one (`more` bytes needed in all), or garbage. */
export type Decoded =
  | { readonly kind: 'record'; readonly end: number; readonly payload: Buffer }
  | { readonly kind: 'incomplete'; readonly needed: number }
  | { readonly kind: 'garbage' };

/** Reads the record that starts at `start` of `bytes`. Never throws. */
export function decodeRecord(bytes: Buffer, start: number): Decoded {
  const available = bytes.length - start;
  if (available < FRAME_BYTES) return { kind: 'incomplete', needed: FRAME_BYTES };
  const payloadBytes = bytes.readUInt32LE(start);
  if (payloadBytes === 0 || payloadBytes > MAX_PAYLOAD_BYTES) return { kind: 'garbage' };
  const needed = FRAME_BYTES + payloadBytes;
  if (available < needed) return { kind: 'incomplete', needed };
  const payload = bytes.subarray(start + FRAME_BYTES, start + needed);
  if (crc32(payload) !== bytes.readUInt32LE(start + 4)) return { kind: 'garbage' };
  return { kind: 'record', end: start + needed, payload };
}

/** `1` to `000000001.log`. */
export function segmentFileName(segment: number): string {
  return `${String(segment).padStart(9, '0')}.log`;
}

/** Numbers of the segments among file names, ascending. */
export function segmentNumbers(fileNames: readonly string[]): number[] {
  return fileNames
    .filter((name) => /^\d{9,}\.log$/.test(name))
    .map((name) => Number.parseInt(name, 10))
    .sort((a, b) => a - b);
}
