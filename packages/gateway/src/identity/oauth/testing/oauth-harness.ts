import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { AuditEvent } from '../../../audit/audit-event.ts';
import type { OAuthConfig } from '../../../config/oauth-settings.ts';
import { ChangeWatcher } from '../../../state/live-image.ts';
import { openStore, type Store, type StoreLocation } from '../../../state/store.ts';
import { OAuthServer, type OAuthServerOptions } from '../oauth-server.ts';
import { OAuthTokens } from '../oauth-tokens.ts';
import type { SsoProviders } from '../sso-contract.ts';
import { Browser, type Loaded } from './browser.ts';
import { FakeDirectory } from './fake-directory.ts';

export const defaultSettings: OAuthConfig = {
  accessTokenLifetimeMs: 3_600_000,
  refreshTokenLifetimeMs: 30 * 86_400_000,
  refreshReuseWindowMs: 60_000,
  sessionLifetimeMs: 12 * 3_600_000,
  clients: [],
  registration: { enabled: true, maxPerHour: 30, maxClients: 1000, unusedLifetimeMs: 30 * 86_400_000 },
};

/** Tokens as the endpoint gives them. */
export interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly scope: string;
  readonly expires_in: number;
  readonly token_type: string;
  readonly id_token?: string;
}

const noSso: SsoProviders = {
  list: () => [],
  begin: () => Promise.reject(new Error('not here')),
  finish: () => Promise.reject(new Error('not here')),
};

/** An OAuth server on a listener of loopback, with a store of its own. */
export class OAuthHarness {
  readonly store: Store;
  readonly directory = new FakeDirectory();
  readonly events: AuditEvent[] = [];
  readonly errors: unknown[] = [];
  settings: OAuthConfig = defaultSettings;
  sso: SsoProviders = noSso;
  passwordSignIn = true;
  publicUrl: string | undefined;
  /** Added to the clock of the gateway, milliseconds. */
  clockOffset = 0;
  origin = '';
  server!: OAuthServer;
  readonly #dataDirectory: string;
  readonly #watcher: ChangeWatcher;
  #listener: Server | undefined;

  private constructor(store: Store, dataDirectory: string) {
    this.store = store;
    this.#dataDirectory = dataDirectory;
    this.#watcher = new ChangeWatcher(store, (error) => this.errors.push(error), 20);
  }

  /** @param location of a store to share; without it, one of its own. */
  static async start(options: Partial<OAuthServerOptions> = {}, location?: StoreLocation): Promise<OAuthHarness> {
    const dataDirectory = mkdtempSync(path.join(tmpdir(), 'ucode-oauth-'));
    const harness = new OAuthHarness(await openStore(location ?? { dataDirectory }), dataDirectory);
    harness.directory.add('101', 'ada@example.com', { displayName: 'Ada' });
    harness.directory.add('102', 'bob@example.com');
    harness.directory.add('900', 'd0c5f0a2-robot', { type: 'SERVICE_PRINCIPAL', displayName: 'Robot' });
    harness.server = await OAuthServer.open({
      store: harness.store,
      watcher: harness.#watcher,
      directory: harness.directory,
      secrets: {
        seal: (plain) => `sealed:${Buffer.from(plain).toString('base64')}`,
        open: (text) => Buffer.from(text.slice(7), 'base64').toString(),
      },
      settings: () => harness.settings,
      publicUrl: () => harness.publicUrl,
      origin: () => harness.origin,
      sso: {
        list: () => harness.sso.list(),
        begin: (...a) => harness.sso.begin(...a),
        finish: (a) => harness.sso.finish(a),
      },
      passwordSignIn: () => harness.passwordSignIn,
      audit: { record: (event) => harness.events.push(event) },
      onError: (error) => harness.errors.push(error),
      now: () => Date.now() + harness.clockOffset,
      ...options,
    });
    const listener = createServer((request, response) => {
      void harness.server.handle(request, response, 'request-1', '203.0.113.9');
    });
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    harness.#listener = listener;
    harness.origin = `http://localhost:${(listener.address() as AddressInfo).port}`;
    return harness;
  }

  async stop(): Promise<void> {
    this.server.close();
    this.#watcher.close();
    this.#listener?.closeAllConnections();
    await new Promise((resolve) => this.#listener?.close(resolve));
    await this.store.close();
    rmSync(this.#dataDirectory, { recursive: true, force: true });
  }

  browser(): Browser {
    return new Browser(this.origin);
  }

  /** What the store finds for an access token. */
  find(token: string) {
    return new OAuthTokens(this.store, () => Date.now() + this.clockOffset).find(
      createHash('sha256').update(token).digest(),
    );
  }

  /** Posts a form as an application does. */
  async form(
    endpoint: string,
    fields: Readonly<Record<string, string>>,
    headers: Readonly<Record<string, string>> = {},
  ) {
    const response = await fetch(`${this.origin}/oidc/v1/${endpoint}`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      body: new URLSearchParams(fields).toString(),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, json: parse(text) };
  }

  /** Walks through sign-in with a password. @returns the last page; `browser.leftTo` is where the answer went. */
  async signIn(browser: Browser, address: string, userName = 'ada@example.com'): Promise<Loaded> {
    const page = await browser.get(address);
    if (!page.text.includes('name="password"')) return page;
    return browser.submit(page, '/sign-in', { user_name: userName, password: `${userName}-secret` });
  }

  /** The whole login of the databricks CLI. */
  async databricksLogin(browser = this.browser(), userName = 'ada@example.com'): Promise<Tokens> {
    const { address, verifier, redirectUri } = authorization(this.origin);
    await this.signIn(browser, address, userName);
    const code = new URL(browser.leftTo ?? 'none:').searchParams.get('code') ?? '';
    const { status, text, json } = await this.form('token', {
      grant_type: 'authorization_code',
      code,
      redirect_uri: redirectUri,
      client_id: 'databricks-cli',
      code_verifier: verifier,
    });
    if (status !== 200) throw new Error(`token: ${status} ${text}`);
    return json as unknown as Tokens;
  }

  refresh(token: string, fields: Readonly<Record<string, string>> = {}) {
    return this.form('token', {
      grant_type: 'refresh_token',
      refresh_token: token,
      client_id: 'databricks-cli',
      ...fields,
    });
  }
}

/** An authorization request as the databricks CLI makes it; each field can be changed or, with `undefined`, left out. */
export function authorization(origin: string, change: Readonly<Record<string, string | undefined>> = {}) {
  const verifier = randomBytes(32).toString('base64url');
  const redirectUri = change['redirect_uri'] ?? 'http://localhost:8020';
  const fields: Record<string, string | undefined> = {
    client_id: 'databricks-cli',
    response_type: 'code',
    redirect_uri: redirectUri,
    scope: 'offline_access all-apis',
    state: 'a state/with+marks',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...change,
  };
  const query = new URLSearchParams(
    Object.entries(fields).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  return { address: `${origin}/oidc/v1/authorize?${query}`, verifier, redirectUri, query };
}

function parse(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}
