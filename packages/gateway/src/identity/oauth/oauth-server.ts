import type { IncomingMessage, ServerResponse } from 'node:http';
import { timingSafeEqual } from 'node:crypto';
import type Provider from 'oidc-provider';
import type { AuditLog } from '../../audit/audit-event.ts';
import type { OAuthConfig } from '../../config/oauth-settings.ts';
import type { ChangeWatcher } from '../../state/live-image.ts';
import {
  deleteExpiredOAuthRecords,
  deleteOAuthAccountRecords,
  deleteUnusedOAuthGrants,
  selectOAuthAccounts,
} from '../../state/oauth-repository.ts';
import { countChange } from '../../state/revisions.ts';
import type { Store } from '../../state/store.ts';
import type { Directory } from '../directory.ts';
import { devicePath } from '../pages/device-pages.ts';
import { expiredPage, foreignFormPage, messagePage, throttledPage } from '../pages/message-page.ts';
import { securityHeaders, sendPage } from '../pages/page.ts';
import { style, stylePath } from '../pages/style.ts';
import { answerAdjustments } from './answer-adjustments.ts';
import { authorizationQuery } from './authorization-query.ts';
import { callerOrigin, type Addresses } from './caller-origin.ts';
import { ClientDirectory } from './client-directory.ts';
import { currentExchange, runExchange, type Exchange } from './exchange.ts';
import { FormTokens, isOwnForm } from './form-guard.ts';
import { Handles } from './hashed-ids.ts';
import { Interactions } from './interactions.ts';
import { recordOAuthEvent } from './oauth-audit.ts';
import { auditProvider } from './provider-events.ts';
import { ProviderPages } from './provider-pages.ts';
import { ProviderPool } from './provider-pool.ts';
import type { RecordKeeping } from './record-adapter.ts';
import { oauthProblem, sendOAuthJson } from './oauth-answer.ts';
import { RegistrationEndpoint } from './registration-endpoint.ts';
import { BodyProblem, readForm } from './request-body.ts';
import { SigningKeys, type Secrets } from './signing-keys.ts';
import type { SsoProviders } from './sso-contract.ts';
import { addressKey, Throttle } from './throttle.ts';

const HOUR_MS = 3_600_000;
const UPKEEP_INTERVAL_MS = 10 * 60_000;
/** Bodies of this room are small; the library's own limit is 56 KiB. */
const MAX_BODY_BYTES = 56 * 1024;
/** Wrong device codes from one address in ten minutes. */
const MAX_WRONG_CODES = 10;
/** Records cleared away in one statement. */
const CLEAR_BATCH = 2000;

export interface OAuthServerOptions extends Addresses {
  readonly store: Store;
  readonly watcher: ChangeWatcher;
  readonly directory: Directory;
  /** Seals signing keys. */
  readonly secrets: Secrets;
  readonly settings: () => OAuthConfig;
  readonly sso: SsoProviders;
  /** Whether local users may sign in with a password. */
  readonly passwordSignIn: () => boolean;
  readonly audit: AuditLog;
  /** Told what went wrong inside; never with a token or password. */
  readonly onError: (error: unknown) => void;
  /** Milliseconds a body may take to arrive. Default 30,000. */
  readonly bodyTimeoutMs?: number;
  /** Milliseconds since 1970; for tests. The library has its own clock. */
  readonly now?: () => number;
}

/** The OAuth 2.1 and OpenID Connect server: everything below `/oidc/`. */
export class OAuthServer {
  readonly #options: OAuthServerOptions;
  readonly #now: () => number;
  readonly #keys: SigningKeys;
  readonly #pool: ProviderPool;
  readonly #clients: ClientDirectory;
  readonly #interactions: Interactions;
  readonly #wrongCodes: Throttle;
  readonly #registration: RegistrationEndpoint;
  #upkeepTimer: NodeJS.Timeout | undefined;

  private constructor(options: OAuthServerOptions, keys: SigningKeys) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#keys = keys;
    this.#wrongCodes = new Throttle(MAX_WRONG_CODES, 10 * 60_000, this.#now);
    const { directory, settings, sso, passwordSignIn, audit, onError } = options;
    const cookieKeys = (): readonly string[] => keys.current().cookieKeys;
    const keeping: RecordKeeping = {
      store: options.store,
      handles: new Handles(cookieKeys),
      directory,
      now: this.#now,
      reuseWindowMs: () => settings().refreshReuseWindowMs,
      unusedLifetimeMs: () => settings().registration.unusedLifetimeMs,
      onReuse: (record) => this.#reused(record.accountId, record.clientId),
    };
    this.#clients = new ClientDirectory(keeping, settings);
    this.#registration = new RegistrationEndpoint({
      store: options.store,
      clients: this.#clients,
      settings: () => settings().registration,
      audit,
      now: this.#now,
    });
    this.#pool = new ProviderPool({
      keys: () => keys.current(),
      settings,
      directory,
      clients: this.#clients,
      keeping,
      pages: new ProviderPages(directory, () => this.#wrongCodes.count(addressKey(currentExchange()?.sourceIp ?? ''))),
      adjust: answerAdjustments(this.#now),
      onError,
      onProvider: (provider) => auditProvider(provider, { audit, directory, clients: this.#clients, now: this.#now }),
    });
    this.#interactions = new Interactions({
      directory,
      sso,
      passwordSignIn,
      tokens: new FormTokens(cookieKeys),
      audit,
      now: this.#now,
    });
  }

  /** Opens the server: reads its keys or makes the first ones, and begins with its upkeep. */
  static async open(options: OAuthServerOptions): Promise<OAuthServer> {
    const keys = await SigningKeys.open(options.watcher, options.secrets, options.now);
    const server = new OAuthServer(options, keys);
    server.#scheduleUpkeep();
    return server;
  }

  /** The gateway's origin as a caller sees it. */
  originOf(headers: IncomingMessage['headers']): string {
    return callerOrigin(headers, this.#options);
  }

  /**
   * Answers a request below `/oidc/`. Never rejects for what callers do.
   * @param path decoded by nobody: `/oidc/v1/token?…` as it came; or another path that stands for one of these.
   */
  async handle(
    request: IncomingMessage,
    response: ServerResponse,
    requestId: string,
    sourceIp: string,
    path: string = request.url ?? '/',
  ): Promise<void> {
    const url = URL.parse(path, 'http://gateway');
    if (url === null || !url.pathname.startsWith('/oidc/')) return sendPage(response, notFoundPage);
    const exchange: Exchange = {
      requestId,
      sourceIp,
      userAgent: request.headers['user-agent']?.slice(0, 512),
      origin: this.originOf(request.headers),
      path: url.pathname.slice('/oidc'.length),
      userCode: url.searchParams.get('user_code')?.slice(0, 32) ?? undefined,
    };
    response.setHeader('x-request-id', requestId);
    for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value);
    const guard = this.#guardBody(request, response);
    try {
      await runExchange(exchange, () => this.#route(exchange, request, response, url));
    } catch (error) {
      if (!(error instanceof BodyProblem)) this.#options.onError(error);
      if (response.headersSent) return void response.destroy();
      const status = error instanceof BodyProblem ? error.status : 500;
      const text = error instanceof BodyProblem ? error.message : `The gateway failed. The request id is ${requestId}.`;
      if (exchange.path === '/v1/register') {
        return sendOAuthJson(response, status, oauthProblem(status === 500 ? 'server_error' : 'invalid_request', text));
      }
      sendPage(response, messagePage(status, 'That did not work', text));
    } finally {
      guard.done();
    }
  }

  /** Ends everything an account has: tokens, grants, sessions of browsers. In force everywhere within a second. */
  async revokeAccount(accountId: string): Promise<void> {
    await this.#options.store.transaction(async (tx) => {
      await deleteOAuthAccountRecords(tx, accountId);
      await countChange(tx, 'tokens');
    });
  }

  /** Clears away what has expired and what belongs to accounts that are gone, and changes keys that are due. Runs by itself from time to time. */
  async upkeep(): Promise<void> {
    await this.#keys.rotate();
    const now = this.#now();
    while ((await deleteExpiredOAuthRecords(this.#options.store, now, CLEAR_BATCH)) === CLEAR_BATCH);
    await deleteUnusedOAuthGrants(this.#options.store, now - 24 * HOUR_MS);
    for (const id of await selectOAuthAccounts(this.#options.store)) {
      if (this.#options.directory.byId(id)?.active !== true) await this.revokeAccount(id);
    }
  }

  /** Ends the upkeep. The store stays open. */
  close(): void {
    clearTimeout(this.#upkeepTimer);
    this.#upkeepTimer = undefined;
  }

  async #route(exchange: Exchange, request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const { path, origin } = exchange;
    const method = request.method ?? 'GET';
    if (url.pathname === stylePath && (method === 'GET' || method === 'HEAD')) return sendStyle(response, method);
    if (path === '/v1/register') return this.#registration.answer(exchange, request, response);
    adoptOrigin(request, origin);
    const { provider, answer } = this.#pool.of(origin);
    if (this.#interactions.accepts(path)) {
      return this.#interactions.handle(provider, exchange, request, response, url.search);
    }
    const isForm = method === 'POST' && /^\/(device|switch-account|v1\/end_session)(\/|$)/.test(path);
    if (isForm && !isOwnForm(request.headers, origin)) return sendPage(response, foreignFormPage());
    if (path === '/switch-account') return switchAccount(provider, request, response);
    if (path === '/device' && method === 'POST') {
      const wait = this.#wrongCodes.waitSeconds(addressKey(exchange.sourceIp));
      if (wait > 0) {
        response.setHeader('retry-after', String(wait));
        return sendPage(response, throttledPage(wait));
      }
    }
    const search = path === '/v1/authorize' ? authorizationQuery(url.searchParams, url.search) : url.search;
    // A code in the address is only shown in the form: the library would have a script send it.
    request.url = path + (path === '/device' ? '' : search);
    Object.assign(request, { originalUrl: `/oidc${request.url}` });
    await answer(request, response);
  }

  /** Breaks off bodies that are too slow, and does not wait for what nobody reads. */
  #guardBody(request: IncomingMessage, response: ServerResponse): { done(): void } {
    if (request.method !== 'POST') return { done: () => {} };
    response.once('finish', () => {
      if (!request.complete) request.socket.destroySoon();
    });
    const timer = setTimeout(() => {
      if (request.complete) return;
      if (!response.headersSent) {
        response.setHeader('connection', 'close');
        sendOAuthJson(response, 408, oauthProblem('invalid_request', 'The body did not arrive in time.'));
      }
      request.destroy();
    }, this.#options.bodyTimeoutMs ?? 30_000).unref();
    const length = Number(request.headers['content-length'] ?? 0);
    if (!(length <= MAX_BODY_BYTES)) response.setHeader('connection', 'close');
    return { done: () => clearTimeout(timer) };
  }

  #reused(accountId: string | null, clientId: string | null): void {
    if (currentExchange()?.path !== '/v1/token') return;
    recordOAuthEvent(
      this.#options.audit,
      {
        action: 'refreshTokenReused',
        account: this.#options.directory.byId(accountId ?? ''),
        status: 400,
        errorCode: 'caller_unauthenticated',
        errorMessage: 'A refresh token was used after it had been replaced; the sign-in was ended.',
        parameters: { client_id: clientId ?? '' },
      },
      this.#now(),
    );
  }

  #scheduleUpkeep(): void {
    this.#upkeepTimer = setTimeout(() => {
      void this.upkeep()
        .catch(this.#options.onError)
        .finally(() => {
          if (this.#upkeepTimer !== undefined) this.#scheduleUpkeep();
        });
    }, UPKEEP_INTERVAL_MS).unref();
  }
}

const notFoundPage = messagePage(404, 'Not found', 'There is no such page.');

/** Lets the library build addresses on the origin, whatever the headers of the request say. */
function adoptOrigin(request: IncomingMessage, origin: string): void {
  const { host, protocol } = new URL(origin);
  for (const name of ['x-forwarded-host', 'x-forwarded-for', 'forwarded', 'x-forwarded-port']) {
    Reflect.deleteProperty(request.headers, name);
  }
  request.headers.host = host;
  request.headers['x-forwarded-proto'] = protocol.slice(0, -1);
}

/** Signs the browser out on the device page, and asks for the code again. */
async function switchAccount(provider: Provider, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const form = request.method === 'POST' ? await readForm(request, 4096) : new Map<string, string>();
  const session = await provider.Session.get(provider.createContext(request, response));
  const secret = Buffer.from(String((session['state'] as { secret?: unknown } | undefined)?.secret ?? ''));
  const given = Buffer.from(form.get('xsrf') ?? '');
  if (secret.length === 0 || secret.length !== given.length || !timingSafeEqual(secret, given)) {
    return sendPage(response, expiredPage());
  }
  await session.destroy();
  const code = encodeURIComponent((form.get('user_code') ?? '').slice(0, 32));
  response.writeHead(303, { location: `${devicePath}?user_code=${code}`, 'content-length': '0' });
  response.end();
}

function sendStyle(response: ServerResponse, method: string): void {
  response.writeHead(200, {
    'content-type': 'text/css; charset=utf-8',
    'cache-control': 'public, max-age=3600',
    'content-length': String(Buffer.byteLength(style)),
  });
  response.end(method === 'HEAD' ? undefined : style);
}
