import { ThriftMap, ThriftStruct, type ThriftValue } from './thrift-struct.ts';
import { ThriftFormatError, ThriftType, type MessageHead } from './thrift-type.ts';

/** Nesting of structs, lists and maps. Calls of TCLIService need 5. */
const MAX_DEPTH = 32;
/** Fields, elements and pairs of one message together. */
const MAX_VALUES = 200_000;
/** Longest name of a method. */
const MAX_NAME = 256;

const VERSION_MASK = 0xffff0000;
const VERSION_1 = 0x80010000;

/** A call: its head, and the struct of its arguments. */
export interface ThriftCall {
  readonly head: MessageHead;
  readonly args: ThriftStruct;
}

/**
 * Reads one message of the binary protocol, strict or not. Lengths are checked against what is there
 * before anything is made of them; unknown fields are simply never asked for.
 * @throws ThriftFormatError for anything else.
 */
export function readMessage(bytes: Buffer): ThriftCall {
  const reader = new Reader(bytes);
  const head = reader.head();
  const args = reader.struct(0);
  reader.end();
  return { head, args };
}

class Reader {
  readonly #bytes: Buffer;
  #at = 0;
  #values = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  head(): MessageHead {
    const first = this.#i32();
    if (first >= 0) {
      const name = this.#name(first);
      return { name, kind: this.#byte(), sequenceId: this.#i32(), strict: false };
    }
    if ((first & VERSION_MASK) >>> 0 !== VERSION_1) throw new ThriftFormatError('The version of the message is not 1.');
    const name = this.#name(this.#i32());
    return { name, kind: first & 0xff, sequenceId: this.#i32(), strict: true };
  }

  struct(depth: number): ThriftStruct {
    if (depth > MAX_DEPTH) throw new ThriftFormatError(`The message is nested deeper than ${MAX_DEPTH}.`);
    const fields = new Map<number, ThriftValue>();
    for (;;) {
      const type = this.#byte();
      if (type === ThriftType.STOP) return new ThriftStruct(fields);
      this.#count(1);
      const id = this.#take(2).readInt16BE();
      fields.set(id, this.#value(type, depth + 1));
    }
  }

  end(): void {
    if (this.#at < this.#bytes.length) {
      throw new ThriftFormatError(`${this.#bytes.length - this.#at} bytes follow after the message.`);
    }
  }

  #value(type: number, depth: number): ThriftValue {
    switch (type) {
      case ThriftType.BOOL:
        return this.#byte() !== 0;
      case ThriftType.BYTE:
        return this.#take(1).readInt8();
      case ThriftType.DOUBLE:
        return this.#take(8).readDoubleBE();
      case ThriftType.I16:
        return this.#take(2).readInt16BE();
      case ThriftType.I32:
        return this.#i32();
      case ThriftType.I64:
        return this.#take(8).readBigInt64BE();
      case ThriftType.STRING:
        return this.#take(this.#i32());
      case ThriftType.STRUCT:
        return this.struct(depth);
      case ThriftType.MAP:
        return this.#map(depth);
      case ThriftType.SET:
      case ThriftType.LIST:
        return this.#list(depth);
      default:
        throw new ThriftFormatError(`There is no type ${type}.`);
    }
  }

  #list(depth: number): ThriftValue[] {
    this.#checkDepth(depth);
    const type = this.#byte();
    const size = this.#size(1);
    const items: ThriftValue[] = [];
    for (let at = 0; at < size; at++) items.push(this.#value(type, depth + 1));
    return items;
  }

  #map(depth: number): ThriftMap {
    this.#checkDepth(depth);
    const keyType = this.#byte();
    const valueType = this.#byte();
    const size = this.#size(2);
    const entries: [ThriftValue, ThriftValue][] = [];
    for (let at = 0; at < size; at++) {
      const key = this.#value(keyType, depth + 1);
      entries.push([key, this.#value(valueType, depth + 1)]);
    }
    return new ThriftMap(entries);
  }

  /** The size of a container whose elements take at least `least` bytes each. */
  #size(least: number): number {
    const size = this.#i32();
    if (size < 0 || size * least > this.#bytes.length - this.#at) {
      throw new ThriftFormatError(`A container of ${size} elements does not fit into the message.`);
    }
    this.#count(size);
    return size;
  }

  #name(length: number): string {
    if (length < 1 || length > MAX_NAME) throw new ThriftFormatError(`A method's name cannot have ${length} bytes.`);
    return this.#take(length).toString('utf8');
  }

  #byte(): number {
    return this.#take(1)[0]!;
  }

  #i32(): number {
    return this.#take(4).readInt32BE();
  }

  #take(length: number): Buffer {
    if (length < 0 || length > this.#bytes.length - this.#at) {
      throw new ThriftFormatError(`The message ends where ${length} bytes should follow.`);
    }
    const part = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return part;
  }

  #checkDepth(depth: number): void {
    if (depth > MAX_DEPTH) throw new ThriftFormatError(`The message is nested deeper than ${MAX_DEPTH}.`);
  }

  #count(values: number): void {
    this.#values += values;
    if (this.#values > MAX_VALUES) throw new ThriftFormatError(`The message has more than ${MAX_VALUES} values.`);
  }
}
