import { createHmac, hash, timingSafeEqual } from 'node:crypto';

const HANDLE = /^#([0-9a-f]{64})\.([\w-]{43})$/;

/** SHA-256 in hexadecimal: how values that open doors are stored. */
export function hashId(value: string): string {
  return hash('sha256', value, 'hex');
}

/**
 * Names for records whose value is not known any more. The library wants a name of a device that was found by its short code; the stored
 * hash would do, but then whoever read the store could present it. So the name has a seal that only gateways can make.
 */
export class Handles {
  readonly #keys: () => readonly string[];

  /** @param keys the newest first; a name made with any of them is known. */
  constructor(keys: () => readonly string[]) {
    this.#keys = keys;
  }

  /** A name for the record of a model with this hash. */
  handle(model: string, id: string): string {
    return `#${id}.${seal(this.#keys()[0] ?? '', model, id)}`;
  }

  /** The hash that a value or a name stands for. */
  idOf(model: string, valueOrHandle: string): string {
    const [, id, sealed] = HANDLE.exec(valueOrHandle) ?? [];
    if (id !== undefined && sealed !== undefined) {
      const given = Buffer.from(sealed);
      const known = this.#keys().some((key) => timingSafeEqual(Buffer.from(seal(key, model, id)), given));
      if (known) return id;
    }
    return hashId(valueOrHandle);
  }
}

function seal(key: string, model: string, id: string): string {
  return createHmac('sha256', key).update(`handle ${model} ${id}`).digest('base64url');
}
