import type { Transport } from '../platform/transport.ts';
import { withFileLock } from '../files/file-lock.ts';
import { findOAuthServer, grantOf, OAuthRefusal, postForm } from './oauth-server.ts';
import {
  isFresh,
  SignInNeeded,
  type AccessToken,
  type Credential,
  type CredentialStore,
  type TokenSource,
} from './token.ts';

/** A token that is valid this long still serves where it cannot be renewed. */
const USABLE_MS = 5_000;
/** How long other processes may take to renew it: as long as one that hangs at every step. */
export const RENEWAL_LOCK_TIMEOUT_MS = 75_000;
/** Refusals that end a sign-in (RFC 6749 5.2); after any other the same refresh token may work again. */
const FINAL = new Set(['invalid_grant', 'invalid_client', 'unauthorized_client']);

export interface WorkspaceTokensOptions {
  readonly workspaceUrl: string;
  readonly credentials: CredentialStore;
  readonly transport: Transport;
  /** A file that one process at a time holds while it renews the token. */
  readonly lockFile: string;
  readonly now?: () => number;
}

type OAuthCredential = Extract<Credential, { kind: 'oauth' }>;

/**
 * Tokens of somebody who has signed in. However many processes ask at once, one renews: the others find the new token
 * when they get the lock.
 */
export class WorkspaceTokens implements TokenSource {
  readonly #options: WorkspaceTokensOptions;
  readonly #now: () => number;
  #known: AccessToken | undefined;
  #renewing: Promise<AccessToken> | undefined;

  constructor(options: WorkspaceTokensOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  async token({ refused }: { readonly refused?: string | undefined } = {}): Promise<AccessToken> {
    const known = this.#known;
    if (known !== undefined && known.value !== refused && isFresh(known, this.#now())) return known;
    if (this.#renewing !== undefined) {
      // Somebody who asked without knowing of the refusal may get just that token.
      const found = await this.#renewing;
      if (found.value !== refused) return found;
    }
    this.#renewing ??= this.#find(refused).finally(() => (this.#renewing = undefined));
    return (this.#known = await this.#renewing);
  }

  async #find(refused: string | undefined): Promise<AccessToken> {
    const { credentials, workspaceUrl, lockFile } = this.#options;
    const before = await credentials.get(workspaceUrl);
    const usable = this.#usable(before, refused);
    if (usable !== undefined) return usable;
    const old = (before as OAuthCredential).access;
    try {
      return await withFileLock(lockFile, RENEWAL_LOCK_TIMEOUT_MS, async () => {
        const credential = await credentials.get(workspaceUrl);
        return this.#usable(credential, old.value) ?? (await this.#refresh(credential as OAuthCredential));
      });
    } catch (error) {
      const serves = old.value !== refused && (old.expiresAt ?? Infinity) - this.#now() > USABLE_MS;
      if (serves && !(error instanceof SignInNeeded)) return old;
      throw error;
    }
  }

  /** A token that needs no renewal; `undefined` where there is one to renew. */
  #usable(credential: Credential | undefined, refused: string | undefined): AccessToken | undefined {
    const { workspaceUrl } = this.#options;
    if (credential === undefined) throw new SignInNeeded(workspaceUrl, `You are not signed in to ${workspaceUrl}.`);
    if (credential.kind === 'oauth') {
      const { access } = credential;
      return access.value !== refused && isFresh(access, this.#now()) ? access : undefined;
    }
    if (credential.token === refused)
      throw new SignInNeeded(workspaceUrl, 'The personal access token is not accepted.');
    return { value: credential.token, expiresAt: undefined };
  }

  async #refresh(credential: OAuthCredential): Promise<AccessToken> {
    const { workspaceUrl, transport, credentials } = this.#options;
    if (credential.refreshToken === '') throw new SignInNeeded(workspaceUrl, 'Your sign-in has ended.');
    // A refresh token serves once: what comes back must find its place.
    await credentials.set(workspaceUrl, credential);
    try {
      const server = await findOAuthServer(workspaceUrl, transport);
      const now = this.#now();
      const form = {
        grant_type: 'refresh_token',
        refresh_token: credential.refreshToken,
        client_id: credential.clientId,
      };
      const grant = grantOf(await postForm(server.tokenEndpoint, form, transport), now);
      const refreshToken = grant.refreshToken ?? credential.refreshToken;
      await credentials.set(workspaceUrl, { ...credential, access: grant.access, refreshToken });
      return grant.access;
    } catch (error) {
      if (error instanceof OAuthRefusal && FINAL.has(error.code))
        throw new SignInNeeded(workspaceUrl, 'Your sign-in has ended.');
      throw error;
    }
  }
}
