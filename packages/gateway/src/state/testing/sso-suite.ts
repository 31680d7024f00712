import { describe, expect, it } from 'vitest';
import {
  deleteSsoLinks,
  findSsoLink,
  findSsoSubject,
  hasSsoLink,
  insertSsoLink,
  insertSsoSignIn,
  pruneSsoSignIns,
  takeSsoSignIn,
  type SsoSignInRow,
} from '../sso-repository.ts';
import { OpenedStores } from './opened-stores.ts';
import type { StorePlace } from './store-place.ts';

const row: SsoSignInRow = {
  stateHash: 'a'.repeat(64),
  providerId: 'corp',
  interactionUid: 'interaction',
  redirectUri: 'http://127.0.0.1:8484/oidc/sso/corp/callback',
  nonce: 'n',
  codeVerifier: 'v',
  browserHash: 'b'.repeat(64),
  expiresAt: 1_800_000_000_000,
};

/** Sign-ins through identity providers, whichever database they are in. */
export function ssoSuite(place: StorePlace): void {
  const stores = new OpenedStores(place);

  describe('sign-ins under way', () => {
    it('come back as they were, once, to one of two gateways', async () => {
      const [first, second] = await stores.openTwo();
      await insertSsoSignIn(first, row);
      const taken = await Promise.all(
        [first, second, first, second].map((store) => takeSsoSignIn(store, row.stateHash)),
      );
      expect(taken.filter((one) => one !== undefined)).toEqual([row]);
    });

    it('are cleared away when they are over, and counted', async () => {
      const store = await stores.open();
      await insertSsoSignIn(store, row);
      await insertSsoSignIn(store, { ...row, stateHash: 'c'.repeat(64), expiresAt: 5 });
      expect(await pruneSsoSignIns(store, 6)).toBe(1);
      expect(await takeSsoSignIn(store, row.stateHash)).toEqual(row);
    });
  });

  describe('links', () => {
    const link = { issuer: 'https://a.example', subject: 's', accountId: '1' };

    it('tie one person of an issuer to one account', async () => {
      const [first, second] = await stores.openTwo();
      const others = [link, { ...link, subject: 't' }, { ...link, accountId: '2' }];
      const inserted = await Promise.all(
        others.map((one, index) => insertSsoLink(index === 1 ? second : first, one, 1)),
      );
      expect(inserted.filter(Boolean).length).toBeGreaterThanOrEqual(1);
      const rows = await first.all('SELECT issuer, subject, account_id FROM sso_links');
      expect(new Set(rows.map((one) => one['subject'])).size).toBe(rows.length);
      expect(new Set(rows.map((one) => one['account_id'])).size).toBe(rows.length);
    });

    it('are found from both sides, and end with the account', async () => {
      const store = await stores.open();
      expect(await insertSsoLink(store, link, 1)).toBe(true);
      expect(await insertSsoLink(store, link, 2)).toBe(false);
      expect(await insertSsoLink(store, { ...link, issuer: 'https://b.example' }, 1)).toBe(true);
      expect(await findSsoLink(store, link.issuer, 's')).toEqual(link);
      expect(await findSsoSubject(store, link.issuer, '1')).toBe('s');
      expect(await hasSsoLink(store, '1')).toBe(true);
      expect(await deleteSsoLinks(store, '1')).toBe(2);
      expect(await hasSsoLink(store, '1')).toBe(false);
      expect(await findSsoLink(store, link.issuer, 's')).toBeUndefined();
    });
  });
}
