import { GatewayError } from '../../errors/gateway-error.ts';
import { AttributeList } from './attribute-list.ts';
import { literal, type RowWriter } from './row-writer.ts';
import type { WireReader } from './wire-reader.ts';

/** How deep arrays and key-value lists may nest in an attribute value. */
export const MAX_VALUE_DEPTH = 64;

const TRUE = literal('true');
const FALSE = literal('false');
const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;

/** Field numbers of the oneof in `AnyValue`; 0 is none. */
const STRING = 1;
const BOOL = 2;
const INT = 3;
const DOUBLE = 4;
const ARRAY = 5;
const KVLIST = 6;
const BYTES_VALUE = 7;

/**
 * Writes attribute values (`AnyValue`). As text, for the MAP and STRING columns of v1: strings as they are,
 * everything else a JSON string of its decimal, `true`, `false`, `null`, base64 or JSON. As JSON, for the
 * columns of v2 that hold JSON text: the value itself, with 64-bit integers exact, bytes as base64, and NaN
 * and infinities as strings.
 */
export class ValueWriter {
  readonly #reader: WireReader;
  /** JSON that becomes a string in the row. */
  readonly #scratch: RowWriter;
  #kind = 0;
  #start = 0;
  #end = 0;
  #low = 0;
  #high = 0;
  #number = 0;

  constructor(reader: WireReader, scratch: RowWriter) {
    this.#reader = reader;
    this.#scratch = scratch;
  }

  /** Whether the value is a string that is not empty. @param start -1 where there is no value. */
  isText(start: number, end: number): boolean {
    this.#read(start, end);
    return this.#kind === STRING && this.#end > this.#start;
  }

  /** Whether there is no value, or an empty string. */
  isEmpty(start: number, end: number): boolean {
    this.#read(start, end);
    return this.#kind === 0 || (this.#kind === STRING && this.#end === this.#start);
  }

  /** Whether nothing at all is set. */
  isNull(start: number, end: number): boolean {
    this.#read(start, end);
    return this.#kind === 0;
  }

  /** The value as text. */
  text(to: RowWriter, start: number, end: number): void {
    this.#read(start, end);
    switch (this.#kind) {
      case STRING:
        return to.text(this.#reader.bytes, this.#start, this.#end);
      case DOUBLE:
        if (!Number.isFinite(this.#number)) return to.double(this.#number);
        break;
      case BYTES_VALUE:
        return to.base64(this.#reader.bytes, this.#start, this.#end);
      case ARRAY:
      case KVLIST: {
        this.#scratch.truncate(0);
        this.#writeRead(this.#scratch, 0);
        const { written } = this.#scratch;
        return to.text(written, 0, written.length);
      }
    }
    to.byte(QUOTE);
    this.#writeRead(to, 0);
    to.byte(QUOTE);
  }

  /** The value as JSON text, in a JSON string. */
  jsonText(to: RowWriter, start: number, end: number): void {
    this.#scratch.truncate(0);
    this.#json(this.#scratch, start, end, 0);
    const { written } = this.#scratch;
    to.text(written, 0, written.length);
  }

  /** Attributes as an object of strings. */
  map(to: RowWriter, { entries }: AttributeList): void {
    to.byte(0x7b);
    for (let index = 0; index < entries.length; index += 4) {
      if (index > 0) to.byte(COMMA);
      to.text(this.#reader.bytes, entries[index]!, entries[index + 1]!);
      to.byte(COLON);
      this.text(to, entries[index + 2]!, entries[index + 3]!);
    }
    to.byte(0x7d);
  }

  /** Attributes as the JSON text of an object, in a JSON string. */
  mapJsonText(to: RowWriter, list: AttributeList): void {
    this.#scratch.truncate(0);
    this.#object(this.#scratch, list, 0);
    const { written } = this.#scratch;
    to.text(written, 0, written.length);
  }

  #json(to: RowWriter, start: number, end: number, depth: number): void {
    this.#read(start, end);
    this.#writeRead(to, depth);
  }

  /** Writes as JSON what `#read` found. */
  #writeRead(to: RowWriter, depth: number): void {
    const { bytes } = this.#reader;
    switch (this.#kind) {
      case STRING:
        return to.text(bytes, this.#start, this.#end);
      case BOOL:
        return to.raw(this.#low !== 0 ? TRUE : FALSE);
      case INT:
        return to.int64(this.#low, this.#high);
      case DOUBLE:
        return to.double(this.#number);
      case ARRAY:
        return this.#array(to, this.#elements('ArrayValue'), deeper(depth));
      case KVLIST:
        return this.#object(to, new AttributeList().read(this.#reader, this.#elements('KeyValueList')), deeper(depth));
      case BYTES_VALUE:
        return to.base64(bytes, this.#start, this.#end);
      default:
        return to.null();
    }
  }

  #array(to: RowWriter, ranges: readonly number[], depth: number): void {
    to.byte(0x5b);
    for (let index = 0; index < ranges.length; index += 2) {
      if (index > 0) to.byte(COMMA);
      this.#json(to, ranges[index]!, ranges[index + 1]!, depth);
    }
    to.byte(0x5d);
  }

  #object(to: RowWriter, { entries }: AttributeList, depth: number): void {
    to.byte(0x7b);
    for (let index = 0; index < entries.length; index += 4) {
      if (index > 0) to.byte(COMMA);
      to.text(this.#reader.bytes, entries[index]!, entries[index + 1]!);
      to.byte(COLON);
      this.#json(to, entries[index + 2]!, entries[index + 3]!, depth);
    }
    to.byte(0x7d);
  }

  /** Ranges of the elements of the list that `#read` found. */
  #elements(message: string): number[] {
    const reader = this.#reader;
    const ranges: number[] = [];
    reader.over(this.#start, this.#end, message);
    while (reader.next()) {
      if (reader.field === 1) {
        reader.range();
        ranges.push(reader.start, reader.stop);
      } else reader.skip();
    }
    return ranges;
  }

  #read(start: number, end: number): void {
    this.#kind = 0;
    if (start < 0) return;
    const reader = this.#reader;
    reader.over(start, end, 'AnyValue');
    while (reader.next()) {
      switch (reader.field) {
        case STRING:
        case ARRAY:
        case KVLIST:
        case BYTES_VALUE:
          reader.range();
          this.#start = reader.start;
          this.#end = reader.stop;
          break;
        case BOOL:
          this.#low = reader.bool() ? 1 : 0;
          break;
        case INT:
          reader.varint();
          this.#low = reader.low;
          this.#high = reader.high;
          break;
        case DOUBLE:
          this.#number = reader.double();
          break;
        default:
          reader.skip();
          continue;
      }
      this.#kind = reader.field;
    }
  }
}

function deeper(depth: number): number {
  if (depth < MAX_VALUE_DEPTH) return depth + 1;
  throw new GatewayError(
    'caller_otlp_invalid',
    `An attribute value or body nests more than ${MAX_VALUE_DEPTH} lists in each other.`,
  );
}
