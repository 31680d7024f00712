import {
  allowInsecureRequests,
  ClientSecretBasic,
  ClientSecretPost,
  clockTolerance,
  Configuration,
  customFetch,
  discovery,
  enableNonRepudiationChecks,
  None,
  type ClientAuth,
  type ServerMetadata,
} from 'openid-client';
import type { SsoProviderConfig } from '../../config/sso-settings.ts';
import { untrusted } from './sign-in-errors.ts';
import type { SsoFetch } from './sso-fetch.ts';

/** How long a discovery document serves before it is read again, milliseconds. */
const FRESH_MS = 60 * 60 * 1000;
/** How long it serves when it cannot be read again, milliseconds. */
const STALE_MS = 24 * 60 * 60 * 1000;
/** Clock skew between the gateway and a provider, seconds. */
const CLOCK_SKEW_SECONDS = 60;
/** How long one request to a provider may take, seconds. */
const TIMEOUT_SECONDS = 10;

/** One identity provider: what it says of itself, and how the gateway is known to it. */
export class ProviderClient {
  readonly provider: SsoProviderConfig;
  readonly #fetch: SsoFetch;
  readonly #now: () => number;
  #known: { readonly metadata: ServerMetadata; readonly readAt: number } | undefined;
  #reading: Promise<ServerMetadata> | undefined;

  constructor(provider: SsoProviderConfig, fetch: SsoFetch, now: () => number) {
    this.provider = provider;
    this.#fetch = fetch;
    this.#now = now;
  }

  /**
   * For one sign-in. Signing keys are fetched anew for each, so that a key the provider has just begun to use is
   * known, and one that it has withdrawn is refused.
   * @throws the library's errors where the provider cannot be asked.
   */
  async configuration(): Promise<Configuration> {
    const metadata = await this.#metadata();
    const { provider } = this;
    const client = { [clockTolerance]: CLOCK_SKEW_SECONDS };
    const configuration = new Configuration(
      { ...metadata },
      provider.clientId,
      client,
      authentication(provider, metadata),
    );
    configuration[customFetch] = this.#fetch;
    configuration.timeout = TIMEOUT_SECONDS;
    if (isPlain(provider)) allowInsecureRequests(configuration);
    // Without it the library trusts TLS for ID tokens of the token endpoint (OpenID Connect Core 3.1.3.7, 6).
    enableNonRepudiationChecks(configuration);
    return configuration;
  }

  async #metadata(): Promise<ServerMetadata> {
    const known = this.#known;
    const age = known === undefined ? Infinity : Math.abs(this.#now() - known.readAt);
    if (known !== undefined && age < FRESH_MS) return known.metadata;
    this.#reading ??= this.#read().finally(() => (this.#reading = undefined));
    try {
      return await this.#reading;
    } catch (error) {
      if (known !== undefined && age < STALE_MS) return known.metadata;
      throw error;
    }
  }

  async #read(): Promise<ServerMetadata> {
    const { issuer, clientId } = this.provider;
    const found = await discovery(new URL(issuer), clientId, undefined, None(), {
      [customFetch]: this.#fetch,
      timeout: TIMEOUT_SECONDS,
      execute: isPlain(this.provider) ? [allowInsecureRequests] : [],
    });
    const metadata = found.serverMetadata();
    // The library lets some vendors' documents name another issuer than the one that was asked for.
    if (new URL(metadata.issuer).href !== new URL(issuer).href) {
      throw untrusted(this.provider.name, new Error('the discovery document is of another issuer'));
    }
    this.#known = { metadata, readAt: this.#now() };
    return metadata;
  }
}

/** http, which the configuration allows on loopback only. */
function isPlain(provider: SsoProviderConfig): boolean {
  return provider.issuer.startsWith('http:');
}

function authentication(provider: SsoProviderConfig, metadata: ServerMetadata): ClientAuth {
  const { clientSecret, clientAuthentication } = provider;
  if (clientSecret === undefined) return None();
  // Where the document is silent, `client_secret_basic` is meant (OpenID Connect Discovery 3).
  const listed = metadata.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
  const method =
    clientAuthentication ?? (listed.includes('client_secret_basic') ? 'client_secret_basic' : 'client_secret_post');
  return method === 'client_secret_basic' ? ClientSecretBasic(clientSecret) : ClientSecretPost(clientSecret);
}
