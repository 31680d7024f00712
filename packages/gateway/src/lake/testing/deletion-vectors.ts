import { crc32 } from 'node:zlib';

const Z85 = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#';

export function encodeZ85(bytes: Buffer): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 4) {
    let value = bytes.readUInt32BE(at);
    let group = '';
    for (let digit = 0; digit < 5; digit++) {
      group = Z85.charAt(value % 85) + group;
      value = Math.floor(value / 85);
    }
    text += group;
  }
  return text;
}

/** Which kind of container a chunk of 65,536 numbers is written as. */
export type ContainerKind = 'array' | 'bits' | 'runs';

/** A RoaringBitmapArray of ascending numbers, every container of the kind asked for (arrays fall back to bits). */
export function encodeRoaring(rows: readonly number[], kind: ContainerKind): Buffer {
  const bitmaps = [...Map.groupBy(rows, (row) => Math.floor(row / 2 ** 32))];
  return Buffer.concat([
    u32(1_681_511_377),
    u64(bitmaps.length),
    ...bitmaps.flatMap(([high, numbers]) => [
      u32(high),
      bitmap(
        numbers.map((row) => row % 2 ** 32),
        kind,
      ),
    ]),
  ]);
}

/** A file that holds one vector at offset 1. */
export function vectorFile(bytes: Buffer): Buffer {
  const size = Buffer.alloc(4);
  size.writeInt32BE(bytes.length);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(bytes));
  return Buffer.concat([Buffer.from([1]), size, bytes, checksum]);
}

function bitmap(numbers: readonly number[], kind: ContainerKind): Buffer {
  const chunks = [...Map.groupBy(numbers, (number) => Math.floor(number / 65_536))];
  const headers = chunks.map(([key, items]) => Buffer.concat([u16(key), u16(items.length - 1)]));
  const containers = chunks.map(([, items]) =>
    container(
      items.map((item) => item % 65_536),
      kind,
    ),
  );
  const isRuns = kind === 'runs';
  const start = isRuns
    ? Buffer.concat([u16(12_347), u16(chunks.length - 1), Buffer.alloc(Math.ceil(chunks.length / 8), 0xff)])
    : Buffer.concat([u32(12_346), u32(chunks.length)]);
  const hasOffsets = !isRuns || chunks.length >= 4;
  const offsets = hasOffsets ? containers.map(() => u32(0)) : [];
  return Buffer.concat([start, ...headers, ...offsets, ...containers]);
}

function container(items: readonly number[], kind: ContainerKind): Buffer {
  if (kind === 'runs') {
    const runs: { start: number; length: number }[] = [];
    for (const item of items) {
      const last = runs.at(-1);
      if (last && last.start + last.length === item) last.length++;
      else runs.push({ start: item, length: 1 });
    }
    return Buffer.concat([u16(runs.length), ...runs.flatMap((run) => [u16(run.start), u16(run.length - 1)])]);
  }
  if (items.length <= 4096) return Buffer.concat(items.map(u16));
  const bits = Buffer.alloc(8192);
  for (const item of items) bits[item >> 3] = (bits[item >> 3] ?? 0) | (1 << (item & 7));
  return bits;
}

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}
