import { GatewayError } from '../../errors/gateway-error.ts';
import { cancelled } from './limits.ts';

export interface FairQueueOptions {
  /** How many may be in at once. */
  concurrency(): number;
  /** How many may wait. */
  most(): number;
}

interface Waiting {
  readonly enter: () => void;
  readonly refuse: (error: unknown) => void;
}

/** Lets statements in, callers by turns: one with many waiting statements does not hold up the others. */
export class FairQueue {
  readonly #options: FairQueueOptions;
  /** By caller, in the order in which they come to their turns. */
  readonly #waiting = new Map<string, Waiting[]>();
  #waitingCount = 0;
  #inside = 0;

  constructor(options: FairQueueOptions) {
    this.#options = options;
  }

  /**
   * Waits for the caller's turn and does the work.
   * @throws GatewayError `gateway_sql_busy`, `caller_sql_cancelled`
   */
  async run<T>(caller: string, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    if (signal?.aborted) throw cancelled();
    if (this.#inside >= this.#options.concurrency()) await this.#wait(caller, signal);
    else this.#inside += 1;
    try {
      return await work();
    } finally {
      this.#inside -= 1;
      this.#admit();
    }
  }

  /** Refuses all that wait. */
  clear(reason: GatewayError): void {
    for (const list of this.#waiting.values()) for (const waiting of list) waiting.refuse(reason);
    this.#waiting.clear();
    this.#waitingCount = 0;
  }

  #wait(caller: string, signal: AbortSignal | undefined): Promise<void> {
    if (this.#waitingCount >= this.#options.most()) {
      throw new GatewayError('gateway_sql_busy', `${this.#waitingCount} statements wait already. Try again later.`, {
        retryAfterSeconds: 5,
      });
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiting: Waiting = { enter: resolve, refuse: reject };
    const leave = (): void => this.#leave(caller, waiting);
    signal?.addEventListener('abort', leave, { once: true });
    this.#waiting.set(caller, [...(this.#waiting.get(caller) ?? []), waiting]);
    this.#waitingCount += 1;
    return promise.finally(() => signal?.removeEventListener('abort', leave));
  }

  #leave(caller: string, waiting: Waiting): void {
    const list = this.#waiting.get(caller) ?? [];
    if (!list.includes(waiting)) return;
    this.#keep(
      caller,
      list.filter((other) => other !== waiting),
    );
    this.#waitingCount -= 1;
    waiting.refuse(cancelled());
  }

  #admit(): void {
    while (this.#inside < this.#options.concurrency()) {
      const [caller, list] = this.#waiting.entries().next().value ?? [];
      const first = list?.[0];
      if (caller === undefined || list === undefined || first === undefined) return;
      // Behind all others, until its next turn.
      this.#waiting.delete(caller);
      this.#keep(caller, list.slice(1));
      this.#waitingCount -= 1;
      this.#inside += 1;
      first.enter();
    }
  }

  #keep(caller: string, list: Waiting[]): void {
    if (list.length === 0) this.#waiting.delete(caller);
    else this.#waiting.set(caller, list);
  }
}
