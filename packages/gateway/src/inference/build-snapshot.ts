import type { GatewayConfig } from '../config/gateway-config.ts';
import { ServiceIndex } from '../config/service-index.ts';
import { TrustedProxies } from '../lib/source-address.ts';
import { PriceBook } from '../models/price-book.ts';
import { providerById } from '../providers/index.ts';
import type { EmbeddedServer, ProviderId } from '../providers/provider.ts';
import { Pools } from '../upstream/pools.ts';
import type { RunningProvider } from './plan.ts';
import type { Snapshot } from './runtime.ts';

/** The providers that run inside this process, each started once and kept until the end. */
export class EmbeddedServers {
  readonly #running = new Map<ProviderId, Promise<EmbeddedServer>>();

  /** The address of an embedded provider, started on first use. */
  async baseUrl(id: ProviderId, start: () => Promise<EmbeddedServer>): Promise<string> {
    let server = this.#running.get(id);
    if (!server) {
      server = start();
      this.#running.set(id, server);
    }
    return (await server).baseUrl;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#running.values()].map(async (server) => (await server).close()));
  }
}

/** Derives what requests need from a configuration. Connection pools live on where the address rule is the same. */
export async function buildSnapshot(
  config: GatewayConfig,
  embedded: EmbeddedServers,
  previous?: Snapshot,
): Promise<Snapshot> {
  const providers = new Map<string, RunningProvider>();
  for (const service of config.providerServices) {
    const provider = providerById(service.provider);
    const given = service.options as Record<string, unknown>;
    const isEmbedded = provider.embeddedServer !== undefined && given['base_url'] === undefined;
    const options = isEmbedded
      ? { ...given, base_url: await embedded.baseUrl(provider.id, provider.embeddedServer!) }
      : given;
    providers.set(service.name, { service, provider, options, embedded: isEmbedded });
  }
  const networks = config.server.allowedPrivateNetworks;
  const sameRule = previous && previous.config.server.allowedPrivateNetworks.join() === networks.join();
  return {
    config,
    services: new ServiceIndex(config.modelServices),
    providers,
    prices: previous && previous.config.prices === config.prices ? previous.prices : new PriceBook(config.prices),
    proxies: new TrustedProxies(config.server.trustedProxies),
    pools: sameRule ? previous.pools : new Pools(networks),
  };
}
