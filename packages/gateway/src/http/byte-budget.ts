import { GatewayError } from '../errors/gateway-error.ts';

/** Bytes that requests which are being read may hold in memory together. */
export class ByteBudget {
  readonly #limit: number;
  #used = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** What one request takes of it, until it is released. */
  lease(): ByteLease {
    let own = 0;
    return {
      take: (bytes) => {
        // A request alone may have any size: its own limit is the endpoint's.
        if (this.#used > own && this.#used + bytes > this.#limit)
          throw new GatewayError('gateway_spool_full', 'Too many requests are being read. Try again.', {
            status: 429,
            retryAfterSeconds: 1,
          });
        own += bytes;
        this.#used += bytes;
      },
      release: () => {
        this.#used -= own;
        own = 0;
      },
    };
  }
}

export interface ByteLease {
  /** @throws GatewayError `gateway_spool_full` with status 429 where the budget is used up. */
  take(bytes: number): void;
  release(): void;
}
