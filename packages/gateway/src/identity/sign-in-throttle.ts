import { GatewayError } from '../errors/gateway-error.ts';

/** Failures that are free, then the first wait, which doubles up to the longest. Milliseconds. */
const FREE_FAILURES = 5;
/** Many people can be behind one address. */
const FREE_FAILURES_OF_ADDRESS = 20;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 300_000;
/** A counter that nothing was added to for this long is forgotten. */
const MEMORY_MS = 900_000;
const MAX_ENTRIES = 20_000;

interface Failures {
  readonly count: number;
  readonly blockedUntil: number;
  readonly at: number;
}

/** An attempt that was let through. It counts as failed until it is said to have succeeded. */
export interface Attempt {
  succeeded(): void;
  /** Nothing was learned of whether it was right: it does not count. */
  abandoned(): void;
}

/**
 * Slows guessing down, by user and by address, in memory. Attempts count as failures when they begin, so that many at
 * once gain nothing. A user is never shut out for good: waits end by themselves, attempts during a wait do not
 * lengthen it, and an address the user has signed in from before is held to its own failures only.
 */
export class SignInThrottle {
  readonly #users = new Map<string, Failures>();
  readonly #addresses = new Map<string, Failures>();
  /** By user and address. */
  readonly #pairs = new Map<string, Failures>();
  readonly #trusted = new Map<string, true>();
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** @param user any key of the user, known or not. @throws GatewayError `policy_throttled` with the wait. */
  begin(user: string, sourceIp: string): Attempt {
    const address = networkOf(sourceIp);
    const pair = `${address} ${user}`;
    const [own, ownKey] = this.#trusted.has(pair) ? [this.#pairs, pair] : [this.#users, user];
    const now = this.#now();
    const wait = Math.max(waitOf(own.get(ownKey), now), waitOf(this.#addresses.get(address), now));
    if (wait > 0) throw throttled(wait);
    count(own, ownKey, FREE_FAILURES, now);
    count(this.#addresses, address, FREE_FAILURES_OF_ADDRESS, now);
    return {
      succeeded: () => {
        own.delete(ownKey);
        // The address keeps the failures it had: one right password does not pay for guesses at others.
        uncount(this.#addresses, address, FREE_FAILURES_OF_ADDRESS);
        put(this.#trusted, pair, true);
      },
      abandoned: () => {
        uncount(own, ownKey, FREE_FAILURES);
        uncount(this.#addresses, address, FREE_FAILURES_OF_ADDRESS);
      },
    };
  }
}

function waitOf(failures: Failures | undefined, now: number): number {
  if (failures === undefined) return 0;
  // A clock that was set back would make the wait longer than it ever was.
  return Math.min(failures.blockedUntil - now, LONGEST_WAIT_MS);
}

function count(map: Map<string, Failures>, key: string, free: number, now: number): void {
  const known = map.get(key);
  const before = known === undefined || Math.abs(now - known.at) > MEMORY_MS ? 0 : known.count;
  const beyond = before + 1 - free;
  const wait = beyond < 0 ? 0 : Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(beyond, 20));
  put(map, key, { count: before + 1, blockedUntil: now + wait, at: now });
}

function uncount(map: Map<string, Failures>, key: string, free: number): void {
  const known = map.get(key);
  if (known === undefined) return;
  const left = known.count - 1;
  if (left <= 0) map.delete(key);
  else map.set(key, { ...known, count: left, blockedUntil: left < free ? 0 : known.blockedUntil });
}

/** The oldest goes where there is no room. */
function put<V>(map: Map<string, V>, key: string, value: V): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= MAX_ENTRIES) return;
  const oldest = map.keys().next();
  if (!oldest.done) map.delete(oldest.value);
}

function throttled(waitMs: number): GatewayError {
  const seconds = Math.ceil(waitMs / 1000);
  return new GatewayError('policy_throttled', `Too many failed sign-ins. Try again in ${seconds} seconds.`, {
    retryAfterSeconds: seconds,
  });
}

/** What an address counts as: IPv4 whole, of IPv6 the network of 64 bits that one customer has. */
function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!address.includes(':')) return address.slice(0, 64);
  const [head = '', tail = ''] = address.slice(0, 64).toLowerCase().split('::', 2);
  const first = head === '' ? [] : head.split(':');
  const last = tail === '' ? [] : tail.split(':');
  const all = address.includes('::')
    ? [...first, ...Array.from({ length: Math.max(0, 8 - first.length - last.length) }, () => '0'), ...last]
    : first;
  return all
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':');
}
