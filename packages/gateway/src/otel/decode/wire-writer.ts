import { BYTES, FIXED32, FIXED64, VARINT } from './wire-reader.ts';

const FIRST_BYTES = 1024;
/** Texts up to this length are copied character by character, which is faster; their length is one byte. */
const SHORT_TEXT = 100;
const encoder = new TextEncoder();

/** Writes protobuf messages. */
export class WireWriter {
  #bytes: Uint8Array<ArrayBuffer>;
  #view: DataView;
  #length = 0;

  /** @param expectedBytes how large the message will be, about. */
  constructor(expectedBytes = FIRST_BYTES) {
    this.#bytes = new Uint8Array(Math.max(64, expectedBytes));
    this.#view = new DataView(this.#bytes.buffer);
  }

  get written(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length);
  }

  text(field: number, value: string): void {
    const { length } = value;
    if (length > SHORT_TEXT) return this.bytes(field, encoder.encode(value));
    this.#tag(field, BYTES);
    this.#room(1 + length);
    const start = this.#length;
    this.#bytes[start] = length;
    for (let index = 0; index < length; index += 1) {
      const code = value.charCodeAt(index);
      if (code >= 0x80) {
        const bytes = encoder.encode(value);
        this.#size(bytes.length);
        return this.#append(bytes);
      }
      this.#bytes[start + 1 + index] = code;
    }
    this.#length = start + 1 + length;
  }

  bytes(field: number, value: Uint8Array): void {
    this.#tag(field, BYTES);
    this.#size(value.length);
    this.#append(value);
  }

  /** A message in a message. @param write writes its fields. */
  message(field: number, write: () => void): void {
    this.#tag(field, BYTES);
    this.#withLength(write);
  }

  /** A varint: `int64`, `uint32`, enums, booleans; negative numbers in two's complement. */
  varint(field: number, value: bigint): void {
    this.#tag(field, VARINT);
    this.#varint(value);
  }

  sint32(field: number, value: number): void {
    this.varint(field, BigInt(((value << 1) ^ (value >> 31)) >>> 0));
  }

  fixed64(field: number, value: bigint): void {
    this.#tag(field, FIXED64);
    this.#room(8);
    this.#view.setBigUint64(this.#length, BigInt.asUintN(64, value), true);
    this.#length += 8;
  }

  double(field: number, value: number): void {
    this.#tag(field, FIXED64);
    this.#room(8);
    this.#view.setFloat64(this.#length, value, true);
    this.#length += 8;
  }

  fixed32(field: number, value: number): void {
    this.#tag(field, FIXED32);
    this.#room(4);
    this.#view.setUint32(this.#length, value, true);
    this.#length += 4;
  }

  /** What `write` writes, with its length before it. */
  #withLength(write: () => void): void {
    const start = this.#length;
    write();
    const size = this.#length - start;
    const head = size < 0x80 ? 1 : size < 0x4000 ? 2 : size < 0x20_0000 ? 3 : size < 0x1000_0000 ? 4 : 5;
    this.#room(head);
    this.#bytes.copyWithin(start + head, start, this.#length);
    this.#length = start;
    this.#size(size);
    this.#length = start + head + size;
  }

  #tag(field: number, wireType: number): void {
    this.#size(field * 8 + wireType);
  }

  /** A varint below 2^31. */
  #size(value: number): void {
    this.#room(5);
    let rest = value;
    for (; rest >= 0x80; rest >>>= 7) this.#bytes[this.#length++] = (rest & 0x7f) | 0x80;
    this.#bytes[this.#length++] = rest;
  }

  #append(bytes: Uint8Array): void {
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  #varint(value: bigint): void {
    this.#room(10);
    let rest = BigInt.asUintN(64, value);
    if (rest <= 0x7fff_ffffn) return this.#size(Number(rest));
    for (; rest >= 0x80n; rest >>= 7n) this.#bytes[this.#length++] = Number(rest & 0x7fn) | 0x80;
    this.#bytes[this.#length++] = Number(rest);
  }

  #room(size: number): void {
    const needed = this.#length + size;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    grown.set(this.written);
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}
