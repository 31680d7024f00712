import { asObject, asText } from '../lib/json-object.ts';

/** An access token, ready to be sent. */
export interface AccessToken {
  readonly value: string;
  /** Milliseconds since 1970; `undefined`: not known, or it does not expire. */
  readonly expiresAt: number | undefined;
  /** When it was asked for, milliseconds since 1970 by the same clock; absent where it does not expire. */
  readonly issuedAt?: number;
}

/** A token is renewed when it is valid for less than this, milliseconds, or for less than half its life. */
const RENEW_BEFORE_MS = 5 * 60_000;
/** By how much clocks are corrected without anybody noticing, milliseconds. */
const CLOCK_CORRECTION_MS = 60_000;

/** Whether a token may be handed out. One from the future may not: the clock was set back, nobody knows its age. */
export function isFresh({ expiresAt, issuedAt }: AccessToken, now: number): boolean {
  if (expiresAt === undefined) return true;
  if (issuedAt === undefined) return expiresAt - now > RENEW_BEFORE_MS;
  if (issuedAt - now > CLOCK_CORRECTION_MS) return false;
  return expiresAt - now > Math.min(RENEW_BEFORE_MS, (expiresAt - issuedAt) / 2);
}

/** Who signed in where, and how tokens are had from then on. Kept in the keychain, or in a 0600 file. */
export type Credential =
  | { readonly kind: 'oauth'; readonly clientId: string; readonly refreshToken: string; readonly access: AccessToken }
  | { readonly kind: 'personal-access-token'; readonly token: string };

/** A credential as it was kept; `undefined` where it is none. */
export function credentialOf(value: unknown): Credential | undefined {
  const { kind, token, clientId, refreshToken, access } = asObject(value) ?? {};
  if (kind === 'personal-access-token') return asText(token) === undefined ? undefined : (value as Credential);
  const complete =
    kind === 'oauth' &&
    asText(clientId) !== undefined &&
    typeof refreshToken === 'string' &&
    asText(asObject(access)?.['value']) !== undefined;
  return complete ? (value as Credential) : undefined;
}

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
   * A token that is good for the next minutes.
   * @param options `refused`: a token that the gateway has refused with 401 though it seemed valid; any other will do.
   * @throws SignInNeeded
   */
  token(options?: { readonly refused?: string | undefined }): Promise<AccessToken>;
}

/** Nobody is signed in, or the sign-in has ended. */
export class SignInNeeded extends Error {
  readonly workspaceUrl: string;

  constructor(workspaceUrl: string, why: string, cure = `Sign in with: ucode login ${workspaceUrl}`) {
    super(`${why} ${cure}`);
    this.name = 'SignInNeeded';
    this.workspaceUrl = workspaceUrl;
  }
}
