import { lookup as dnsLookup, type LookupAddress, type LookupOptions } from 'node:dns';
import { BlockList, isIP, isIPv6 } from 'node:net';
import { GatewayError } from '../errors/gateway-error.ts';

/**
 * Networks that are not public: RFC 6890 special-purpose registries, IPv4 and IPv6; of the latter also those whose
 * addresses stand for one of IPv4 (compatible, Teredo, 6to4) and that nobody uses any more.
 */
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
  '::/96',
  '64:ff9b:1::/48',
  '100::/64',
  '2001::/32',
  '2002::/16',
  'fc00::/7',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
];

/** Where clouds keep the credentials of their machines; never called, whatever the configuration allows. */
const METADATA_NETWORKS = ['169.254.0.0/16', 'fe80::/10', 'fd00:ec2::254', '100.100.100.200', '192.0.0.192'];

/** Addresses that NAT64 turns into the IPv4 address of their last 32 bits (RFC 6052 2.1). */
const NAT64 = '64:ff9b::/96';

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
const metadataNetworks = blockList(METADATA_NETWORKS);
const nat64 = blockList([NAT64]);

/** Whether an IP address is one where clouds keep credentials. */
export function isMetadataAddress(address: string): boolean {
  return isIn(metadataNetworks, reachedBy(address));
}

function isIn(networks: BlockList, address: string): boolean {
  return networks.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}

/** The address that a connection to this one ends at. (Lists know IPv4 in the form `::ffff:…` by themselves.) */
function reachedBy(address: string): string {
  if (!isIPv6(address) || !nat64.check(address, 'ipv6')) return address;
  // As URLs write it: the last two groups stand, but for leading zeros.
  const [high = '', low = ''] = new URL(`http://[${address}]`).hostname.slice(1, -1).split(':').slice(-2);
  const bits = [high, low].map((group) => Number.parseInt(group || '0', 16));
  return bits.flatMap((group) => [group >> 8, group & 255]).join('.');
}

/** Decides which addresses the gateway may connect to (design decision 6). */
export class AddressPolicy {
  readonly #allowed: BlockList;

  /** @param allowedPrivateNetworks CIDR blocks that are allowed although private. */
  constructor(allowedPrivateNetworks: readonly string[]) {
    this.#allowed = blockList(allowedPrivateNetworks);
  }

  /** Whether a connection to this IP address is allowed. */
  allows(address: string): boolean {
    const reached = reachedBy(address);
    if (isIn(metadataNetworks, reached)) return false;
    return !isIn(privateNetworks, reached) || isIn(this.#allowed, reached);
  }

  /** @throws GatewayError `policy_address_refused` for a literal address that is not allowed. */
  checkHost(hostname: string): void {
    const bare = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
    if (isIP(bare) && !this.allows(bare)) throw refused(bare, bare);
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
      if (bad) return callback(refused(hostname, bad.address), []);
      if (options.all) return callback(null, addresses);
      const first = addresses[0];
      if (!first) return callback(new Error(`no address for ${hostname}`), []);
      callback(null, first.address, first.family);
    });
  };
}

function refused(host: string, address: string): GatewayError {
  return new GatewayError(
    'policy_address_refused',
    isMetadataAddress(address)
      ? `The provider's address ${host} is that of a metadata service, which is never called.`
      : `The provider's address ${host} is in a private network. Add its network to server.allowed_private_networks to allow it.`,
  );
}
