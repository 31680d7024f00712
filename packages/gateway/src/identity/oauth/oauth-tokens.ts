import { findOAuthAccessToken } from '../../state/oauth-repository.ts';
import type { Store } from '../../state/store.ts';
import type { FoundToken, TokenSource } from '../token-source.ts';

/** Access tokens that the OAuth server gave out. Found by their whole hash; dead with their grant. */
export class OAuthTokens implements TokenSource {
  readonly #store: Store;
  readonly #now: () => number;

  constructor(store: Store, now: () => number = Date.now) {
    this.#store = store;
    this.#now = now;
  }

  async find(tokenHash: Buffer): Promise<FoundToken | undefined> {
    const id = tokenHash.toString('hex');
    const record = await findOAuthAccessToken(this.#store, id, this.#now());
    if (record === undefined || record.accountId === null) return undefined;
    const { scope } = JSON.parse(record.payload) as { readonly scope?: string };
    return {
      tokenId: id.slice(0, 16),
      accountId: record.accountId,
      authMode: 'OAUTH',
      scopes: new Set((scope ?? '').split(' ').filter((one) => one !== '')),
      expiresAt: record.expiresAt,
      revokedAt: null,
    };
  }
}
