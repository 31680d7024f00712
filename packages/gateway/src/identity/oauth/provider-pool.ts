import { hash, timingSafeEqual } from 'node:crypto';
import type { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import Provider, { errors, type KoaContextWithOIDC } from 'oidc-provider';
import { GatewayError } from '../../errors/gateway-error.ts';
import { currentExchange } from './exchange.ts';
import { providerConfiguration, type ProviderParts } from './provider-configuration.ts';
import { isRedirectAllowed, type RedirectTarget } from './redirect-policy.ts';
import { addressKey, Throttle } from './throttle.ts';

/** Origins that are kept ready; those of loopback have any port, so there must be an end. */
const MAX_PROVIDERS = 8;

/** One instance of the library. */
export interface Instance {
  readonly provider: Provider;
  /** Answers a request. */
  readonly answer: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
}

type Adjust = (ctx: KoaContextWithOIDC) => void;

/** Everything but what depends on the origin and on the keys. */
export type PoolParts = Omit<ProviderParts, 'origin' | 'keys'> & {
  readonly keys: () => ProviderParts['keys'];
  /** Changes answers of the library before they are sent. */
  readonly adjust: Adjust;
  readonly onError: (error: unknown) => void;
  /** Told of each instance, to listen to it. */
  readonly onProvider: (provider: Provider) => void;
};

/** Instances of the library: one for each origin that the gateway is called by, made anew when keys change. */
export class ProviderPool {
  readonly #parts: PoolParts;
  readonly #instances = new Map<string, { readonly version: string; readonly instance: Instance }>();
  readonly #secrets = new Throttle(20, 10 * 60_000);

  constructor(parts: PoolParts) {
    this.#parts = parts;
  }

  /** The instance of an origin. */
  of(origin: string): Instance {
    const keys = this.#parts.keys();
    const version = `${keys.version} ${this.#parts.settings().registration.enabled}`;
    const known = this.#instances.get(origin);
    this.#instances.delete(origin);
    const entry = known?.version === version ? known : { version, instance: this.#make(origin, keys) };
    this.#instances.set(origin, entry);
    if (this.#instances.size > MAX_PROVIDERS) {
      const oldest = this.#instances.keys().next();
      if (!oldest.done) this.#instances.delete(oldest.value);
    }
    return entry.instance;
  }

  #make(origin: string, keys: ProviderParts['keys']): Instance {
    const { adjust, onError, onProvider } = this.#parts;
    const provider = new Provider(`${origin}/oidc`, providerConfiguration({ ...this.#parts, origin, keys }));
    // The address is ours already: `Host` and `X-Forwarded-Proto` are set from the origin.
    provider.proxy = true;
    provider.silent = true;
    (provider as EventEmitter).on('error', onError);
    provider.on('server_error', (_ctx, error) => onError(error));
    onProvider(provider);
    this.#teach(provider);
    provider.use(async (ctx, next) => {
      await next();
      adjust(ctx as KoaContextWithOIDC);
    });
    const callback = provider.callback();
    return { provider, answer: async (request, response) => void (await callback(request, response)) };
  }

  /** Gives the library our rules: where answers may go, how secrets are compared, what tokens look like. */
  #teach(provider: Provider): void {
    const compare = (clientId: string, known: string, given: string): Promise<boolean> =>
      this.#compareSecret(clientId, known, given);
    Object.assign(provider.Client.prototype, {
      redirectUriAllowed(this: RedirectTarget, uri: unknown): boolean {
        return isRedirectAllowed(this, uri);
      },
      compareClientSecret(this: { clientId: string; clientSecret: string }, given: string): Promise<boolean> {
        return compare(this.clientId, this.clientSecret, given);
      },
    });
    for (const [model, prefix] of [
      [provider.AccessToken, 'uco_'],
      [provider.ClientCredentials, 'uco_'],
      [provider.RefreshToken, 'ucr_'],
    ] as const) {
      const prototype = model.prototype as unknown as { generateTokenId(): string };
      const { generateTokenId } = prototype;
      prototype.generateTokenId = function prefixed(): string {
        return prefix + generateTokenId.call(this);
      };
    }
  }

  async #compareSecret(clientId: string, known: string, given: string): Promise<boolean> {
    const { clients, directory } = this.#parts;
    const address = currentExchange()?.sourceIp ?? '';
    if (clients.isServicePrincipal(clientId)) {
      try {
        await directory.checkSecret(clientId, given, address);
        return true;
      } catch (error) {
        if (!(error instanceof GatewayError) || error.status >= 500) throw error;
        if (error.status === 429) throw tooManyAttempts();
        return false;
      }
    }
    const key = `${clientId} ${addressKey(address)}`;
    if (this.#secrets.waitSeconds(key) > 0) throw tooManyAttempts();
    const equal = timingSafeEqual(hash('sha256', known, 'buffer'), hash('sha256', given, 'buffer'));
    if (!equal) this.#secrets.count(key);
    return equal;
  }
}

function tooManyAttempts(): Error {
  const problem = new errors.CustomOIDCProviderError('temporarily_unavailable', 'Too many attempts. Try again later.');
  problem.status = 429;
  problem.statusCode = 429;
  return problem;
}
