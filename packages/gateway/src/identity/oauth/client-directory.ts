import { randomBytes } from 'node:crypto';
import type { AdapterPayload, ClientMetadata } from 'oidc-provider';
import type { OAuthConfig } from '../../config/oauth-settings.ts';
import type { Directory } from '../directory.ts';
import { builtInClients, configuredClient, registeredClientPrefix, servicePrincipalClient } from './clients.ts';
import { RecordAdapter, type RecordKeeping } from './record-adapter.ts';

/**
 * Every application: built in, of the configuration, service principals by their application id, and those that
 * registered themselves. Read anew for each request, so that a change is in force at once.
 */
export class ClientDirectory extends RecordAdapter {
  readonly #settings: () => OAuthConfig;
  readonly #directory: Directory;
  readonly #placeholder = randomBytes(32).toString('base64url');

  constructor(keeping: RecordKeeping, settings: () => OAuthConfig) {
    super('Client', keeping);
    this.#settings = settings;
    this.#directory = keeping.directory;
  }

  override async find(id: string): Promise<AdapterPayload | undefined> {
    const known = this.#known(id);
    if (known !== undefined) return { ...known } as AdapterPayload;
    if (!id.startsWith(registeredClientPrefix) || !this.#settings().registration.enabled) return undefined;
    return super.find(id);
  }

  /** Keeps an application that registered itself. */
  register(client: ClientMetadata): Promise<void> {
    return this.upsert(client.client_id, { ...client } as AdapterPayload, Number.NaN);
  }

  /** Whether its secret is compared by the directory. */
  isServicePrincipal(id: string): boolean {
    if (builtInClients.has(id) || this.#settings().clients.some((client) => client.clientId === id)) return false;
    return this.#directory.byName(id)?.type === 'SERVICE_PRINCIPAL';
  }

  #known(id: string): ClientMetadata | undefined {
    const builtIn = builtInClients.get(id);
    if (builtIn !== undefined) return builtIn;
    const configured = this.#settings().clients.find((client) => client.clientId === id);
    if (configured !== undefined) return configuredClient(configured);
    const account = this.#directory.byName(id);
    if (account?.type !== 'SERVICE_PRINCIPAL' || !account.active) return undefined;
    return servicePrincipalClient(id, account.displayName, this.#placeholder);
  }
}
