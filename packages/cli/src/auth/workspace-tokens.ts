import type { Transport } from '../platform/transport.ts';
import { withFileLock } from '../files/file-lock.ts';
import { WorkspaceError } from '../workspace/client.ts';
import { findOAuthServer, grantOf, OAuthRefusal, postForm } from './oauth-server.ts';
import { SignInNeeded, type AccessToken, type Credential, type CredentialStore, type TokenSource } from './token.ts';

/** A token is renewed when it is valid for less than this, milliseconds. */
const RENEW_BEFORE_MS = 5 * 60_000;
/** A token that is valid this long still serves where it cannot be renewed. */
const USABLE_MS = 5_000;
/** How long other processes may take to renew it. */
const LOCK_TIMEOUT_MS = 30_000;

export interface WorkspaceTokensOptions {
  readonly workspaceUrl: string;
  readonly credentials: CredentialStore;
  readonly transport: Transport;
  /** A file that one process at a time holds while it renews the token. */
  readonly lockFile: string;
  readonly now?: () => number;
}

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

  async token({ force = false } = {}): Promise<AccessToken> {
    const known = this.#known;
    if (!force && known !== undefined && this.#isFresh(known)) return known;
    this.#renewing ??= this.#find(force ? known : undefined).finally(() => (this.#renewing = undefined));
    return (this.#known = await this.#renewing);
  }

  /** @param refused a token that the gateway has refused: any other will do. */
  async #find(refused: AccessToken | undefined): Promise<AccessToken> {
    const { credentials, workspaceUrl, lockFile } = this.#options;
    const before = this.#usable(await credentials.get(workspaceUrl), refused);
    if (before !== undefined) return before;
    return withFileLock(lockFile, LOCK_TIMEOUT_MS, async () => {
      const credential = await credentials.get(workspaceUrl);
      const meanwhile = this.#usable(credential, refused);
      if (meanwhile !== undefined) return meanwhile;
      if (credential?.kind === 'oauth') return this.#refresh(credential);
      if (credential?.kind === 'service-principal') return this.#asServicePrincipal(credential);
      throw new SignInNeeded(
        workspaceUrl,
        credential === undefined
          ? `You are not signed in to ${workspaceUrl}.`
          : 'The personal access token is not accepted.',
      );
    });
  }

  #usable(credential: Credential | undefined, refused: AccessToken | undefined): AccessToken | undefined {
    if (credential?.kind === 'personal-access-token' && refused?.value !== credential.token) {
      return { value: credential.token, expiresAt: undefined };
    }
    if (credential?.kind !== 'oauth' || credential.access.value === refused?.value) return undefined;
    return this.#isFresh(credential.access) ? credential.access : undefined;
  }

  #isFresh({ expiresAt }: AccessToken): boolean {
    return expiresAt === undefined || expiresAt - this.#now() > RENEW_BEFORE_MS;
  }

  async #refresh(credential: Extract<Credential, { kind: 'oauth' }>): Promise<AccessToken> {
    const { workspaceUrl, transport, credentials } = this.#options;
    try {
      const server = await findOAuthServer(workspaceUrl, transport);
      const now = this.#now();
      const form = {
        grant_type: 'refresh_token',
        refresh_token: credential.refreshToken,
        client_id: credential.clientId,
      };
      const grant = grantOf(await postForm(server.tokenEndpoint, form, transport), now);
      await credentials.set(workspaceUrl, {
        ...credential,
        access: grant.access,
        refreshToken: grant.refreshToken ?? credential.refreshToken,
      });
      return grant.access;
    } catch (error) {
      if (error instanceof OAuthRefusal) throw new SignInNeeded(workspaceUrl, 'Your sign-in has ended.');
      const { expiresAt } = credential.access;
      const stillValid = expiresAt === undefined || expiresAt - this.#now() > USABLE_MS;
      if (error instanceof WorkspaceError && stillValid && this.#known?.value !== credential.access.value)
        return credential.access;
      throw error;
    }
  }

  async #asServicePrincipal(credential: Extract<Credential, { kind: 'service-principal' }>): Promise<AccessToken> {
    const { workspaceUrl, transport } = this.#options;
    const server = await findOAuthServer(workspaceUrl, transport);
    const now = this.#now();
    try {
      const form = { grant_type: 'client_credentials', scope: 'all-apis' };
      return grantOf(await postForm(server.tokenEndpoint, form, transport, credential), now).access;
    } catch (error) {
      if (error instanceof OAuthRefusal)
        throw new SignInNeeded(workspaceUrl, "The service principal's id or secret is not accepted.");
      throw error;
    }
  }
}
