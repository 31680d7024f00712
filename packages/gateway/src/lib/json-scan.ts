/** A byte range, end exclusive. */
export interface JsonRange {
  readonly start: number;
  readonly end: number;
}

/** Where the wanted fields of one JSON object stand, in bytes of the scanned buffer. */
export interface JsonObjectScan {
  readonly ok: true;
  /** Value ranges of each wanted key, in order; more than one means the key stands twice. */
  readonly fields: ReadonlyMap<string, readonly JsonRange[]>;
  /** Offset of the opening brace. */
  readonly start: number;
  /** Offset of the closing brace. */
  readonly end: number;
  /** Whether the object has no field at all. */
  readonly isEmpty: boolean;
  /** Bytes between the quotes of all string values, nested ones included; keys of nested objects count too. */
  readonly textLength: number;
}

export interface JsonScanFailure {
  readonly ok: false;
  readonly reason: 'not an object' | 'truncated' | 'trailing bytes' | 'mismatched brackets' | 'bad syntax';
  readonly offset: number;
}

export type JsonScan = JsonObjectScan | JsonScanFailure;

const TAB = 0x09;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** Strings shorter than this are walked in place; beyond it the native search is faster. */
const SHORT_STRING = 48;

class ScanError extends Error {
  readonly failure: JsonScanFailure;

  constructor(reason: JsonScanFailure['reason'], offset: number) {
    super(reason);
    this.failure = { ok: false, reason, offset };
  }
}

/**
 * Finds the values of the wanted top-level keys of a JSON document without parsing it: linear time, no recursion, no
 * copy of the body. A byte order mark and white space around the object are accepted.
 *
 * The top level is checked strictly; inside nested values only strings and brackets are followed. So for every body
 * that a JSON parser accepts, the answer is the parser's; a body wrong deeper down is left to whoever parses it.
 * @param wanted keys as they read unescaped; a key written with `\u` escapes is found too.
 */
export function scanObject(body: Buffer, wanted: ReadonlySet<string>): JsonScan {
  const hasMark = body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf;
  return scanObjectIn(body, { start: hasMark ? 3 : 0, end: body.length }, wanted);
}

/** The same for an object that fills the given range of the body (but for white space), such as a found value. */
export function scanObjectIn(body: Buffer, range: JsonRange, wanted: ReadonlySet<string>): JsonScan {
  try {
    return new Scanner(body, range).object(wanted);
  } catch (error) {
    if (error instanceof ScanError) return error.failure;
    throw error;
  }
}

/** The string that stands in the range, unescaped; `undefined` when it is not a well-formed JSON string. */
export function readJsonString(body: Buffer, range: JsonRange): string | undefined {
  if (body[range.start] !== QUOTE) return undefined;
  try {
    const value: unknown = JSON.parse(body.toString('utf8', range.start, range.end));
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}

class Scanner {
  readonly #body: Buffer;
  readonly #end: number;
  #at: number;
  #textLength = 0;

  constructor(body: Buffer, range: JsonRange) {
    this.#body = body;
    this.#at = range.start;
    this.#end = range.end;
  }

  object(wanted: ReadonlySet<string>): JsonObjectScan {
    const fields = new Map<string, JsonRange[]>();
    if (this.#space() !== OPEN_BRACE)
      throw new ScanError(this.#at < this.#end ? 'not an object' : 'truncated', this.#at);
    const start = this.#at++;
    let isEmpty = true;
    if (this.#next() === CLOSE_BRACE) return this.#finish(fields, start, isEmpty);
    for (;;) {
      isEmpty = false;
      const key = this.#key(wanted);
      if (this.#next() !== COLON) throw new ScanError('bad syntax', this.#at);
      this.#at++;
      this.#next();
      const from = this.#at;
      this.#value();
      if (key !== undefined) {
        const found = fields.get(key);
        if (found) found.push({ start: from, end: this.#at });
        else fields.set(key, [{ start: from, end: this.#at }]);
      }
      const after = this.#next();
      if (after === CLOSE_BRACE) return this.#finish(fields, start, isEmpty);
      if (after !== COMMA)
        throw new ScanError(after === CLOSE_BRACKET ? 'mismatched brackets' : 'bad syntax', this.#at);
      this.#at++;
      this.#next();
    }
  }

  #finish(fields: ReadonlyMap<string, readonly JsonRange[]>, start: number, isEmpty: boolean): JsonObjectScan {
    const end = this.#at++;
    this.#space();
    if (this.#at < this.#end) throw new ScanError('trailing bytes', this.#at);
    return { ok: true, fields, start, end, isEmpty, textLength: this.#textLength };
  }

  /** Skips white space; the byte that follows, or -1 at the end. */
  #space(): number {
    while (this.#at < this.#end) {
      const byte = this.#body[this.#at] as number;
      if (byte !== SPACE && byte !== LINE_FEED && byte !== CARRIAGE_RETURN && byte !== TAB) return byte;
      this.#at++;
    }
    return -1;
  }

  /** As `#space`, where something must follow. */
  #next(): number {
    const byte = this.#space();
    if (byte < 0) throw new ScanError('truncated', this.#end);
    return byte;
  }

  /** Reads a top-level key; gives it when it is wanted. */
  #key(wanted: ReadonlySet<string>): string | undefined {
    if (this.#body[this.#at] !== QUOTE) throw new ScanError('bad syntax', this.#at);
    const start = this.#at;
    const text = this.#textLength;
    this.#string();
    this.#textLength = text;
    if (!this.#body.subarray(start, this.#at).includes(BACKSLASH)) {
      const plain = this.#body.toString('utf8', start + 1, this.#at - 1);
      return wanted.has(plain) ? plain : undefined;
    }
    const key = readJsonString(this.#body, { start, end: this.#at });
    if (key === undefined) throw new ScanError('bad syntax', start);
    return wanted.has(key) ? key : undefined;
  }

  #value(): void {
    const byte = this.#body[this.#at] as number;
    if (byte === QUOTE) this.#string();
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) this.#container();
    else this.#scalar();
  }

  /** A number or one of the three words: everything up to a delimiter. */
  #scalar(): void {
    const start = this.#at;
    while (this.#at < this.#end && isScalarByte(this.#body[this.#at] as number)) this.#at++;
    if (this.#at === start) throw new ScanError('bad syntax', start);
    try {
      JSON.parse(this.#body.toString('latin1', start, this.#at));
    } catch {
      throw new ScanError(this.#at === this.#end ? 'truncated' : 'bad syntax', start);
    }
  }

  /** From the opening quote to behind the closing one. */
  #string(): void {
    const body = this.#body;
    const start = this.#at + 1;
    const near = Math.min(start + SHORT_STRING, this.#end);
    let at = start;
    for (; at < near; at++) {
      const byte = body[at] as number;
      if (byte === QUOTE) return this.#closeString(start, at);
      if (byte === BACKSLASH) at++;
    }
    // `at` may stand one behind `near` after an escape; it is always at the beginning of a character.
    for (;;) {
      const quote = body.indexOf(QUOTE, at);
      if (quote < 0 || quote >= this.#end) throw new ScanError('truncated', this.#end);
      let before = quote;
      while (before > at && body[before - 1] === BACKSLASH) before--;
      if ((quote - before) % 2 === 0) return this.#closeString(start, quote);
      at = quote + 1;
    }
  }

  #closeString(start: number, quote: number): void {
    this.#textLength += quote - start;
    this.#at = quote + 1;
  }

  /** An object or array: follows strings and brackets only. The open brackets are kept on a stack of bytes. */
  #container(): void {
    const body = this.#body;
    let stack = new Uint8Array(64);
    let depth = 0;
    while (this.#at < this.#end) {
      const byte = body[this.#at] as number;
      if (byte === QUOTE) {
        this.#string();
        continue;
      }
      if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
        if (depth === stack.length) {
          const larger = new Uint8Array(depth * 2);
          larger.set(stack);
          stack = larger;
        }
        // In ASCII each closing bracket is its opening one plus two.
        stack[depth++] = byte + 2;
      } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
        if (stack[--depth] !== byte) throw new ScanError('mismatched brackets', this.#at);
        if (depth === 0) {
          this.#at++;
          return;
        }
      }
      this.#at++;
    }
    throw new ScanError('truncated', this.#end);
  }
}

/** Letters, digits, plus, minus, point. */
function isScalarByte(byte: number): boolean {
  return (
    (byte >= 0x61 && byte <= 0x7a) ||
    (byte >= 0x30 && byte <= 0x39) ||
    byte === 0x2d ||
    byte === 0x2e ||
    byte === 0x2b ||
    byte === 0x45
  );
}
