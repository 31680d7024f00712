const MAGIC = 1_681_511_377;
const WITH_RUNS = 12_347;
const WITHOUT_RUNS = 12_346;
const OFFSETS_FROM = 4;
const LARGEST_ARRAY = 4096;
const BITMAP_BYTES = 8192;

/**
 * Row numbers of a deletion vector: a RoaringBitmapArray in the portable format (PROTOCOL.md, "Deletion Vector Format"), in
 * ascending order.
 * @throws RangeError or Error where the bytes are no such thing.
 */
export function readRoaringArray(bytes: Buffer): number[] {
  const reader = new Reader(bytes);
  if (reader.uint32() !== MAGIC) throw new Error('the bitmap begins with the wrong number');
  const count = reader.uint64();
  const rows: number[] = [];
  for (let index = 0; index < count; index++) {
    const high = reader.uint32();
    for (const low of readBitmap(reader)) rows.push(high * 2 ** 32 + low);
  }
  return rows;
}

/** One 32-bit bitmap. */
function* readBitmap(reader: Reader): Generator<number> {
  const cookie = reader.uint32();
  const hasRuns = (cookie & 0xffff) === WITH_RUNS;
  if (!hasRuns && cookie !== WITHOUT_RUNS) throw new Error('a bitmap begins with the wrong number');
  const size = hasRuns ? (cookie >>> 16) + 1 : reader.uint32();
  const runs = hasRuns ? reader.take(Math.ceil(size / 8)) : undefined;
  const headers: { readonly key: number; readonly count: number; readonly isRun: boolean }[] = [];
  for (let index = 0; index < size; index++) {
    const isRun = runs !== undefined && ((runs[index >> 3] ?? 0) & (1 << (index & 7))) !== 0;
    headers.push({ key: reader.uint16(), count: reader.uint16() + 1, isRun });
  }
  if (!hasRuns || size >= OFFSETS_FROM) reader.take(size * 4);
  for (const { key, count, isRun } of headers) {
    const container = isRun ? readRuns(reader) : count <= LARGEST_ARRAY ? readArray(reader, count) : readBits(reader);
    for (const low of container) yield key * 65_536 + low;
  }
}

function* readRuns(reader: Reader): Generator<number> {
  const count = reader.uint16();
  for (let run = 0; run < count; run++) {
    const start = reader.uint16();
    const length = reader.uint16() + 1;
    for (let step = 0; step < length; step++) yield start + step;
  }
}

function* readArray(reader: Reader, count: number): Generator<number> {
  for (let index = 0; index < count; index++) yield reader.uint16();
}

function* readBits(reader: Reader): Generator<number> {
  const bits = reader.take(BITMAP_BYTES);
  for (let at = 0; at < BITMAP_BYTES; at++) {
    const byte = bits[at] ?? 0;
    for (let bit = 0; byte >> bit > 0; bit++) if ((byte >> bit) & 1) yield at * 8 + bit;
  }
}

/** Little-endian numbers one after the other. Reading past the end throws RangeError. */
class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  uint16(): number {
    this.#at += 2;
    return this.#bytes.readUInt16LE(this.#at - 2);
  }

  uint32(): number {
    this.#at += 4;
    return this.#bytes.readUInt32LE(this.#at - 4);
  }

  uint64(): number {
    this.#at += 8;
    return Number(this.#bytes.readBigUInt64LE(this.#at - 8));
  }

  take(length: number): Buffer {
    if (this.#at + length > this.#bytes.length) throw new RangeError('the bitmap is cut off');
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }
}
