import {
  CountersUnavailable,
  type CalendarKey,
  type Charge,
  type ChargeGroup,
  type Correction,
  type Counters,
  type Decision,
  type Reading,
  type Seed,
} from './counters.ts';
import { RedisConnection, RedisTimeout } from './redis-connection.ts';
import { RedisCorrections } from './redis-corrections.ts';
import { reserveScript } from './redis-scripts.ts';

export interface RedisCountersOptions {
  /** `redis[s]://[[user]:password@]host[:port][/database]`. Never shown. */
  readonly url: string;
  /**
   * First part of every key, and their hash tag: the counts of one installation are on one node of a cluster, since
   * one script decides over all of them. Installations that share a Redis have different ones.
   */
  readonly prefix: string;
  /** Milliseconds a request waits for an answer at most. */
  readonly timeoutMs: number;
  readonly seed?: Seed | undefined;
  /** Told when Redis fails, and of corrections that were given up. Messages have no password. */
  readonly onError?: ((error: Error) => void) | undefined;
  /** Whose time counts: `caller` takes `now` from the caller, for tests. Default `server`. */
  readonly clock?: 'server' | (() => number) | undefined;
}

type Key = Pick<Charge, 'key' | 'window'>;

const SEEDS_NEEDED = 2;
/** Counts that are read in one call: while it runs, nobody is admitted. */
const READ_AT_ONCE = 250;

/** Counts in Redis or Valkey, for any number of gateways. One script call decides a request, by Redis's own clock. */
export class RedisCounters implements Counters {
  readonly #connection: RedisConnection;
  readonly #corrections: RedisCorrections;
  readonly #prefix: string;
  readonly #seed: Seed | undefined;
  readonly #hasOwnClock: boolean;

  private constructor(connection: RedisConnection, corrections: RedisCorrections, options: RedisCountersOptions) {
    this.#connection = connection;
    this.#corrections = corrections;
    this.#prefix = options.prefix;
    this.#seed = options.seed;
    this.#hasOwnClock = typeof options.clock === 'function';
  }

  /**
   * Connects. Where Redis cannot be reached, goes on without and keeps trying.
   * @throws Error without the password, where Redis refuses who signs in or the address is none.
   */
  static async open(options: RedisCountersOptions): Promise<RedisCounters> {
    const { url, timeoutMs, onError = () => {}, clock } = options;
    const connection = await RedisConnection.open({ url, timeoutMs, onError });
    const corrections = new RedisCorrections({
      connection,
      keyOf: (key) => redisKey(options.prefix, key),
      isSeeded: options.seed !== undefined,
      onError,
      clock: typeof clock === 'function' ? clock : undefined,
    });
    connection.onReady(() => void corrections.flush());
    return new RedisCounters(connection, corrections, options);
  }

  /** Whether there is a connection. */
  get isReady(): boolean {
    return this.#connection.isReady;
  }

  async reserve(groups: readonly ChargeGroup[], now: number): Promise<Decision> {
    const charges = groups.flatMap(({ anyOf }) => anyOf);
    const sizes = groups.map(({ anyOf }) => anyOf.length);
    let answer: readonly number[];
    try {
      answer = await this.#ask('reserve', sizes, charges, now);
    } catch (error) {
      if (error instanceof RedisTimeout) this.#undoLate(error.late, charges);
      throw new CountersUnavailable(error);
    }
    const [status, at = now, refusedBy = 0, wait = -1] = answer;
    if (status === 1) return { admitted: true, readings: readingsOf(answer, 2), at };
    const retryAfterMs = wait < 0 ? Infinity : wait;
    return { admitted: false, refusedBy, retryAfterMs, readings: readingsOf(answer, 4) };
  }

  correct(corrections: readonly Correction[]): void {
    this.#corrections.add(corrections);
  }

  async read(keys: readonly Key[], now: number): Promise<readonly Reading[]> {
    const readings: Reading[] = [];
    try {
      for (let from = 0; from < keys.length; from += READ_AT_ONCE) {
        const charges = keys.slice(from, from + READ_AT_ONCE).map((key) => ({ ...key, limit: 0, amount: 0 }));
        readings.push(...readingsOf(await this.#ask('read', [], charges, now), 2));
      }
      return readings;
    } catch (error) {
      throw new CountersUnavailable(error);
    }
  }

  /** Sends what is still to be corrected, if Redis answers, and leaves. */
  async close(): Promise<void> {
    await this.#corrections.close();
    this.#connection.close();
  }

  /** Asks once; a second time with the seeds where Redis does not have them. */
  async #ask(
    mode: 'reserve' | 'read',
    sizes: readonly number[],
    charges: readonly Charge[],
    now: number,
  ): Promise<readonly number[]> {
    const keys = charges.map((charge) => redisKey(this.#prefix, charge));
    const head = [mode, this.#hasOwnClock ? String(now) : '', String(sizes.length), ...sizes.map(String)];
    const run = async (seeds: ReadonlyMap<string, number> | undefined): Promise<readonly number[]> => {
      const given = charges.flatMap((charge, index) => [
        ...spanOf(charge.window),
        whole(charge.limit),
        whole(charge.amount),
        this.#seed === undefined ? '0' : seedText(seeds?.get(keys[index] ?? '')),
      ]);
      return numbersOf(await this.#connection.run(reserveScript, keys, [...head, ...given]));
    };
    let answer = await run(undefined);
    const seeds = new Map<string, number>();
    // A second time only where a key left between the calls.
    for (let attempt = 0; answer[0] === SEEDS_NEEDED && attempt < 3; attempt++) {
      const missing = answer.slice(1).flatMap((index): CalendarKey[] => {
        const charge = charges[index];
        return charge?.window.kind === 'calendar' ? [{ key: charge.key, window: charge.window }] : [];
      });
      const found = (await this.#seed?.(missing)) ?? [];
      for (const [index, key] of missing.entries()) seeds.set(redisKey(this.#prefix, key), found[index] ?? 0);
      answer = await run(seeds);
    }
    if (answer[0] === SEEDS_NEEDED) throw new Error('Redis loses keys as soon as they are set.');
    return answer;
  }

  /** Gives back what is counted after all for a request that did not wait for it. */
  #undoLate(late: Promise<unknown>, charges: readonly Charge[]): void {
    late.then(
      (answer) => {
        const [status, at = 0] = numbersOf(answer);
        if (status !== 1) return;
        this.correct(charges.map(({ key, window, amount }) => ({ key, window, amount: -amount, at })));
      },
      () => {},
    );
  }
}

/** `{prefix}:r60000:key`: the part in braces is the hash tag. */
function redisKey(prefix: string, { key, window }: Key): string {
  return `{${prefix}}:${window.kind === 'rolling' ? `r${window.ms}` : `c${window.id}`}:${key}`;
}

/** Kind, and length or end, of a window as the scripts read them. */
export function spanOf(window: Charge['window']): [string, string] {
  return window.kind === 'rolling' ? ['r', String(window.ms)] : ['c', String(window.endsAt)];
}

function seedText(seed: number | undefined): string {
  return seed === undefined ? '' : whole(seed);
}

/** As a whole number without exponent, from 0 to 2^53 - 1. */
function whole(value: number): string {
  return String(value > 0 ? Math.min(Math.ceil(value), Number.MAX_SAFE_INTEGER) : 0);
}

function numbersOf(answer: unknown): readonly number[] {
  if (!Array.isArray(answer)) throw new Error('Redis answered with something else than the script gives.');
  return answer.map(Number);
}

function readingsOf(answer: readonly number[], from: number): Reading[] {
  const readings: Reading[] = [];
  for (let index = from; index + 1 < answer.length; index += 2) {
    readings.push({ used: answer[index] ?? 0, resetMs: answer[index + 1] ?? 0 });
  }
  return readings;
}
