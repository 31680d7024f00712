import { hash, randomBytes, timingSafeEqual } from 'node:crypto';

/** Path of everything that begins and ends a sign-in. */
const PATH = '/oidc/sso/';

/** SHA-256, hex. */
export function digest(text: string): string {
  return hash('sha256', text, 'hex');
}

/**
 * The cookie that ties one sign-in to one browser. Its name has part of the state's hash, so that sign-ins in several tabs
 * do not take each other's away. Lax, since the browser comes back from another site; never without TLS where
 * there is TLS.
 */
export class BrowserCookie {
  readonly #name: string;
  readonly #secure: boolean;

  constructor(stateHash: string, origin: string) {
    this.#secure = origin.startsWith('https:');
    this.#name = `${this.#secure ? '__Secure-' : ''}ucode-sso-${stateHash.slice(0, 12)}`;
  }

  /** A new secret: what the browser gets, and the hash that is kept. */
  make(lifetimeSeconds: number): { readonly header: string; readonly browserHash: string } {
    const secret = randomBytes(32).toString('base64url');
    return { header: this.#header(secret, lifetimeSeconds), browserHash: digest(secret) };
  }

  /** Whether a `Cookie` header has the secret of this hash. */
  matches(cookies: string, browserHash: string): boolean {
    const expected = Buffer.from(browserHash, 'hex');
    return cookies.split(';').some((pair) => {
      const equals = pair.indexOf('=');
      if (equals < 0 || pair.slice(0, equals).trim() !== this.#name) return false;
      return timingSafeEqual(hash('sha256', pair.slice(equals + 1).trim(), 'buffer'), expected);
    });
  }

  /** Ends the cookie. */
  clear(): string {
    return this.#header('', 0);
  }

  #header(value: string, maxAge: number): string {
    const attributes = [
      `Path=${PATH}`,
      `Max-Age=${maxAge}`,
      'HttpOnly',
      'SameSite=Lax',
      ...(this.#secure ? ['Secure'] : []),
    ];
    return `${this.#name}=${value}; ${attributes.join('; ')}`;
  }
}
