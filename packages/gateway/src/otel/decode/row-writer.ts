import { GatewayError } from '../../errors/gateway-error.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const BILLION = 1_000_000_000;
const LEAST_BYTES = 1024;
const hexDigits = Buffer.from('0123456789abcdef');
const encoder = new TextEncoder();

/** A constant piece of JSON. */
export function literal(text: string): Uint8Array {
  return encoder.encode(text);
}

const escapes: readonly (Uint8Array | undefined)[] = Array.from({ length: 0x5d }, (_, code) =>
  code < 0x20 || code === QUOTE || code === BACKSLASH
    ? literal(JSON.stringify(String.fromCharCode(code)).slice(1, -1))
    : undefined,
);
const NOT_A_NUMBER = literal('"NaN"');
const INFINITY = literal('"Infinity"');
const MINUS_INFINITY = literal('"-Infinity"');
const MINUS_ZERO = literal('-0.0');
const NULL = literal('null');
const REPLACEMENT = Uint8Array.of(0xef, 0xbf, 0xbd);

/**
 * JSON text under construction, as bytes. Text goes in as UTF-8 and is escaped on the way, without ever
 * becoming a string.
 */
export class RowWriter {
  readonly #maxBytes: number;
  #bytes: Uint8Array<ArrayBuffer>;
  #length = 0;

  /**
   * @param maxBytes more are refused with `caller_body_too_large`.
   * @param expectedBytes room for so many is made at once.
   */
  constructor(maxBytes: number, expectedBytes = 0) {
    this.#maxBytes = maxBytes;
    this.#bytes = bytesOfTheirOwn(Math.max(LEAST_BYTES, Math.min(maxBytes, Math.ceil(expectedBytes))));
  }

  get length(): number {
    return this.#length;
  }

  /** What is written, valid until the next change. Nothing else is in its buffer, which can be transferred. */
  get written(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Takes everything after `length` back. */
  truncate(length: number): void {
    this.#length = length;
  }

  raw(bytes: Uint8Array): void {
    const size = bytes.length;
    const at = this.#room(size);
    if (size > 24) this.#bytes.set(bytes, at);
    else for (let index = 0; index < size; index += 1) this.#bytes[at + index] = bytes[index]!;
    this.#length = at + size;
  }

  byte(value: number): void {
    const at = this.#room(1);
    this.#bytes[at] = value;
    this.#length = at + 1;
  }

  null(): void {
    this.raw(NULL);
  }

  /** ASCII that is JSON already. */
  ascii(text: string): void {
    const size = text.length;
    const at = this.#room(size);
    for (let index = 0; index < size; index += 1) this.#bytes[at + index] = text.charCodeAt(index);
    this.#length = at + size;
  }

  /** A JSON string of the UTF-8 text from `start` to `end`; what is not UTF-8 becomes U+FFFD. */
  text(source: Uint8Array, start: number, end: number): void {
    const at = this.#room(end - start + 2);
    const out = this.#bytes;
    let to = at;
    out[to++] = QUOTE;
    let from = start;
    for (; from < end; from += 1) {
      const byte = source[from]!;
      if (byte < 0x20 || byte >= 0x80 || byte === QUOTE || byte === BACKSLASH) break;
      out[to++] = byte;
    }
    this.#length = to;
    if (from < end) this.#unusualText(source, from, end);
    this.byte(QUOTE);
  }

  /** The rest of a text from its first byte on that cannot be copied as it is. */
  #unusualText(source: Uint8Array, start: number, end: number): void {
    for (let from = start; from < end;) {
      const byte = source[from]!;
      if (byte < 0x80) {
        const escape = escapes[byte];
        if (escape) this.raw(escape);
        else this.byte(byte);
        from += 1;
        continue;
      }
      const size = sequenceLength(source, from, end);
      if (size < 0) {
        this.raw(REPLACEMENT);
        from -= size;
      } else for (const stop = from + size; from < stop; from += 1) this.byte(source[from]!);
    }
  }

  /** A JSON string of a JavaScript string. */
  string(text: string): void {
    const bytes = encoder.encode(text);
    this.text(bytes, 0, bytes.length);
  }

  /** A JSON string of lowercase hexadecimal digits, null where there are no bytes. */
  hex(source: Uint8Array, start: number, end: number): void {
    if (start === end) return this.null();
    const at = this.#room((end - start) * 2 + 2);
    const out = this.#bytes;
    let to = at;
    out[to++] = QUOTE;
    for (let from = start; from < end; from += 1) {
      const byte = source[from]!;
      out[to++] = hexDigits[byte >> 4]!;
      out[to++] = hexDigits[byte & 15]!;
    }
    out[to++] = QUOTE;
    this.#length = to;
  }

  /** A JSON string of the bytes in base64. */
  base64(source: Uint8Array, start: number, end: number): void {
    this.byte(QUOTE);
    this.ascii(Buffer.from(source.buffer, source.byteOffset + start, end - start).toString('base64'));
    this.byte(QUOTE);
  }

  /** A whole number of at most 53 bits. */
  integer(value: number): void {
    this.ascii(String(value));
  }

  /** A signed 64-bit number from its halves, exactly. */
  int64(low: number, high: number): void {
    if (high < 0x8000_0000) return this.uint64(low, high);
    this.byte(0x2d);
    const negatedLow = (~low + 1) >>> 0;
    this.uint64(negatedLow, (~high + (negatedLow === 0 ? 1 : 0)) >>> 0);
  }

  /** An unsigned 64-bit number from its halves, exactly. */
  uint64(low: number, high: number): void {
    if (high < 0x20_0000) return this.integer(high * 0x1_0000_0000 + low);
    // Long division by a billion, 16 bits at a time: every step fits into the 53 bits of a double.
    const first = Math.floor(high / BILLION);
    const upper = (high % BILLION) * 0x1_0000 + (low >>> 16);
    const second = Math.floor(upper / BILLION);
    const lower = (upper % BILLION) * 0x1_0000 + (low & 0xffff);
    this.integer(first * 0x1_0000_0000 + second * 0x1_0000 + Math.floor(lower / BILLION));
    let rest = lower % BILLION;
    const at = this.#room(9);
    for (let index = 8; index >= 0; index -= 1) {
      this.#bytes[at + index] = 0x30 + (rest % 10);
      rest = Math.floor(rest / 10);
    }
    this.#length = at + 9;
  }

  /** A double: its shortest decimal, or one of the strings `NaN`, `Infinity`, `-Infinity`. */
  double(value: number): void {
    if (Number.isFinite(value)) {
      if (value === 0 && 1 / value < 0) this.raw(MINUS_ZERO);
      else this.ascii(String(value));
    } else if (Number.isNaN(value)) this.raw(NOT_A_NUMBER);
    else this.raw(value > 0 ? INFINITY : MINUS_INFINITY);
  }

  /** Makes room for `size` bytes more. @returns where they go. */
  #room(size: number): number {
    const needed = this.#length + size;
    if (needed > this.#bytes.length) this.#grow(needed);
    return this.#length;
  }

  #grow(needed: number): void {
    if (needed > this.#maxBytes)
      throw new GatewayError(
        'caller_body_too_large',
        `The request becomes more than ${this.#maxBytes} bytes of rows. Send fewer records in one request.`,
      );
    const grown = bytesOfTheirOwn(Math.min(this.#maxBytes, Math.max(needed, this.#bytes.length * 2)));
    grown.set(this.written);
    this.#bytes = grown;
  }
}

/** Not from the pool that small buffers share, and not filled with zeros. */
function bytesOfTheirOwn(size: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.allocUnsafeSlow(size).buffer as ArrayBuffer);
}

/**
 * Bytes of the character that begins at `at` with a byte of 0x80 or more; negative: that many bytes that
 * are not UTF-8 and become one replacement character (the maximal subpart, as in Unicode 3.9).
 */
function sequenceLength(source: Uint8Array, at: number, end: number): number {
  const first = source[at]!;
  if (first < 0xc2 || first > 0xf4) return -1;
  const size = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  const lowest = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const highest = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  for (let index = 1; index < size; index += 1) {
    const byte = at + index < end ? source[at + index]! : 0;
    if (byte < (index === 1 ? lowest : 0x80) || byte > (index === 1 ? highest : 0xbf)) return -index;
  }
  return size;
}
