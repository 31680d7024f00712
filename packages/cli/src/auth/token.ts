/** An access token, ready to be sent. */
export interface AccessToken {
  readonly value: string;
  /** Milliseconds since 1970; `undefined`: not known, or it does not expire. */
  readonly expiresAt: number | undefined;
}

/** Who signed in where, and how tokens are had from then on. Kept in the keychain, or in a 0600 file. */
export type Credential =
  | { readonly kind: 'oauth'; readonly clientId: string; readonly refreshToken: string; readonly access: AccessToken }
  | { readonly kind: 'personal-access-token'; readonly token: string }
  | { readonly kind: 'service-principal'; readonly clientId: string; readonly clientSecret: string };

/** Where credentials are kept, by workspace URL. */
export interface CredentialStore {
  /** `keychain` or the path of the file, for `status`. */
  readonly place: string;
  get(workspaceUrl: string): Promise<Credential | undefined>;
  set(workspaceUrl: string, credential: Credential): Promise<void>;
  delete(workspaceUrl: string): Promise<void>;
}

/** Tokens for one workspace: fresh, refreshed once however many processes ask at the same time. */
export interface TokenSource {
  /**
   * A token that is valid for at least a minute more.
   * @param options `force`: a new one even if the old seems valid (it was refused with 401).
   * @throws SignInNeeded
   */
  token(options?: { readonly force?: boolean }): Promise<AccessToken>;
}

/** Nobody is signed in, or the sign-in has ended. */
export class SignInNeeded extends Error {
  readonly workspaceUrl: string;

  constructor(workspaceUrl: string, why: string) {
    super(`${why} Sign in with: ucode login ${workspaceUrl}`);
    this.name = 'SignInNeeded';
    this.workspaceUrl = workspaceUrl;
  }
}
