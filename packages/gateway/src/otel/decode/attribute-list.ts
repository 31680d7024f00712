import type { WireReader } from './wire-reader.ts';

/** Lists up to this length are searched for duplicates pair by pair. */
const SHORT = 32;

/**
 * The attributes of one message: where in the body their keys and values are. Of two with the same key
 * the last one counts. One list is used again and again.
 */
export class AttributeList {
  /** Entries that count, each four numbers: begin and end of the key, begin and end of the value (-1: none). */
  readonly #entries: number[] = [];
  readonly #hashes: number[] = [];
  #ascii = true;

  /**
   * Takes `KeyValue` messages.
   * @param ranges begin and end of each.
   */
  read(reader: WireReader, ranges: readonly number[]): this {
    this.#entries.length = 0;
    this.#hashes.length = 0;
    this.#ascii = true;
    for (let index = 0; index < ranges.length; index += 2) this.#add(reader, ranges[index]!, ranges[index + 1]!);
    if (this.#hashes.length > 1) this.#keepLast(reader.bytes);
    return this;
  }

  /** Four numbers per attribute: begin and end of its key, begin and end of its value, -1 where it has none. */
  get entries(): readonly number[] {
    return this.#entries;
  }

  /** Index in `entries` of the attribute with this key, or -1. */
  find(bytes: Uint8Array, key: Uint8Array): number {
    const { length } = this.#entries;
    for (let index = 0; index < length; index += 4) {
      const start = this.#entries[index]!;
      if (this.#entries[index + 1]! - start !== key.length) continue;
      let same = 0;
      while (same < key.length && bytes[start + same] === key[same]) same += 1;
      if (same === key.length) return index;
    }
    return -1;
  }

  #add(reader: WireReader, start: number, end: number): void {
    let keyStart = start;
    let keyEnd = start;
    let valueStart = -1;
    let valueEnd = -1;
    reader.over(start, end, 'KeyValue');
    while (reader.next()) {
      if (reader.field === 1) {
        reader.range();
        keyStart = reader.start;
        keyEnd = reader.stop;
      } else if (reader.field === 2) {
        reader.range();
        valueStart = reader.start;
        valueEnd = reader.stop;
      } else reader.skip();
    }
    this.#entries.push(keyStart, keyEnd, valueStart, valueEnd);
    this.#hashes.push(this.#hash(reader.bytes, keyStart, keyEnd));
  }

  #hash(bytes: Uint8Array, start: number, end: number): number {
    let hash = end - start;
    let seen = 0;
    for (let index = start; index < end; index += 1) {
      const byte = bytes[index]!;
      seen |= byte;
      hash = (Math.imul(hash, 31) + byte) | 0;
    }
    if (seen >= 0x80) this.#ascii = false;
    return hash;
  }

  /** Keys that are not ASCII are compared as text, since different wrong bytes become the same text. */
  #keepLast(bytes: Uint8Array): void {
    if (this.#hashes.length > SHORT || !this.#ascii) return this.#keepLastByText(bytes);
    for (let later = this.#hashes.length - 1; later > 0; later -= 1)
      for (let earlier = later - 1; earlier >= 0; earlier -= 1)
        if (this.#hashes[earlier] === this.#hashes[later] && this.#sameKey(bytes, earlier, later)) {
          this.#hashes.splice(earlier, 1);
          this.#entries.splice(earlier * 4, 4);
          later -= 1;
        }
  }

  #sameKey(bytes: Uint8Array, one: number, other: number): boolean {
    const start = this.#entries[one * 4]!;
    const length = this.#entries[one * 4 + 1]! - start;
    const otherStart = this.#entries[other * 4]!;
    if (this.#entries[other * 4 + 1]! - otherStart !== length) return false;
    for (let index = 0; index < length; index += 1)
      if (bytes[start + index] !== bytes[otherStart + index]) return false;
    return true;
  }

  #keepLastByText(bytes: Uint8Array): void {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    const last = new Map<string, number>();
    for (let index = 0; index < this.#entries.length; index += 4)
      last.set(text.toString('utf8', this.#entries[index], this.#entries[index + 1]), index);
    if (last.size === this.#hashes.length) return;
    const kept = [...last.values()].flatMap((index) => this.#entries.slice(index, index + 4));
    this.#entries.length = 0;
    for (const number of kept) this.#entries.push(number);
  }
}
