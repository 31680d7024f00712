import { randomUUID } from 'node:crypto';
import type { Correction } from './counters.ts';
import { RedisTimeout, type RedisConnection } from './redis-connection.ts';
import { correctScript } from './redis-scripts.ts';

/** Corrections that wait at most; beyond them the oldest are given up. */
const MOST_WAITING = 10_000;
/** Corrections in one script call. */
const BATCH = 200;
const RETRY_MS = 1_000;
/** What `close` waits for at most, milliseconds. */
const CLOSE_MS = 2_000;

interface Batch {
  /** Redis remembers it for ten minutes: a batch that is sent twice counts once. */
  readonly id: string;
  readonly corrections: readonly Correction[];
}

export interface RedisCorrectionsOptions {
  readonly connection: Pick<RedisConnection, 'run' | 'isReady'>;
  readonly keyOf: (key: Pick<Correction, 'key' | 'window'>) => string;
  /** Whether missing calendar keys are seeded, and corrections of them dropped. */
  readonly isSeeded: boolean;
  readonly onError: (error: Error) => void;
  /** Instead of Redis's own, for tests. */
  readonly clock?: (() => number) | undefined;
}

/** Corrections on their way to Redis: gathered, sent in batches, and kept while Redis is away. */
export class RedisCorrections {
  readonly #options: RedisCorrectionsOptions;
  #waiting: Correction[] = [];
  #unsent: Batch | undefined;
  #sending: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isScheduled = false;
  #lost = 0;
  #closed = false;

  constructor(options: RedisCorrectionsOptions) {
    this.#options = options;
  }

  add(corrections: readonly Correction[]): void {
    this.#waiting.push(...corrections.filter(({ amount }) => amount !== 0));
    const excess = this.#waiting.length - MOST_WAITING;
    if (excess > 0) {
      this.#waiting.splice(0, excess);
      if (this.#lost === 0) {
        this.#options.onError(new Error('Redis is away for too long: settlements of limits and budgets are lost.'));
      }
      this.#lost += excess;
    }
    if (this.#isScheduled || this.#waiting.length === 0) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      void this.flush();
    });
  }

  /** Sends everything, as far as Redis answers. Never rejects. Calls at the same time share the work. */
  flush(): Promise<void> {
    this.#sending ??= this.#send().finally(() => (this.#sending = undefined));
    return this.#sending;
  }

  /** Sends what there is, for two seconds at most. */
  async close(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, CLOSE_MS)));
    await Promise.race([this.flush().then(() => this.flush()), late]);
    clearTimeout(timer);
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  async #send(): Promise<void> {
    clearTimeout(this.#timer);
    while (!this.#closed && (this.#unsent !== undefined || this.#waiting.length > 0)) {
      this.#unsent ??= { id: randomUUID(), corrections: this.#waiting.splice(0, BATCH) };
      if (!(await this.#deliver(this.#unsent))) {
        this.#timer = setTimeout(() => void this.flush(), RETRY_MS).unref();
        return;
      }
      this.#unsent = undefined;
      this.#lost = 0;
    }
  }

  /** Whether Redis has the batch, now or from an earlier attempt, or can do nothing with it. */
  async #deliver({ id, corrections }: Batch): Promise<boolean> {
    const { connection, keyOf, isSeeded, clock, onError } = this.#options;
    if (!connection.isReady) return false;
    const keys = [keyOf({ key: id, window: { kind: 'calendar', id: 'batch', endsAt: 0 } }), ...corrections.map(keyOf)];
    const given = corrections.flatMap(({ window, amount, at }) => [
      window.kind === 'rolling' ? 'r' : 'c',
      String(window.kind === 'rolling' ? window.ms : window.endsAt),
      String(Math.trunc(amount)),
      String(Math.trunc(at)),
      isSeeded ? '0' : '1',
    ]);
    try {
      await connection.run(correctScript, keys, [clock === undefined ? '' : String(clock()), ...given]);
      return true;
    } catch (error) {
      if (error instanceof RedisTimeout) {
        return error.late.then(
          () => true,
          () => false,
        );
      }
      // A fault of the script would come back for ever.
      if (error instanceof Error && error.message.startsWith('ERR ')) {
        onError(error);
        return true;
      }
      return false;
    }
  }
}
