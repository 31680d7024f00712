import { MAX_PAYLOAD_BODY_BYTES, type SeenBody } from '../usage/payload-record.ts';

const FIRST_BYTES = 16 * 1024;

/**
 * Keeps a copy of an answer as it passes, up to the size that payload rows hold; beyond that it keeps nothing. Never
 * throws, and holds none of the buffers it is given.
 */
export class BodyCapture {
  readonly #readable: boolean;
  #bytes: Buffer = Buffer.alloc(0);
  #length = 0;
  #tooLarge = false;

  /** @param readable false where the bytes are no text (compressed). */
  constructor(readable: boolean) {
    this.#readable = readable;
  }

  add(piece: Uint8Array | string): void {
    if (!this.#readable || this.#tooLarge) return;
    const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece;
    const length = this.#length + bytes.length;
    if (length > MAX_PAYLOAD_BODY_BYTES) {
      this.#tooLarge = true;
      this.#bytes = Buffer.alloc(0);
      return;
    }
    if (length > this.#bytes.length) this.#grow(length);
    this.#bytes.set(bytes, this.#length);
    this.#length = length;
  }

  /** What has been seen so far. */
  body(): SeenBody {
    if (!this.#readable) return 'not-text';
    return this.#tooLarge ? 'too-large' : this.#bytes.subarray(0, this.#length);
  }

  #grow(least: number): void {
    const wanted = Math.max(least, this.#bytes.length * 2, FIRST_BYTES);
    const larger = Buffer.allocUnsafeSlow(Math.min(wanted, MAX_PAYLOAD_BODY_BYTES));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}
