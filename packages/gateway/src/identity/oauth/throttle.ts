import { isIPv6 } from 'node:net';

/** Keys kept at most; beyond, the oldest is forgotten. */
const MAX_KEYS = 20_000;

interface Window {
  readonly endsAt: number;
  count: number;
}

/** Counts what happens within a window of time, by key, in memory. */
export class Throttle {
  readonly #limit: number;
  readonly #windowMs: number;
  readonly #now: () => number;
  readonly #windows = new Map<string, Window>();

  constructor(limit: number, windowMs: number, now: () => number = Date.now) {
    this.#limit = limit;
    this.#windowMs = windowMs;
    this.#now = now;
  }

  /** Seconds until the key may try again; 0: it may now. */
  waitSeconds(key: string, limit: number = this.#limit): number {
    const window = this.#current(key);
    if (window === undefined || window.count < limit) return 0;
    return Math.max(1, Math.ceil((window.endsAt - this.#now()) / 1000));
  }

  /** Counts one more. */
  count(key: string): void {
    const window = this.#current(key);
    if (window !== undefined) {
      window.count += 1;
      return;
    }
    if (this.#windows.size >= MAX_KEYS) this.#forgetOldest();
    this.#windows.set(key, { endsAt: this.#now() + this.#windowMs, count: 1 });
  }

  #current(key: string): Window | undefined {
    const window = this.#windows.get(key);
    if (window === undefined) return undefined;
    const left = window.endsAt - this.#now();
    if (left > 0 && left <= this.#windowMs) return window;
    this.#windows.delete(key);
    return undefined;
  }

  #forgetOldest(): void {
    const oldest = this.#windows.keys().next();
    if (!oldest.done) this.#windows.delete(oldest.value);
  }
}

/** The key of an address: itself, for IPv6 its network of 64 bits, which one machine may have to itself. */
export function addressKey(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.split('%')[0]!.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const missing = tail === undefined ? 0 : 8 - before.length - after.length;
  const groups = [...before, ...Array.from({ length: Math.max(0, missing) }, () => '0'), ...after];
  return groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, '').toLowerCase())
    .join(':');
}
