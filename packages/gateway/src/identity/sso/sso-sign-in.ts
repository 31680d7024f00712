import { randomBytes } from 'node:crypto';
import {
  authorizationCodeGrant,
  buildAuthorizationUrl,
  buildEndSessionUrl,
  calculatePKCECodeChallenge,
  fetchUserInfo,
  randomPKCECodeVerifier,
  type Configuration,
} from 'openid-client';
import type { SsoProviderConfig } from '../../config/sso-settings.ts';
import { GatewayError } from '../../errors/gateway-error.ts';
import { insertSsoSignIn, pruneSsoSignIns, takeSsoSignIn, type SsoSignInRow } from '../../state/sso-repository.ts';
import type { Store } from '../../state/store.ts';
import type { Directory } from '../directory.ts';
import type { SsoCallback, SsoFinish, SsoProvider, SsoProviders, SsoStart } from '../oauth/sso-contract.ts';
import { AccountLinks } from './account-links.ts';
import { BrowserCookie, digest } from './browser-cookie.ts';
import { mergeClaims, type Claims } from './claims.ts';
import { lacksClaims, personOf, type Person } from './person.ts';
import { ProviderClients } from './provider-clients.ts';
import { expired, providerFault, refused } from './sign-in-errors.ts';
import type { SsoConnect } from './sso-fetch.ts';

/** How long somebody may take at the provider, seconds. */
const LIFETIME_SECONDS = 600;
/** Sign-ins that may be under way at once. */
const MOST_WAITING = 20_000;

export interface SsoSignInOptions {
  /** In force at this moment. */
  readonly providers: () => readonly SsoProviderConfig[];
  readonly store: Store;
  readonly directory: Directory;
  readonly connect: SsoConnect;
  /** Told of refusals and faults, with the reason that the page does not show. Never a token or a secret. */
  readonly onProblem?: (providerId: string, problem: GatewayError) => void;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/**
 * Sign-in through identity providers: authorization code with PKCE, `state` and `nonce` (OpenID Connect Core 3.1), the
 * issuer of the answer checked (RFC 9207). What a sign-in needs is in the store, so any gateway may finish it, once.
 */
export class SsoSignIn implements SsoProviders {
  readonly #options: SsoSignInOptions;
  readonly #now: () => number;
  readonly #clients: ProviderClients;
  readonly #links: AccountLinks;

  constructor(options: SsoSignInOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#clients = new ProviderClients(options.providers, options.connect, this.#now);
    this.#links = new AccountLinks(options.store, options.directory, this.#now);
  }

  list(): readonly SsoProvider[] {
    return this.#options.providers().map(({ id, name }) => ({ id, name }));
  }

  async begin(id: string, interactionUid: string, origin: string): Promise<SsoStart> {
    const client = this.#clients.get(id);
    const { provider } = client;
    const configuration = await this.#told(provider, () => client.configuration());
    const now = this.#now();
    if ((await pruneSsoSignIns(this.#options.store, now)) >= MOST_WAITING) {
      throw new GatewayError('policy_throttled', 'Too many sign-ins are under way. Try again in some minutes.', {
        retryAfterSeconds: 60,
      });
    }
    const state = randomBytes(32).toString('base64url');
    const nonce = randomBytes(32).toString('base64url');
    const codeVerifier = randomPKCECodeVerifier();
    const stateHash = digest(state);
    const cookie = new BrowserCookie(stateHash, origin).make(LIFETIME_SECONDS);
    const redirectUri = callbackAddress(origin, id);
    const url = await this.#told(provider, async () =>
      buildAuthorizationUrl(configuration, {
        redirect_uri: redirectUri,
        scope: provider.scopes.join(' '),
        state,
        nonce,
        code_challenge: await calculatePKCECodeChallenge(codeVerifier),
        code_challenge_method: 'S256',
        ...(provider.prompt === undefined ? {} : { prompt: provider.prompt }),
      }),
    );
    await insertSsoSignIn(this.#options.store, {
      stateHash,
      providerId: id,
      interactionUid,
      redirectUri,
      nonce,
      codeVerifier,
      browserHash: cookie.browserHash,
      expiresAt: now + LIFETIME_SECONDS * 1000,
    });
    return { redirect: url.href, cookie: cookie.header };
  }

  async finish(callback: SsoCallback): Promise<SsoFinish> {
    const client = this.#clients.get(callback.providerId);
    const { provider } = client;
    return this.#told(provider, async () => {
      const state = onlyState(callback.url);
      const row = await this.#take(callback, state);
      const configuration = await client.configuration();
      const { subject, claims } = await signedClaims(provider, configuration, answerAt(row, callback.url), state, row);
      const person: Person = personOf(provider, subject, claims);
      const account = await this.#links.signIn(provider, person);
      const cookie = new BrowserCookie(row.stateHash, row.redirectUri).clear();
      return { interactionUid: row.interactionUid, account, cookie };
    });
  }

  async signOut(id: string, returnTo: string): Promise<string | undefined> {
    const client = this.#clients.get(id);
    return this.#told(client.provider, async () => {
      const configuration = await client.configuration();
      if (configuration.serverMetadata().end_session_endpoint === undefined) return undefined;
      return buildEndSessionUrl(configuration, { post_logout_redirect_uri: returnTo }).href;
    });
  }

  /** The sign-in that `state` belongs to. Taken before it is looked at, so that nothing can be tried twice. */
  async #take(callback: SsoCallback, state: string): Promise<SsoSignInRow> {
    const row = await takeSsoSignIn(this.#options.store, digest(state));
    const cookie = row === undefined ? undefined : new BrowserCookie(row.stateHash, row.redirectUri);
    const isOurs =
      row !== undefined &&
      row.providerId === callback.providerId &&
      row.expiresAt >= this.#now() &&
      cookie?.matches(callback.cookies, row.browserHash) === true;
    if (!isOurs) throw expired();
    return row;
  }

  /** Runs `work`; what goes wrong becomes an error for the page, and its reason is told. */
  async #told<T>(provider: SsoProviderConfig, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const problem = providerFault(provider.name, error);
      if (problem instanceof GatewayError) this.#options.onProblem?.(provider.id, problem);
      throw problem;
    }
  }
}

/** The redirect URI to register at the provider. */
export function callbackAddress(origin: string, providerId: string): string {
  return `${origin}/oidc/sso/${providerId}/callback`;
}

/** `state` of an answer, where it stands there once. @throws GatewayError `caller_sign_in_expired` */
function onlyState(url: URL): string {
  const [state, ...others] = url.searchParams.getAll('state');
  if (state === undefined || state.length > 256 || others.length > 0) throw expired();
  return state;
}

/** The answer's parameters at the redirect URI that was sent: the address the request came to may be written differently. */
function answerAt(row: SsoSignInRow, url: URL): URL {
  const answer = new URL(row.redirectUri);
  answer.search = url.search;
  return answer;
}

/** Redeems the code, checks the ID token, and asks userinfo for what is missing. @throws the library's errors. */
async function signedClaims(
  provider: SsoProviderConfig,
  configuration: Configuration,
  answer: URL,
  state: string,
  row: SsoSignInRow,
): Promise<{ readonly subject: string; readonly claims: Claims }> {
  const tokens = await authorizationCodeGrant(configuration, answer, {
    expectedState: state,
    expectedNonce: row.nonce,
    pkceCodeVerifier: row.codeVerifier,
    idTokenExpected: true,
  });
  const claims: Claims = { ...tokens.claims() };
  const subject = claims['sub'];
  if (typeof subject !== 'string' || subject === '' || subject.length > 255) {
    throw refused(`${provider.name} does not say who you are.`);
  }
  const canAsk = configuration.serverMetadata().userinfo_endpoint !== undefined;
  if (!canAsk || !lacksClaims(provider, claims)) return { subject, claims };
  const more = await fetchUserInfo(configuration, tokens.access_token, subject);
  return { subject, claims: mergeClaims(claims, more as Claims) };
}
