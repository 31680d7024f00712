import type { IncomingHttpHeaders } from 'node:http';
import { GatewayError } from '../errors/gateway-error.ts';
import { Turnstile } from '../lib/turnstile.ts';
import { within } from '../lib/within.ts';
import type { ChangeWatcher } from '../state/live-image.ts';
import { readBearer, unauthenticated } from './bearer.ts';
import type { Directory } from './directory.ts';
import type { Principal } from './principal.ts';
import { RecentMap } from './recent-map.ts';
import type { FoundToken, TokenSource } from './token-source.ts';
import { TokenUses } from './token-uses.ts';
import { hashToken, tokenPrefix } from './tokens.ts';

/** Valid tokens kept in memory. */
const CACHED_TOKENS = 25_000;
/** Tokens that are looked for in the store at a time, and that may wait for it. */
const LOOK_UPS = 16;
const WAITING_LOOK_UPS = 1_000;
/** Longer ones are none of ours. */
const MAX_TOKEN_LENGTH = 8_192;
/** How old what is known of the store may be before nobody is let in, milliseconds. */
const STALE_LIMIT_MS = 5_000;
/** How long a caller waits for a look at the store in that case, milliseconds. */
const CHECK_WAIT_MS = 2_000;

export interface AuthenticatorOptions {
  readonly watcher: ChangeWatcher;
  readonly directory: Pick<Directory, 'byId'> & {
    /** A new object after any change of people or groups. */
    readonly revision: object;
  };
  /** Asked in this order. */
  readonly sources: readonly TokenSource[];
  /** Default 5,000. */
  readonly staleLimitMs?: number;
  /** Milliseconds since 1970; for tests. */
  readonly now?: () => number;
  /** Told when `last_used_at` could not be written. Requests go on. */
  readonly onError?: (error: unknown) => void;
}

/** A valid token, of the people in force when it was found; dropped with them. */
interface CachedToken {
  readonly source: TokenSource;
  readonly found: FoundToken;
  readonly principal: Principal;
}

/**
 * Finds out who calls. One hash and one map look-up per request, without waiting; the map holds valid tokens only, by
 * their whole SHA-256, and is dropped when people, groups or tokens change, so a revocation by any gateway is in force
 * within a second. Where the store cannot be asked for changes, nobody is let in.
 */
export class Authenticator {
  readonly #options: AuthenticatorOptions;
  readonly #sources: TokenSource[] = [];
  readonly #staleLimitMs: number;
  readonly #now: () => number;
  readonly #cached = new RecentMap<CachedToken>(CACHED_TOKENS);
  readonly #lookingFor = new Map<string, Promise<CachedToken>>();
  readonly #turnstile = new Turnstile(LOOK_UPS, WAITING_LOOK_UPS);
  readonly #uses: TokenUses;
  #revision: object;
  /** Changes whenever the cache is dropped: what was being looked for then is not kept. */
  #generation = 0;

  constructor(options: AuthenticatorOptions) {
    this.#options = options;
    this.#staleLimitMs = options.staleLimitMs ?? STALE_LIMIT_MS;
    this.#now = options.now ?? Date.now;
    this.#uses = new TokenUses(options.onError ?? (() => {}));
    this.#revision = options.directory.revision;
    for (const source of options.sources) this.addSource(source);
  }

  /** Another kind of token. */
  addSource(source: TokenSource): void {
    this.#sources.push(source);
    source.onChange?.(() => this.forget());
  }

  /** Drops what is known of tokens, after any of them was revoked. */
  forget(): void {
    this.#generation++;
    this.#cached.clear();
    this.#lookingFor.clear();
  }

  /**
   * Who calls; at once where the token is known. May throw at once and may reject.
   * @throws GatewayError `caller_unauthenticated` (its message never holds the token), `gateway_state_unavailable`,
   * `policy_throttled` where too many unknown tokens are being looked for.
   */
  authenticate(headers: IncomingHttpHeaders): Principal | Promise<Principal> {
    const token = readBearer(headers);
    if (token.length > MAX_TOKEN_LENGTH) throw unknownToken(token);
    const now = this.#now();
    if (this.#isStale()) return this.#afterCheck(token);
    const { revision } = this.#options.directory;
    if (revision !== this.#revision) {
      this.#revision = revision;
      this.forget();
    }
    const key = hashToken(token).toString('latin1');
    const cached = this.#cached.get(key);
    if (cached !== undefined) return this.#admitted(cached, key, now);
    return this.#lookUp(token, key).then((known) => this.#admitted(known, key, this.#now()));
  }

  /** Writes what is outstanding. The store stays open. Never rejects. */
  close(): Promise<void> {
    return this.#uses.flush();
  }

  #isStale(): boolean {
    // A clock that was set back counts, too: one look puts it right. The watcher knows only the machine's clock.
    return Math.abs(Date.now() - this.#options.watcher.freshAt) > this.#staleLimitMs;
  }

  /** After a pause of the machine, say, one look at the store is enough. */
  async #afterCheck(token: string): Promise<Principal> {
    await within(CHECK_WAIT_MS, this.#options.watcher.check());
    if (this.#isStale()) {
      throw new GatewayError('gateway_state_unavailable', 'Tokens cannot be checked at the moment. Try again.', {
        retryAfterSeconds: 1,
      });
    }
    return this.authenticate({ authorization: `Bearer ${token}` });
  }

  #admitted({ source, found, principal }: CachedToken, key: string, now: number): Principal {
    if (found.expiresAt !== null && found.expiresAt <= now) {
      this.#cached.delete(key);
      throw unauthenticated('The token has expired. Ask for a new one.');
    }
    this.#uses.note(source, found.tokenId, now);
    return principal;
  }

  /** Requests with the same token share one look. */
  #lookUp(token: string, key: string): Promise<CachedToken> {
    const running = this.#lookingFor.get(key);
    if (running !== undefined) return running;
    const generation = this.#generation;
    const look = this.#turnstile.pass(() => this.#find(token, Buffer.from(key, 'latin1')));
    if (look === undefined) {
      throw new GatewayError('policy_throttled', 'Too many new tokens are being checked. Try again.', {
        retryAfterSeconds: 1,
      });
    }
    const kept = look
      .then((known) => {
        if (generation === this.#generation) this.#cached.set(key, known);
        return known;
      })
      .finally(() => {
        if (this.#lookingFor.get(key) === kept) this.#lookingFor.delete(key);
      });
    this.#lookingFor.set(key, kept);
    return kept;
  }

  async #find(token: string, hash: Buffer): Promise<CachedToken> {
    for (const source of this.#sources) {
      if (source.prefix !== undefined && !token.startsWith(source.prefix)) continue;
      const found = await source.find(hash);
      if (found !== undefined) return { source, found, principal: this.#principalOf(found) };
    }
    throw unknownToken(token);
  }

  #principalOf(found: FoundToken): Principal {
    if (found.revokedAt !== null) throw unauthenticated('The token has been revoked. Ask for a new one.');
    const account = this.#options.directory.byId(found.accountId);
    if (account === undefined) throw unauthenticated("The token's user is not configured in this gateway.");
    if (!account.active) throw unauthenticated("The token's user is deactivated.");
    return {
      id: account.id,
      userName: account.userName,
      type: account.type,
      groups: account.groups,
      active: account.active,
      authMode: found.authMode,
      tokenId: found.tokenId,
      scopes: found.scopes,
    };
  }
}

function unknownToken(token: string): GatewayError {
  return unauthenticated(
    token.startsWith(tokenPrefix)
      ? 'The token is not known to this gateway.'
      : `The token is not one of this gateway's. Expected a personal access token that starts with '${tokenPrefix}', or one of its sign-in.`,
  );
}
