/** What Keycloak's pages are, to a client without scripts: cookies, forms and redirects. */
export class KeycloakVisitor {
  readonly #cookies = new Map<string, string>();

  /** Opens the sign-in address. Gives the page, or where Keycloak sends the browser on to at once. */
  async open(address: string): Promise<{ readonly page: string; readonly sentTo: URL | undefined }> {
    return this.#read(await this.#fetch(address));
  }

  /** Fills the sign-in form. Gives where the browser is sent then; `undefined` where the form comes again, with its page. */
  async signIn(
    address: string,
    username: string,
    password: string,
  ): Promise<{ readonly page: string; readonly sentTo: URL | undefined }> {
    const { page, sentTo } = await this.open(address);
    if (sentTo !== undefined) return { page, sentTo };
    const action = /<form[^>]*id="kc-form-login"[^>]*action="([^"]+)"/.exec(page)?.[1];
    if (action === undefined) throw new Error(`Keycloak shows no sign-in form:\n${page}`);
    const body = new URLSearchParams({ username, password, credentialId: '' });
    return this.#read(await this.#fetch(action.replaceAll('&amp;', '&'), { method: 'POST', body }));
  }

  async #read(response: Response): Promise<{ readonly page: string; readonly sentTo: URL | undefined }> {
    const location = response.headers.get('location');
    return { page: await response.text(), sentTo: location === null ? undefined : new URL(location) };
  }

  async #fetch(address: string, init: RequestInit = {}): Promise<Response> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(address, { ...init, redirect: 'manual', headers: { cookie } });
    for (const line of response.headers.getSetCookie()) {
      const pair = line.split(';')[0] ?? '';
      const equals = pair.indexOf('=');
      this.#cookies.set(pair.slice(0, equals), pair.slice(equals + 1));
    }
    return response;
  }
}
