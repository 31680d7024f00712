import { randomFillSync } from 'node:crypto';

const POOL_BYTES = 8 * 512;

/**
 * Ids of rows: UUID version 7 (RFC 9562), that is, sorted by the time of their making. Within a
 * millisecond a counter of 12 bits keeps the order; when it runs over, the time goes ahead.
 */
export class RecordIds {
  readonly #pool = Buffer.alloc(POOL_BYTES);
  #used = POOL_BYTES;
  #millisecond = 0;
  #counter = 0;

  /** @param now milliseconds since 1970. */
  next(now: number): string {
    if (now > this.#millisecond) {
      this.#millisecond = now;
      this.#counter = 0;
    } else if (++this.#counter > 0xfff) {
      this.#millisecond += 1;
      this.#counter = 0;
    }
    if (this.#used === POOL_BYTES) {
      randomFillSync(this.#pool);
      this.#used = 0;
    }
    const time = this.#millisecond.toString(16).padStart(12, '0');
    const random = this.#pool.toString('hex', this.#used, (this.#used += 8));
    const variant = '89ab'[Number.parseInt(random[0]!, 16) & 3]!;
    const counter = this.#counter.toString(16).padStart(3, '0');
    return `${time.slice(0, 8)}-${time.slice(8)}-7${counter}-${variant}${random.slice(1, 4)}-${random.slice(4)}`;
  }
}
