import { BlockList, isIP } from 'node:net';

/** Networks whose machines are believed when they say for whom they forward. */
export class TrustedProxies {
  readonly #networks = new BlockList();
  readonly #any: boolean;

  /** @param networks CIDR blocks or single addresses, already checked. */
  constructor(networks: readonly string[]) {
    this.#any = networks.length > 0;
    for (const network of networks) {
      const [address = '', prefix] = network.split('/');
      const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
      this.#networks.addSubnet(address, prefix === undefined ? (family === 'ipv6' ? 128 : 32) : Number(prefix), family);
    }
  }

  /**
   * The address a request comes from: the peer's, or, where that is a trusted proxy, the last address of
   * `X-Forwarded-For` that is not one itself. What stands left of it, anybody may have written.
   */
  sourceOf(peer: string | undefined, forwardedFor: string | string[] | undefined): string | undefined {
    if (!this.#any || peer === undefined || !this.#trusts(peer)) return plain(peer);
    const named = (Array.isArray(forwardedFor) ? forwardedFor.join(',') : (forwardedFor ?? '')).split(',');
    let source = peer;
    for (const entry of named.toReversed()) {
      const address = entry.trim();
      if (isIP(address) === 0) break;
      source = address;
      if (!this.#trusts(address)) break;
    }
    return plain(source);
  }

  #trusts(address: string): boolean {
    const simple = plain(address) ?? '';
    return isIP(simple) !== 0 && this.#networks.check(simple, isIP(simple) === 6 ? 'ipv6' : 'ipv4');
  }
}

/** IPv4 without the prefix that a socket for both versions gives it. */
function plain(address: string | undefined): string | undefined {
  return address?.replace(/^::ffff:(?=\d+\.)/i, '');
}
