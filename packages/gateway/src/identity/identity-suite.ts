import { afterEach, describe, expect, it } from 'vitest';
import { ChangeWatcher } from '../state/live-image.ts';
import { OpenedStores } from '../state/testing/opened-stores.ts';
import type { StorePlace } from '../state/testing/store-place.ts';
import type { Store } from '../state/store.ts';
import type { IdentityDeclared } from './directory-view.ts';
import { openIdentity, type Identity } from './open-identity.ts';
import { createToken, hashToken } from './tokens.ts';

const nobody: IdentityDeclared = { users: [] };

/** Accounts, groups and tokens, whichever database they are in. */
export function identitySuite(place: StorePlace): void {
  const stores = new OpenedStores(place);
  const watchers: ChangeWatcher[] = [];
  afterEach(() => {
    for (const watcher of watchers.splice(0)) watcher.close();
  });

  const identityOn = async (store: Store, declared: IdentityDeclared = nobody): Promise<Identity> => {
    const watcher = new ChangeWatcher(store);
    watchers.push(watcher);
    return openIdentity({ watcher, config: () => declared });
  };

  describe('identity', () => {
    it('lets tokens of an older gateway go on working', async () => {
      const location = await place.newLocation();
      await place.makeOld(location, 3);
      const token = `ucg_${'a'.repeat(43)}`;
      const hash = hashToken(token).toString('hex');
      const blob = location.url === undefined ? `x'${hash}'` : `'\\x${hash}'`;
      await place.execute(
        location,
        `INSERT INTO personal_access_tokens (id, user_name, token_hash, created_at) VALUES ('old', 'Ada', ${blob}, 1)`,
      );
      const { authenticator, tokens } = await identityOn(await stores.open(location), {
        users: [{ name: 'ada', groups: [], active: true }],
      });
      expect(await authenticator.authenticate({ 'x-api-key': token })).toMatchObject({
        userName: 'ada',
        tokenId: 'old',
      });
      await authenticator.close();
      expect(await tokens.get('old')).toMatchObject({ accountId: null, scopes: null, lastUsedAt: expect.any(Number) });
    });

    it('keeps accounts, groups and members as they were given', async () => {
      const { directory, tokens } = await identityOn(await stores.open());
      const eve = await directory.createAccount({
        type: 'USER',
        userName: "Eve?'s@example.com",
        givenName: 'Eve',
        emails: [{ value: 'e@example.com', type: 'work', primary: true }],
        externalId: 'x',
      });
      const inner = await directory.createGroup({ displayName: 'inner', add: [eve.id] });
      await directory.createGroup({ displayName: 'outer', add: [inner.id] });
      expect(directory.byId(eve.id)?.groups).toEqual(['inner', 'outer']);
      expect(directory.details(eve)).toMatchObject({ givenName: 'Eve', emails: [{ value: 'e@example.com' }] });
      await directory.setPassword(eve.id, 'correct horse battery');
      expect(await directory.checkPassword(eve.userName, 'correct horse battery', '::1')).toMatchObject({ id: eve.id });
      const made = await tokens.create(eve, { comment: 'a?b', scopes: ['sql'] });
      expect(await tokens.list(eve)).toMatchObject([{ id: made.id, comment: 'a?b', scopes: ['sql'] }]);
      await directory.deleteAccount(eve.id);
      expect(await tokens.get(made.id)).toMatchObject({ revokedAt: expect.any(Number) });
    });

    it('gives a name to one of two gateways that want it at once', async () => {
      const identities = await Promise.all((await stores.openTwo()).map((store) => identityOn(store)));
      const made = await Promise.allSettled(
        [...identities, ...identities].map(({ directory }) =>
          directory.createAccount({ type: 'USER', userName: 'eve' }),
        ),
      );
      expect(made.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      const refused = made.filter((one) => one.status === 'rejected').map(({ reason }) => reason as object);
      for (const reason of refused) expect(reason).toMatchObject({ scimType: 'uniqueness' });
    });

    it('keeps the last admin, though two gateways remove one each at once', async () => {
      const [first, second] = await stores.openTwo();
      const one = await identityOn(first);
      const [eve, zoe] = [
        await one.directory.createAccount({ type: 'USER', userName: 'eve' }),
        await one.directory.createAccount({ type: 'USER', userName: 'zoe' }),
      ];
      const admins = one.directory.view.groupByName('admins')?.id ?? '';
      await one.directory.updateGroup(admins, { add: [eve.id, zoe.id] });
      const two = await identityOn(second);
      const removed = await Promise.allSettled([
        one.directory.updateAccount(eve.id, { active: false }),
        two.directory.deleteAccount(zoe.id),
      ]);
      expect(removed.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    });

    it('revokes for every gateway', async () => {
      const [first, second] = await stores.openTwo();
      const one = await identityOn(first);
      const eve = await one.directory.createAccount({ type: 'USER', userName: 'eve' });
      const two = await identityOn(second);
      const { token } = await createToken(first, { user: 'eve', accountId: eve.id });
      expect(await two.authenticator.authenticate({ 'x-api-key': token })).toMatchObject({ userName: 'eve' });
      await one.directory.updateAccount(eve.id, { active: false });
      await Promise.all(watchers.map((watcher) => watcher.check()));
      await expect(async () => two.authenticator.authenticate({ 'x-api-key': token })).rejects.toMatchObject({
        status: 401,
      });
    });
  });
}
