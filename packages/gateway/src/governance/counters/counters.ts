/** What a count is over. */
export type Window =
  /** The time up to now, of this length in milliseconds. Counted in 60 slots, so exact to a sixtieth. */
  | { readonly kind: 'rolling'; readonly ms: number }
  /**
   * A named stretch of the calendar, such as `2026-11`, that ends at `endsAt` (ms since 1970, UTC). Its count is kept for
   * an hour longer, since clocks differ and requests outlast midnight.
   */
  | { readonly kind: 'calendar'; readonly id: string; readonly endsAt: number };

/** One limit that a request counts against. */
export interface Charge {
  /** Stable over restarts and the same in every gateway; says whose count of what it is. */
  readonly key: string;
  readonly window: Window;
  /** Most that may be counted in the window; 0 refuses everything. Whole numbers up to 2^53 - 1. */
  readonly limit: number;
  /**
   * What is reserved now: 1 request, estimated tokens, estimated nano-dollars. Whole; 0 asks whether there is room
   * for 1 and counts nothing.
   */
  readonly amount: number;
}

/**
 * A condition of admission: at least one of these has room. A charge has room where its count, with everything that
 * the request adds to it, is not above the limit. Mostly there is one charge; a member of several groups
 * with limits of their own has one for each (unity-ai-gateway 6.2, rule 4). Admission counts against all of them.
 */
export interface ChargeGroup {
  readonly anyOf: readonly Charge[];
}

/** How full one charge's window was when it was decided. */
export interface Reading {
  /** Counted in the window, this request included where it was admitted. */
  readonly used: number;
  /** Milliseconds until what is counted now begins to leave the window (rolling), or all of it does (calendar). */
  readonly resetMs: number;
}

export type Decision =
  | {
      readonly admitted: true;
      /** In the order of the groups' charges, flattened. */
      readonly readings: readonly Reading[];
      /**
       * When it was counted, by the counters' own clock: what `Correction.at` must say. Left out where that is the
       * `now` that `reserve` was given.
       */
      readonly at?: number;
    }
  | {
      readonly admitted: false;
      /** Index of the first group without room. Nothing was counted anywhere. */
      readonly refusedBy: number;
      /** Milliseconds until the group has room for the amount; `Infinity` where it never has (limit below amount). */
      readonly retryAfterMs: number;
      readonly readings: readonly Reading[];
    };

/** A later change of what was counted: settlement of an estimate. */
export interface Correction {
  readonly key: string;
  readonly window: Window;
  /** Added to the count; negative gives back. A count never falls below 0. */
  readonly amount: number;
  /**
   * When the reservation was made (`Decision.at`, else the `now` of `reserve`), ms since 1970: the slot that is
   * corrected. What has left the window is ignored.
   */
  readonly at: number;
}

/**
 * Counts of all limits and budgets. One call decides all of a request's charges together, atomically: admitted and
 * counted, or refused and nothing counted. In memory for one gateway, in Redis for several.
 */
export interface Counters {
  /**
   * Synchronous in memory. With Redis one round trip.
   * @param now ms since 1970; Redis uses its own clock.
   * @throws CountersUnavailable where the counts cannot be reached.
   */
  reserve(groups: readonly ChargeGroup[], now: number): Decision | Promise<Decision>;
  /** Never rejects: what cannot be corrected is tried again later. */
  correct(corrections: readonly Correction[]): void;
  /** Reads without counting, in order. */
  read(charges: readonly Pick<Charge, 'key' | 'window'>[], now: number): Promise<readonly Reading[]>;
  /** Writes what must outlive the process. */
  close(): Promise<void>;
}

/** A calendar window's count, by the key and window of its charge. */
export interface CalendarKey {
  readonly key: string;
  readonly window: Extract<Window, { kind: 'calendar' }>;
}

/**
 * What is counted already in calendar windows that the counters do not have: a new month, or data that Redis or a
 * killed gateway lost. For budgets: the sum that the spend ledger has for that key and period, in the unit of the
 * charge. Given to the counters when they are made, which ask it within `reserve` (and `read`), once for each key that
 * is missing, for all of them together; the request then waits for the answer, and is decided with it. Of several
 * gateways that ask at the same time the first to come back is believed.
 *
 * Corrections of a key that is missing are dropped. So write to the ledger what was spent before `correct` is called.
 * Where the seed rejects, so does `reserve`, with `CountersUnavailable`. Without a seed, missing keys begin at 0 and
 * calendar windows are restored after a restart as rolling ones are.
 * @returns whole numbers, in order.
 */
export type Seed = (keys: readonly CalendarKey[]) => Promise<readonly number[]>;

/** The counts cannot be reached; whether requests go on is configuration. */
export class CountersUnavailable extends Error {
  constructor(cause: unknown) {
    super('The counters of limits and budgets cannot be reached.', { cause });
    this.name = 'CountersUnavailable';
  }
}
