import { crc32 } from 'node:zlib';

/**
 * How a spool segment looks on disk. A segment starts with `SEGMENT_HEADER`; then records follow, each
 *
 *     u32le  bytes of payload
 *     u32le  CRC-32 of payload
 *     payload: one line of JSON, newline included
 *
 * so `strings` shows the records, and a torn tail (power cut, `kill -9`, full disk) is told from data.
 */
export const SEGMENT_HEADER = Buffer.from('UCGSPL1\n', 'latin1');
/** Bytes before each payload. */
export const FRAME_BYTES = 8;
/** Longest payload; more in the length field is garbage. */
export const MAX_PAYLOAD_BYTES = 16 * 1024 * 1024;

/** A place between two records: everything before it has been read. */
export interface SpoolPosition {
  /** Number of the segment, from 1. */
  readonly segment: number;
  /** Bytes from the segment's start. */
  readonly offset: number;
}

/** Bytes of one record, frame included. */
export function encodeRecord(record: object): Buffer {
  const json = JSON.stringify(record);
  const payloadBytes = Buffer.byteLength(json) + 1;
  if (payloadBytes > MAX_PAYLOAD_BYTES) throw new RangeError(`A spool record of ${payloadBytes} bytes is too long.`);
  const bytes = Buffer.allocUnsafe(FRAME_BYTES + payloadBytes);
  bytes.write(json, FRAME_BYTES);
  bytes[bytes.length - 1] = 0x0a;
  bytes.writeUInt32LE(payloadBytes, 0);
  bytes.writeUInt32LE(crc32(bytes.subarray(FRAME_BYTES)), 4);
  return bytes;
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
