import { describe, expect, it } from 'vitest';
import { ChangeWatcher, LiveImage } from '../live-image.ts';
import type { Queryable, Store } from '../store.ts';
import { OpenedStores } from './opened-stores.ts';
import type { StorePlace } from './store-place.ts';

/** Long enough for no look but those that a test asks for. */
const NEVER_MS = 1_000_000;

const tags = async (db: Queryable) =>
  (await db.all('SELECT tag FROM unity_tags ORDER BY tag')).map((row) => row['tag']);
const addTag = (db: Queryable, tag: string) =>
  db.run("INSERT INTO unity_tags (kind, name, tag, value) VALUES ('TABLE', 'x', ?, '')", tag);

/** Images in memory of what several gateways change, whichever database it is on. */
export function liveImageSuite(place: StorePlace): void {
  const stores = new OpenedStores(place);
  const open = async (store: Store, onError?: (error: unknown) => void) => {
    const watcher = new ChangeWatcher(store, onError, NEVER_MS);
    return { watcher, image: await LiveImage.open(watcher, 'unity', tags) };
  };

  describe('live images', () => {
    it('have own changes at once, those of others after a look', async () => {
      const [first, second] = await stores.openTwo();
      const one = await open(first);
      const two = await open(second);
      await one.image.change((tx) => addTag(tx, 'a'));
      expect(one.image.current).toEqual(['a']);
      expect(two.image.current).toEqual([]);
      await two.watcher.check();
      expect(two.image.current).toEqual(['a']);
      await two.image.change((tx) => addTag(tx, 'b'));
      await one.image.refresh();
      expect(one.image.current).toEqual(['a', 'b']);
    });

    it('are looked at by themselves, again and again', async () => {
      const [first, second] = await stores.openTwo();
      const watcher = new ChangeWatcher(second, undefined, 5);
      const image = await LiveImage.open(watcher, 'unity', tags);
      const one = await open(first);
      for (const tag of ['a', 'b']) {
        const seen = new Promise((resolve) => image.onChange((value) => value.includes(tag) && resolve(value)));
        await one.image.change((tx) => addTag(tx, tag));
        expect(await seen).toContain(tag);
      }
      watcher.close();
    });

    it('stay the same object as long as nothing changes in their area', async () => {
      const store = await stores.open();
      const { watcher, image } = await open(store);
      const other = await LiveImage.open(watcher, 'identity', async () => ({}));
      const [before, otherBefore] = [image.current, other.current];
      let calls = 0;
      other.onChange(() => (calls += 1));
      await image.change((tx) => addTag(tx, 'a'));
      await watcher.check();
      expect(image.current).not.toBe(before);
      expect(other.current).toBe(otherBefore);
      expect(calls).toBe(0);
    });

    it('lose no change of several that are made together', async () => {
      const [first, second] = await stores.openTwo();
      const both = [await open(first), await open(second)] as const;
      const names = Array.from({ length: 24 }, (_, at) => `tag${String(at).padStart(2, '0')}`);
      await Promise.all(names.map((tag, at) => both[at % 2 === 0 ? 0 : 1].image.change((tx) => addTag(tx, tag))));
      for (const { image } of both) await image.refresh();
      expect(both[0].image.current).toEqual(names);
      expect(both[1].image.current).toEqual(names);
    });

    it('are not changed by what fails', async () => {
      const store = await stores.open();
      const { image } = await open(store);
      const before = image.current;
      const failing = image.change(async (tx) => {
        await addTag(tx, 'a');
        throw new Error('no');
      });
      await expect(failing).rejects.toThrow('no');
      await image.refresh();
      expect(image.current).toBe(before);
      await image.change((tx) => addTag(tx, 'b'));
      expect(image.current).toEqual(['b']);
    });

    it('follow a store that was put back to an earlier state', async () => {
      const store = await stores.open();
      const { watcher, image } = await open(store);
      await image.change((tx) => addTag(tx, 'a'));
      await image.change((tx) => addTag(tx, 'b'));
      await store.run("DELETE FROM unity_tags WHERE tag = 'b'");
      await store.run("UPDATE revisions SET revision = 1 WHERE area = 'unity'");
      await watcher.check();
      expect(image.current).toEqual(['a']);
    });

    it('stay as they are while they cannot be read, and one of them keeps no other old', async () => {
      const [first, second] = await stores.openTwo();
      const errors: unknown[] = [];
      const watcher = new ChangeWatcher(second, (error) => errors.push(error), NEVER_MS);
      let broken = false;
      const bad = await LiveImage.open(watcher, 'unity', async () => {
        if (broken) throw new Error('bad row');
        return 'first';
      });
      const good = await LiveImage.open(watcher, 'unity', tags);
      const one = await open(first);
      broken = true;
      await one.image.change((tx) => addTag(tx, 'a'));
      await watcher.check();
      expect([bad.current, good.current]).toEqual(['first', ['a']]);
      expect(errors.map(String)).toEqual(['Error: bad row']);
      const age = watcher.ageMs;
      await watcher.check();
      expect(watcher.ageMs).toBeGreaterThan(age);
      broken = false;
      await watcher.check();
      expect(watcher.ageMs).toBeLessThan(age + 60_000);
      expect(errors).toHaveLength(2);
    });
  });
}
