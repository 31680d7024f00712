import type { SsoProviderConfig } from '../../config/sso-settings.ts';
import { GatewayError } from '../../errors/gateway-error.ts';
import { ProviderClient } from './provider-client.ts';
import type { SsoConnect } from './sso-fetch.ts';

/** The clients of the providers that are configured at this moment. One whose settings change is made anew. */
export class ProviderClients {
  readonly #providers: () => readonly SsoProviderConfig[];
  readonly #connect: SsoConnect;
  readonly #now: () => number;
  readonly #clients = new WeakMap<SsoProviderConfig, ProviderClient>();

  constructor(providers: () => readonly SsoProviderConfig[], connect: SsoConnect, now: () => number) {
    this.#providers = providers;
    this.#connect = connect;
    this.#now = now;
  }

  /** @throws GatewayError `caller_not_found` */
  get(id: string): ProviderClient {
    const provider = this.#providers().find((candidate) => candidate.id === id);
    if (provider === undefined)
      throw new GatewayError('caller_not_found', 'There is no identity provider of that name.');
    let client = this.#clients.get(provider);
    if (client === undefined) {
      client = new ProviderClient(provider, this.#connect(provider), this.#now);
      this.#clients.set(provider, client);
    }
    return client;
  }
}
