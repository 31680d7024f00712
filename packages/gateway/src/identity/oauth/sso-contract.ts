import type { Account } from '../directory.ts';

/** A company's identity provider, as the sign-in page shows it. */
export interface SsoProvider {
  /** `[a-z0-9-]+`, part of paths: `okta`. */
  readonly id: string;
  /** On the button: `Okta`. */
  readonly name: string;
}

/** Where the browser goes to sign in. */
export interface SsoStart {
  /** Address at the identity provider; answered as a 303. */
  readonly redirect: string;
  /** A whole `Set-Cookie` value that binds the sign-in to this browser, with `Path=/oidc/sso/`. */
  readonly cookie?: string | undefined;
}

/** A request of `GET /oidc/sso/{id}/callback` (or `POST`, for providers that answer with a form). */
export interface SsoCallback {
  readonly providerId: string;
  /** The whole address as the browser called it, on the gateway's origin. */
  readonly url: URL;
  /** The `Cookie` header; empty where there is none. */
  readonly cookies: string;
  readonly sourceIp: string;
  readonly userAgent: string | undefined;
}

export interface SsoFinish {
  /** The sign-in this belongs to: what `begin` was given, kept behind `state`. */
  readonly interactionUid: string;
  /** From `Directory.signedIn`; active. */
  readonly account: Account;
  /** A whole `Set-Cookie` value that ends the cookie of `begin`. */
  readonly cookie?: string | undefined;
}

/**
 * Sign-in through identity providers. The OAuth server calls it from its sign-in page and from the callback path, and
 * has checked before `begin` that the request comes from its own page.
 *
 * The callback path is `<origin>/oidc/sso/{id}/callback`. After `finish` the OAuth server checks once more that the browser is the
 * one that began the interaction; the implementation binds `state` to its own cookie all the same.
 */
export interface SsoProviders {
  /** In the order of the page; may change with the configuration. */
  list(): readonly SsoProvider[];
  /**
   * @param origin of the gateway as the browser sees it, without a slash at the end: what the callback is built on.
   * @throws GatewayError where the provider is unknown or cannot be reached; its message is shown on the page.
   */
  begin(id: string, interactionUid: string, origin: string): Promise<SsoStart>;
  /** @throws GatewayError where the sign-in failed or the user may not sign in; its message is shown on the page. */
  finish(callback: SsoCallback): Promise<SsoFinish>;
  /**
   * Where the browser goes to be signed out at the provider, too (OpenID Connect RP-Initiated Logout 1.0); `undefined`
   * where the provider has no such address.
   * @param returnTo an address of the gateway that is registered there as `post_logout_redirect_uri`.
   */
  signOut?(id: string, returnTo: string): Promise<string | undefined>;
}
