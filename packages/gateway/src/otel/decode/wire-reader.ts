import { GatewayError } from '../../errors/gateway-error.ts';

/** Wire types of the protobuf encoding. 3 and 4 (groups) are refused: no OTLP message has any. */
export const VARINT = 0;
export const FIXED64 = 1;
export const BYTES = 2;
export const FIXED32 = 5;

const NEXT_LIMB = 0x1_0000_0000;

/**
 * Reads protobuf messages in place. It stands in one message at a time: `over` puts it there, `next` goes
 * from field to field, and the value of a field is read with the method of its type before the next
 * `next`. Every length is checked against the end of its message.
 * @throws GatewayError `caller_otlp_invalid` with what is wrong, in which message, at which byte.
 */
export class WireReader {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  #position = 0;
  #end: number;
  #message: string;
  /** Number of the field that `next` found. */
  field = 0;
  /** Wire type of the field that `next` found. */
  wireType = 0;
  /** What `varint`, `fixed64` and `fixed32` read: the lower and the upper 32 bits, each without sign. */
  low = 0;
  high = 0;
  /** What `range` read: where the bytes begin and end. */
  start = 0;
  stop = 0;

  constructor(bytes: Uint8Array, message: string) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#end = bytes.length;
    this.#message = message;
  }

  /** Goes to the beginning of the message called `message` that lies from `start` to `end`. */
  over(start: number, end: number, message: string): void {
    this.#position = start;
    this.#end = end;
    this.#message = message;
  }

  /** Reads the next field's number and wire type. False at the end of the message. */
  next(): boolean {
    if (this.#position >= this.#end) return false;
    const first = this.bytes[this.#position]!;
    let tag = first;
    if (first < 0x80) this.#position += 1;
    else {
      this.varintValue();
      if (this.high !== 0) throw this.#wrong('a field number is out of range');
      tag = this.low;
    }
    this.field = tag >>> 3;
    this.wireType = tag & 7;
    if (this.field === 0) throw this.#wrong('a field has the number 0');
    return true;
  }

  /** Passes over the value of a field that is not known. */
  skip(): void {
    switch (this.wireType) {
      case VARINT:
        return this.varintValue();
      case FIXED64:
        return this.#advance(8);
      case BYTES:
        return this.range();
      case FIXED32:
        return this.#advance(4);
      default:
        throw this.#wrong(
          this.wireType === 3 || this.wireType === 4
            ? `field ${this.field} is a group, which OTLP does not have`
            : `field ${this.field} has the wire type ${this.wireType}, which does not exist`,
        );
    }
  }

  /** Reads the bytes, text or message of the field into `start` and `stop`. */
  range(): void {
    this.#expect(BYTES);
    this.varintValue();
    const length = this.high * NEXT_LIMB + this.low;
    this.start = this.#position;
    this.#advance(length);
    this.stop = this.#position;
  }

  /** Reads a varint field into `low` and `high`. */
  varint(): void {
    this.#expect(VARINT);
    this.varintValue();
  }

  /** A `uint32`; more bits than that are cut off, as protobuf has it. */
  uint32(): number {
    this.varint();
    return this.low;
  }

  /** An `int32` or an enum. */
  int32(): number {
    return this.uint32() | 0;
  }

  /** A `sint32`. */
  sint32(): number {
    const zigzag = this.uint32();
    return (zigzag >>> 1) ^ -(zigzag & 1);
  }

  bool(): boolean {
    this.varint();
    return this.low !== 0 || this.high !== 0;
  }

  /** Reads a `fixed64` or `sfixed64` field into `low` and `high`. */
  fixed64(): void {
    this.#expect(FIXED64);
    this.fixed64Value();
  }

  /** A `fixed32`. */
  fixed32(): number {
    this.#expect(FIXED32);
    const at = this.#position;
    this.#advance(4);
    return this.#view.getUint32(at, true);
  }

  double(): number {
    this.#expect(FIXED64);
    return this.doubleValue();
  }

  /**
   * Reads a repeated field of numbers into `start` and `stop`: the packed elements, or the single one.
   * @param elementType wire type of one element.
   */
  elements(elementType: number): void {
    if (this.wireType !== elementType) return this.range();
    this.start = this.#position;
    this.skip();
    this.stop = this.#position;
  }

  /** Whether an element is left of the packed field that the reader was put over. */
  get more(): boolean {
    return this.#position < this.#end;
  }

  /** One element of a packed field of varints. */
  varintValue(): void {
    const { bytes } = this;
    const end = this.#end;
    let position = this.#position;
    let low = 0;
    let high = 0;
    for (let index = 0; ; index += 1) {
      if (position >= end) throw this.#wrong('it ends within a number');
      if (index === 10) throw this.#wrong('a number has more than 10 bytes');
      const byte = bytes[position++]!;
      const bits = byte & 0x7f;
      if (index < 4) low |= bits << (index * 7);
      else if (index === 4) {
        low |= bits << 28;
        high = bits >>> 4;
      } else if (index < 9) high |= bits << (index * 7 - 32);
      else if (bits > 1) throw this.#wrong('a number has more than 64 bits');
      else high |= bits << 31;
      if (byte < 0x80) break;
    }
    this.low = low >>> 0;
    this.high = high >>> 0;
    this.#position = position;
  }

  /** One element of a packed field of 64-bit numbers. */
  fixed64Value(): void {
    const at = this.#position;
    this.#advance(8);
    this.low = this.#view.getUint32(at, true);
    this.high = this.#view.getUint32(at + 4, true);
  }

  /** One element of a packed field of doubles. */
  doubleValue(): number {
    const at = this.#position;
    this.#advance(8);
    return this.#view.getFloat64(at, true);
  }

  /** An error at this place. */
  #wrong(what: string): GatewayError {
    return new GatewayError(
      'caller_otlp_invalid',
      `The body is not an OTLP protobuf message: ${what} (in ${this.#message}, near byte ${this.#position}).`,
    );
  }

  #expect(wireType: number): void {
    if (this.wireType === wireType) return;
    // Says what is wrong with types that do not exist, too.
    if (this.wireType > BYTES && this.wireType !== FIXED32) this.skip();
    throw this.#wrong(`field ${this.field} has the wire type ${this.wireType} instead of ${wireType}`);
  }

  #advance(length: number): void {
    if (length > this.#end - this.#position)
      throw this.#wrong(`a field of ${length} bytes runs past the end of its message`);
    this.#position += length;
  }
}
