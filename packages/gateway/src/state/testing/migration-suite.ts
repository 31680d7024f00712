import { describe, expect, it } from 'vitest';
import { schemaVersion, StateVersionError } from '../migrations/index.ts';
import { openStore } from '../store.ts';
import { OpenedStores } from './opened-stores.ts';
import type { StorePlace } from './store-place.ts';

/** How stores become what this program knows, whichever database they are on. */
export function migrationSuite(place: StorePlace): void {
  const stores = new OpenedStores(place);

  describe('migrations', () => {
    it('are done once by gateways that start together', async () => {
      const location = await place.newLocation();
      const opened = await Promise.all(Array.from({ length: 6 }, () => stores.open(location)));
      await Promise.all(opened.map((store, at) => store.run('INSERT INTO revisions VALUES (?, ?)', `a${at}`, at)));
      expect(await opened[0]?.all('SELECT area FROM revisions')).toHaveLength(6);
    });

    it('keep what an older gateway left', async () => {
      const location = await place.newLocation();
      await place.makeOld(location, 2);
      await place.execute(
        location,
        `INSERT INTO unity_catalogs (name, owner, built_in, created_at, created_by, updated_at)
         VALUES ('old', 'ada', 0, 1, 'ada', 1)`,
      );
      const store = await stores.open(location);
      expect(await store.get('SELECT owner FROM unity_catalogs')).toEqual({ owner: 'ada' });
      await expect(store.get('SELECT revision FROM unity_revision')).rejects.toThrow(/unity_revision/);
      expect(await store.all('SELECT area FROM revisions')).toEqual([]);
    });

    it('are all or nothing', async () => {
      const location = await place.newLocation();
      await place.makeOld(location, 2);
      await place.execute(location, 'ALTER TABLE unity_revision RENAME TO elsewhere');
      await expect(openStore(location)).rejects.toThrow(/unity_revision/);
      await place.execute(location, 'ALTER TABLE elsewhere RENAME TO unity_revision');
      const store = await stores.open(location);
      expect(await store.all('SELECT area FROM revisions')).toEqual([]);
    });

    it('refuse a store of a newer gateway, and leave it as it was', async () => {
      const location = await place.newLocation();
      await (await openStore(location)).close();
      await place.execute(location, place.setVersion(schemaVersion + 1));
      await expect(openStore(location)).rejects.toThrow(StateVersionError);
      await expect(openStore(location)).rejects.toThrow(/schema version \d+.*newer gateway/);
      await place.execute(location, place.setVersion(schemaVersion));
      await stores.open(location);
    });
  });
}
