/** A page as a browser has it. */
export interface Loaded {
  readonly status: number;
  readonly url: string;
  readonly headers: Headers;
  readonly text: string;
}

interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly path: string;
}

/** As much of a browser as a sign-in needs: cookies by path, redirections, forms. It has no script. */
export class Browser {
  readonly #origin: string;
  #cookies: Cookie[] = [];
  /** Redirections are followed within the gateway; one that leads out ends the walk and stands here. */
  leftTo: string | undefined;

  constructor(origin: string) {
    this.#origin = origin;
  }

  cookieNames(): string[] {
    return this.#cookies.map(({ name }) => name);
  }

  get(url: string, headers: Readonly<Record<string, string>> = {}): Promise<Loaded> {
    return this.#walk(url, { headers });
  }

  /** Sends a form as this page would. */
  post(
    url: string,
    fields: Readonly<Record<string, string>>,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Loaded> {
    return this.#walk(url, {
      method: 'POST',
      body: new URLSearchParams(fields).toString(),
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'sec-fetch-site': 'same-origin',
        origin: 'null',
        ...headers,
      },
    });
  }

  /** Sends the form of a page that has this action, or ends so, with its hidden fields. */
  submit(
    page: Loaded,
    action: string,
    fields: Readonly<Record<string, string>> = {},
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Loaded> {
    const forms = [...page.text.matchAll(/<form[^>]*action="([^"]*)"[^>]*>(.*?)<\/form>/gs)];
    const form = forms.find(([, target]) => target?.endsWith(action));
    if (form === undefined) throw new Error(`no form ${action} in ${page.status} ${page.text}`);
    const hidden = [...(form[2] ?? '').matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)" ?\/?>/g)];
    const own = Object.fromEntries(hidden.map(([, name, value]) => [name ?? '', value ?? '']));
    return this.post(new URL(form[1] ?? '', page.url).href, { ...own, ...fields }, headers);
  }

  async #walk(start: string, init: RequestInit): Promise<Loaded> {
    this.leftTo = undefined;
    let url = new URL(start, this.#origin).href;
    let request = init;
    for (let hop = 0; hop < 12; hop++) {
      const path = new URL(url).pathname;
      const cookie = this.#cookies
        .filter((one) => path === one.path || path.startsWith(one.path.endsWith('/') ? one.path : `${one.path}/`))
        .map(({ name, value }) => `${name}=${value}`)
        .join('; ');
      const headers = { accept: 'text/html', ...(cookie === '' ? {} : { cookie }), ...(request.headers as object) };
      const response = await fetch(url, { ...request, headers, redirect: 'manual' });
      this.#keep(response.headers.getSetCookie());
      const text = await response.text();
      const location = response.headers.get('location');
      if (location === null) return { status: response.status, url, headers: response.headers, text };
      const next = new URL(location, url);
      if (next.origin !== this.#origin) {
        this.leftTo = location;
        return { status: response.status, url, headers: response.headers, text };
      }
      url = next.href;
      request = {};
    }
    throw new Error(`too many redirections, last to ${url}`);
  }

  #keep(lines: readonly string[]): void {
    for (const line of lines) {
      const [pair = '', ...attributes] = line.split('; ');
      const name = pair.slice(0, pair.indexOf('='));
      const value = pair.slice(pair.indexOf('=') + 1);
      const path = attributes.find((one) => /^path=/i.test(one))?.slice('path='.length) ?? '/';
      const isGone = attributes.some((one) => /^(expires=Thu, 01 Jan 1970|max-age=0)/i.test(one));
      this.#cookies = this.#cookies.filter((one) => one.name !== name || one.path !== path);
      if (!isGone) this.#cookies.push({ name, value, path });
    }
  }
}
