import { lookup as dnsLookup, type LookupAddress, type LookupOptions } from 'node:dns';
import { BlockList, isIP, isIPv6 } from 'node:net';
import { GatewayError } from '../errors/gateway-error.ts';

/** Networks that are not public: RFC 6890 special-purpose registries, IPv4 and IPv6. */
const PRIVATE_NETWORKS = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '::/128',
  '::1/128',
  '64:ff9b:1::/48',
  'fc00::/7',
  'fe80::/10',
  'ff00::/8',
];

function blockList(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const slash = network.indexOf('/');
    const address = slash < 0 ? network : network.slice(0, slash);
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    list.addSubnet(address, slash < 0 ? (family === 'ipv6' ? 128 : 32) : Number(network.slice(slash + 1)), family);
  }
  return list;
}

const privateNetworks = blockList(PRIVATE_NETWORKS);

/** Decides which addresses the gateway may connect to (design decision 6). */
export class AddressPolicy {
  readonly #allowed: BlockList;

  /** @param allowedPrivateNetworks CIDR blocks that are allowed although private. */
  constructor(allowedPrivateNetworks: readonly string[]) {
    this.#allowed = blockList(allowedPrivateNetworks);
  }

  /** Whether a connection to this IP address is allowed. */
  allows(address: string): boolean {
    const plain = address.startsWith('::ffff:') && isIP(address.slice(7)) === 4 ? address.slice(7) : address;
    const family = isIPv6(plain) ? 'ipv6' : 'ipv4';
    return !privateNetworks.check(plain, family) || this.#allowed.check(plain, family);
  }

  /** @throws GatewayError `policy_address_refused` for a literal address that is not allowed. */
  checkHost(hostname: string): void {
    const bare = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
    if (isIP(bare) && !this.allows(bare)) throw refused(bare);
  }

  /**
   * `dns.lookup` that fails when a name resolves to an address that is not allowed, so that the check
   * and the connection see the same answer (no rebinding between them).
   */
  readonly lookup = (
    hostname: string,
    options: LookupOptions,
    callback: (error: Error | null, address: string | LookupAddress[], family?: number) => void,
  ): void => {
    dnsLookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, []);
      const bad = addresses.find((entry) => !this.allows(entry.address));
      if (bad) return callback(refused(hostname), []);
      if (options.all) return callback(null, addresses);
      const first = addresses[0];
      if (!first) return callback(new Error(`no address for ${hostname}`), []);
      callback(null, first.address, first.family);
    });
  };
}

function refused(host: string): GatewayError {
  return new GatewayError(
    'policy_address_refused',
    `The provider's address ${host} is in a private network. Add its network to server.allowed_private_networks to allow it.`,
  );
}
