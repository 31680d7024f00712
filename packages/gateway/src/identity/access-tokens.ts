import { timingSafeEqual } from 'node:crypto';
import { GatewayError } from '../errors/gateway-error.ts';
import { LiveImage, type ChangeWatcher } from '../state/live-image.ts';
import type { Store } from '../state/store.ts';
import {
  findTokenByHash,
  markTokenRevoked,
  recordTokenUse,
  selectToken,
  selectTokens,
  selectTokensOf,
  type TokenRow,
} from '../state/token-repository.ts';
import type { Account, Directory } from './directory.ts';
import { ALL_APIS } from './scopes.ts';
import type { FoundToken, TokenSource } from './token-source.ts';
import { createToken, tokenPrefix, withoutHash, type CreatedToken, type TokenInfo } from './tokens.ts';

/** Valid tokens an account may have at a time, as the vendor allows. */
const MAX_TOKENS = 600;

export interface AccessTokenRequest {
  readonly comment?: string | undefined;
  /** Seconds until it expires; never, when left out. */
  readonly lifetimeSeconds?: number | undefined;
  readonly scopes?: readonly string[] | undefined;
  readonly createdBy?: string | undefined;
}

/** Personal access tokens: made, listed, revoked, and found for the authenticator. */
export class AccessTokens implements TokenSource {
  readonly prefix = tokenPrefix;
  readonly #store: Store;
  readonly #directory: Directory;
  /** Holds nothing: it tells when a token was revoked, by any gateway. */
  readonly #image: LiveImage<object>;

  private constructor(store: Store, directory: Directory, image: LiveImage<object>) {
    this.#store = store;
    this.#directory = directory;
    this.#image = image;
  }

  static async open(watcher: ChangeWatcher, directory: Directory): Promise<AccessTokens> {
    const image = await LiveImage.open<object>(watcher, 'tokens', async () => ({}));
    return new AccessTokens(watcher.store, directory, image);
  }

  async find(tokenHash: Buffer): Promise<FoundToken | undefined> {
    const row = await findTokenByHash(this.#store, tokenHash);
    if (row === undefined || !timingSafeEqual(row.tokenHash, tokenHash)) return undefined;
    return {
      tokenId: row.id,
      accountId: this.#ownerOf(row)?.id ?? '',
      authMode: 'PAT',
      scopes: new Set(row.scopes ?? [ALL_APIS]),
      expiresAt: row.expiresAt,
      revokedAt: row.revokedAt,
    };
  }

  noteUses(uses: ReadonlyMap<string, number>): Promise<void> {
    return recordTokenUse(this.#store, uses);
  }

  onChange(listener: () => void): void {
    this.#image.onChange(listener);
  }

  /** Makes a token for an account. @throws GatewayError `caller_invalid_state` where it has too many. */
  async create(account: Account, request: AccessTokenRequest): Promise<CreatedToken> {
    return this.#store.transaction(async (tx) => {
      const now = Date.now();
      const valid = (await selectTokensOf(tx, account.id)).filter(
        ({ revokedAt, expiresAt }) => revokedAt === null && (expiresAt === null || expiresAt > now),
      );
      if (valid.length >= MAX_TOKENS) {
        throw new GatewayError('caller_invalid_state', `There are ${MAX_TOKENS} tokens already. Revoke some first.`);
      }
      return createToken(tx, { ...request, user: account.userName, accountId: account.id });
    });
  }

  async get(id: string): Promise<TokenInfo | undefined> {
    const row = await selectToken(this.#store, id);
    return row === undefined ? undefined : withoutHash(row);
  }

  /** Oldest first, revoked and expired ones included; of one account where that is given. */
  async list(account?: Account): Promise<TokenInfo[]> {
    const rows = await selectTokens(this.#store);
    return rows.filter((row) => account === undefined || this.#ownerOf(row)?.id === account.id).map(withoutHash);
  }

  /** Whose token it is; `undefined` where the account is gone. */
  ownerOf(token: TokenInfo): Account | undefined {
    return this.#ownerOf(token);
  }

  /** Revokes a token for good, here at once. False where no valid token has that id. */
  revoke(id: string): Promise<boolean> {
    return this.#image.change((tx) => markTokenRevoked(tx, id, Date.now()));
  }

  #ownerOf({ accountId, userName }: Pick<TokenRow, 'accountId' | 'userName'>): Account | undefined {
    return accountId === null ? this.#directory.byName(userName) : this.#directory.byId(accountId);
  }
}
