import type { LookupFunction } from 'node:net';
import { Pool } from 'undici';
import { AddressPolicy } from './address-policy.ts';

/** Milliseconds a TCP and TLS handshake may take. */
const CONNECT_TIMEOUT_MS = 10_000;
/** Milliseconds an idle connection is kept. */
const KEEP_ALIVE_MS = 30_000;

/**
 * One connection pool per provider origin. Pools have no cap on connections: an agent's stream holds
 * one for minutes, and a cap would make the next caller wait behind it.
 */
export class Pools {
  readonly #policy: AddressPolicy;
  readonly #pools = new Map<string, Pool>();

  constructor(allowedPrivateNetworks: readonly string[]) {
    this.#policy = new AddressPolicy(allowedPrivateNetworks);
  }

  /**
   * The pool of an origin.
   * @param trusted the embedded provider, which lives on loopback and is exempt from the address rule.
   * @throws GatewayError `policy_address_refused`
   */
  get(url: URL, trusted: boolean): Pool {
    const key = trusted ? `embedded ${url.origin}` : url.origin;
    let pool = this.#pools.get(key);
    if (!pool) {
      if (!trusted) this.#policy.checkHost(url.hostname);
      pool = new Pool(url.origin, {
        connections: null,
        pipelining: 1,
        headersTimeout: 0,
        bodyTimeout: 0,
        keepAliveTimeout: KEEP_ALIVE_MS,
        connect: {
          timeout: CONNECT_TIMEOUT_MS,
          ...(trusted ? {} : { lookup: this.#policy.lookup as unknown as LookupFunction }),
        },
      });
      this.#pools.set(key, pool);
    }
    return pool;
  }

  /** Closes every connection. Running exchanges fail. */
  async destroy(): Promise<void> {
    await Promise.all([...this.#pools.values()].map((pool) => pool.destroy()));
    this.#pools.clear();
  }
}
