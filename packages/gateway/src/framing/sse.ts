/**
 * One server-sent event (WHATWG HTML, "Server-sent events"). Comments and events without data are
 * not frames.
 */
export interface SseFrame {
  /** The `event:` field, or `undefined`. */
  readonly event: string | undefined;
  /** The `data:` lines joined by a newline. */
  readonly data: string;
}

export interface SseParserOptions {
  /** Largest event observed, in bytes of its lines. Larger ones are counted in `dropped`, not given. */
  readonly maxFrameBytes?: number;
}

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const COLON = 0x3a;
const SPACE = 0x20;
const DEFAULT_MAX_FRAME_BYTES = 16 * 1024 * 1024;

/**
 * Bytes to frames, for any cut of the bytes: inside a character, between CR and LF, byte by byte. Linear in the bytes
 * seen, and never holds more than one event. Never throws. A frame is given as soon as its blank line is seen.
 */
export class SseParser {
  /** After `push`: offset in that chunk right behind the last blank line that ended an event; 0 if there is none. */
  lastBoundary = 0;
  /** Nothing partial is pending: a whole event of our own may be written here. */
  atBoundary = true;
  /** Events not given because they were larger than `maxFrameBytes`. */
  dropped = 0;

  readonly #maxFrameBytes: number;
  #line: Buffer = Buffer.alloc(0);
  #lineLength = 0;
  #frameBytes = 0;
  #event: string | undefined;
  #data: string[] = [];
  #firstLine = true;
  #oversized = false;
  /** The last byte was a CR: an LF right behind it belongs to it. */
  #afterReturn = false;
  /** Lines have been ending in CR LF, so the LF behind a CR is still to come. */
  #usesReturnLineFeed = false;

  constructor(options: SseParserOptions = {}) {
    this.#maxFrameBytes = options.maxFrameBytes ?? DEFAULT_MAX_FRAME_BYTES;
  }

  /** Takes the next bytes; gives the events that ended in them. The chunk is not kept. */
  push(chunk: Uint8Array): SseFrame[] {
    const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const frames: SseFrame[] = [];
    this.lastBoundary = 0;
    let at = 0;
    let feed = -2;
    let carriage = -2;
    while (at < bytes.length) {
      if (this.#afterReturn) {
        this.#afterReturn = false;
        if (bytes[at] === LINE_FEED) {
          this.#usesReturnLineFeed = true;
          at++;
          if (this.#nothingPending()) this.#mark(at);
          continue;
        }
      }
      if (feed !== -1 && feed < at) feed = bytes.indexOf(LINE_FEED, at);
      if (carriage !== -1 && carriage < at) carriage = bytes.indexOf(CARRIAGE_RETURN, at);
      const ending = feed < 0 ? carriage : carriage < 0 ? feed : Math.min(feed, carriage);
      this.atBoundary = false;
      if (ending < 0) {
        this.#keep(bytes.subarray(at));
        break;
      }
      const isBlank = this.#takeLine(bytes, at, ending, frames);
      at = ending + 1;
      this.#afterReturn = ending === carriage;
      if (isBlank && !(this.#afterReturn && this.#usesReturnLineFeed)) this.#mark(at);
    }
    return frames;
  }

  /** The bytes have ended. Gives an event whose blank line is missing, as many clients do. */
  end(): SseFrame[] {
    const frames: SseFrame[] = [];
    if (this.#lineLength > 0) this.#takeLine(Buffer.alloc(0), 0, 0, frames);
    this.#dispatch(frames);
    return frames;
  }

  #nothingPending(): boolean {
    return this.#lineLength === 0 && this.#frameBytes === 0;
  }

  #mark(offset: number): void {
    this.lastBoundary = offset;
    this.atBoundary = true;
  }

  /** Ends the current line with `bytes[from..to)`. Whether it was blank, which ends an event. */
  #takeLine(bytes: Buffer, from: number, to: number, frames: SseFrame[]): boolean {
    let line: Buffer;
    if (this.#lineLength === 0) {
      line = bytes.subarray(from, to);
    } else {
      if (to > from) this.#keep(bytes.subarray(from, to));
      line = this.#line.subarray(0, this.#oversized ? 0 : this.#lineLength);
    }
    const length = Math.max(line.length, this.#lineLength);
    this.#lineLength = 0;
    if (this.#line.length > 65_536) this.#line = Buffer.alloc(0);
    const first = this.#firstLine;
    this.#firstLine = false;
    if (first && line[0] === 0xef && line[1] === 0xbb && line[2] === 0xbf) line = line.subarray(3);
    if (length === 0 || (first && line.length === 0)) {
      this.#dispatch(frames);
      return true;
    }
    this.#frameBytes += length;
    if (this.#frameBytes > this.#maxFrameBytes) this.#discard();
    if (!this.#oversized) this.#field(line);
    return false;
  }

  #field(line: Buffer): void {
    const colon = line.indexOf(COLON);
    if (colon === 0) return;
    const name = line.toString('latin1', 0, colon < 0 ? line.length : colon);
    if (name !== 'data' && name !== 'event') return;
    let from = colon < 0 ? line.length : colon + 1;
    if (line[from] === SPACE) from++;
    const value = line.toString('utf8', from);
    if (name === 'data') this.#data.push(value);
    else this.#event = value === '' ? undefined : value;
  }

  #dispatch(frames: SseFrame[]): void {
    if (this.#oversized) this.dropped++;
    else if (this.#data.length > 0) frames.push({ event: this.#event, data: this.#data.join('\n') });
    this.#event = undefined;
    this.#data = [];
    this.#frameBytes = 0;
    this.#oversized = false;
  }

  /** Appends to the pending line; the buffer doubles, so byte-by-byte delivery stays linear. */
  #keep(part: Buffer): void {
    const length = this.#lineLength + part.length;
    if (this.#frameBytes + length > this.#maxFrameBytes) this.#discard();
    if (!this.#oversized) {
      if (length > this.#line.length) {
        const larger = Buffer.allocUnsafeSlow(Math.max(256, length, this.#line.length * 2));
        this.#line.copy(larger, 0, 0, this.#lineLength);
        this.#line = larger;
      }
      part.copy(this.#line, this.#lineLength);
    }
    this.#lineLength = length;
  }

  #discard(): void {
    this.#oversized = true;
    this.#line = Buffer.alloc(0);
    this.#data = [];
  }
}
