import { timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { UserConfig } from '../config/gateway-config.ts';
import type { Store } from '../state/store.ts';
import { findTokenByHash, recordTokenUse, type TokenRow } from '../state/token-repository.ts';
import { readBearer, unauthenticated } from './bearer.ts';
import type { Principal } from './principal.ts';
import { hashToken, tokenPrefix } from './tokens.ts';
import { userId } from './user-id.ts';

/** How long a cached token may be trusted without asking the store whether something changed. */
const CHECK_INTERVAL_MS = 500;
/** `last_used_at` is exact to this. */
const USE_INTERVAL_MS = 60_000;
/** How long uses are gathered before they are written together. */
const USE_FLUSH_DELAY_MS = 5_000;

export interface AuthenticatorOptions {
  /** Milliseconds since 1970; for tests. */
  readonly now?: () => number;
  /** Told when `last_used_at` could not be written. Requests go on. */
  readonly onError?: (error: unknown) => void;
}

interface CachedToken {
  readonly row: TokenRow;
  /** Of the users in force when it was made; dropped with them. */
  readonly principal: Principal | undefined;
}

/**
 * Finds out who calls. One hash and one map look-up per request; the map holds valid tokens only and is
 * dropped when the store or the configured users change, so a revocation by any process is in force
 * within half a second.
 */
export class Authenticator {
  readonly #store: Store;
  readonly #users: () => readonly UserConfig[];
  readonly #now: () => number;
  readonly #onError: (error: unknown) => void;
  readonly #tokens = new Map<string, CachedToken>();
  readonly #usedAt = new Map<string, number>();
  #unwrittenUses = new Map<string, number>();
  #flushTimer: NodeJS.Timeout | undefined;
  #usersInForce: readonly UserConfig[] = [];
  #changeMark = '';
  #checkedAt = -Infinity;

  /** `users` is asked on every request and must return the same array until the configuration changes. */
  constructor(store: Store, users: () => readonly UserConfig[], options: AuthenticatorOptions = {}) {
    this.#store = store;
    this.#users = users;
    this.#now = options.now ?? Date.now;
    this.#onError = options.onError ?? (() => {});
  }

  /** @throws GatewayError `caller_unauthenticated`; its message never holds the token. */
  authenticate(headers: IncomingHttpHeaders): Principal {
    const token = readBearer(headers);
    const now = this.#now();
    this.#dropStale(now);

    const hash = hashToken(token);
    const key = hash.toString('latin1');
    let cached = this.#tokens.get(key);
    if (cached === undefined) {
      const row = findTokenByHash(this.#store, hash);
      if (row === undefined || !timingSafeEqual(row.tokenHash, hash)) throw unknownToken(token);
      cached = { row, principal: this.#principalOf(row) };
      this.#tokens.set(key, cached);
    }

    const { row, principal } = cached;
    if (row.revokedAt !== null) throw unauthenticated('The token has been revoked. Ask for a new one.');
    if (row.expiresAt !== null && row.expiresAt <= now) {
      throw unauthenticated('The token has expired. Ask for a new one.');
    }
    if (principal === undefined) throw unauthenticated("The token's user is not configured in this gateway.");
    if (!principal.active) throw unauthenticated("The token's user is deactivated.");
    this.#noteUse(row.id, now);
    return principal;
  }

  /** Writes what is outstanding. The store stays open. */
  close(): void {
    this.#flushUses();
  }

  /** Empties the cache where tokens or users may have changed. */
  #dropStale(now: number): void {
    const users = this.#users();
    let stale = users !== this.#usersInForce;
    this.#usersInForce = users;
    // A clock set back counts as elapsed, too.
    if (Math.abs(now - this.#checkedAt) >= CHECK_INTERVAL_MS) {
      this.#checkedAt = now;
      const mark = this.#store.changeMark();
      stale ||= mark !== this.#changeMark;
      this.#changeMark = mark;
    }
    if (stale) this.#tokens.clear();
  }

  #principalOf(row: TokenRow): Principal | undefined {
    const user = this.#usersInForce.find(({ name }) => name === row.userName);
    if (user === undefined) return undefined;
    return {
      id: userId(user.name),
      userName: user.name,
      type: 'USER',
      groups: user.groups,
      active: user.active,
      authMode: 'PAT',
      tokenId: row.id,
    };
  }

  #noteUse(id: string, now: number): void {
    const last = this.#usedAt.get(id);
    if (last !== undefined && now - last < USE_INTERVAL_MS) return;
    this.#usedAt.set(id, now);
    this.#unwrittenUses.set(id, now);
    this.#flushTimer ??= setTimeout(() => this.#flushUses(), USE_FLUSH_DELAY_MS).unref();
  }

  #flushUses(): void {
    clearTimeout(this.#flushTimer);
    this.#flushTimer = undefined;
    if (this.#unwrittenUses.size === 0) return;
    const uses = this.#unwrittenUses;
    this.#unwrittenUses = new Map();
    try {
      recordTokenUse(this.#store, uses);
    } catch (error) {
      this.#onError(error);
    }
  }
}

function unknownToken(token: string): Error {
  return unauthenticated(
    token.startsWith(tokenPrefix)
      ? 'The token is not known to this gateway.'
      : `The token is not one of this gateway's. Expected a personal access token that starts with '${tokenPrefix}'.`,
  );
}
