import { describe, expect, it } from 'vitest';
import { findTokenByHash, insertToken, markTokenRevoked } from '../token-repository.ts';
import type { Queryable, Store } from '../store.ts';
import { OpenedStores } from './opened-stores.ts';
import type { StorePlace } from './store-place.ts';

const put = (db: Queryable, area: string, revision: number) =>
  db.run('INSERT INTO revisions (area, revision) VALUES (?, ?)', area, revision);
const valueOf = async (db: Queryable, area: string) =>
  (await db.get('SELECT revision FROM revisions WHERE area = ?', area))?.['revision'];
const token = {
  id: 'a1',
  userName: 'ada',
  accountId: null,
  comment: null,
  scopes: null,
  createdBy: null,
  createdAt: 1,
  expiresAt: null,
};

/** What every store promises, whichever database it is on. */
export function storeSuite(place: StorePlace): void {
  const stores = new OpenedStores(place);

  describe('values', () => {
    it('come back as they were given', async () => {
      const store = await stores.open();
      const tokenHash = Uint8Array.from({ length: 256 }, (_, at) => at);
      const expiresAt = Number.MAX_SAFE_INTEGER;
      await insertToken(store, { ...token, tokenHash, comment: "it's ☘ ? $1 \\ \n", expiresAt });
      expect(await findTokenByHash(store, tokenHash)).toMatchObject({
        tokenHash,
        comment: "it's ☘ ? $1 \\ \n",
        createdAt: 1,
        expiresAt,
        revokedAt: null,
      });
      expect(await findTokenByHash(store, tokenHash.slice(1))).toBeUndefined();
    });

    it('that are counted, added up or compared are numbers', async () => {
      const store = await stores.open();
      await put(store, 'a', 2 ** 40);
      await put(store, 'b', 3);
      const row = await store.get(
        'SELECT COUNT(*) AS many, SUM(revision) AS total, MAX(revision) > 5 AS large, 1 AS one FROM revisions',
      );
      expect(row).toEqual({ many: 2, total: 2 ** 40 + 3, large: 1, one: 1 });
    });

    it('beyond what a number holds are refused, not rounded', async () => {
      const store = await stores.open();
      await store.run("INSERT INTO revisions (area, revision) VALUES ('huge', 9007199254740993)");
      await expect(store.all('SELECT revision FROM revisions')).rejects.toThrow(/9007199254740993/);
    });

    it('are never taken from the text: question marks in literals stay', async () => {
      const store = await stores.open();
      await put(store, 'what? $1', 1);
      const found = await store.get(
        `SELECT 'is ''this'' one? yes' AS "a?" FROM revisions /* ? */ WHERE area = ? AND area <> 'x?' -- ?`,
        'what? $1',
      );
      expect(found).toEqual({ 'a?': "is 'this' one? yes" });
    });

    it('are sorted by their bytes and compared with regard to case', async () => {
      const store = await stores.open();
      for (const area of ['b', 'A', 'é', '_', 'a b', 'a', 'ab', 'Z']) await put(store, area, 1);
      const rows = await store.all('SELECT area FROM revisions ORDER BY area');
      expect(rows.map((row) => row['area'])).toEqual(['A', 'Z', '_', 'a', 'a b', 'ab', 'b', 'é']);
      expect(await store.all("SELECT area FROM revisions WHERE area LIKE 'a%'")).toHaveLength(3);
      expect(await store.get('SELECT area FROM revisions WHERE area = ?', 'É')).toBeUndefined();
    });
  });

  describe('statements', () => {
    it('say how many rows they changed, and give rows when they return some', async () => {
      const store = await stores.open();
      expect(await put(store, 'a', 1)).toBe(1);
      expect(await store.run('UPDATE revisions SET revision = 5')).toBe(1);
      expect(await store.run('DELETE FROM revisions WHERE area = ?', 'none')).toBe(0);
      const sql = 'INSERT INTO revisions (area, revision) VALUES (?, ?) ON CONFLICT DO NOTHING RETURNING area';
      expect(await store.get(sql, 'b', 1)).toEqual({ area: 'b' });
      expect(await store.get(sql, 'b', 1)).toBeUndefined();
    });

    it('that break a rule fail and change nothing', async () => {
      const store = await stores.open();
      await put(store, 'a', 1);
      await expect(put(store, 'a', 2)).rejects.toThrow(/unique/i);
      await expect(store.run("INSERT INTO unity_schemas (catalog, name) VALUES ('c', 's')")).rejects.toThrow();
      await expect(store.run('INSERT INTO revisions (area, revision) VALUES (?, ?)', 'b', 'x')).rejects.toThrow();
      expect(await valueOf(store, 'a')).toBe(1);
      expect(await store.all('SELECT area FROM revisions')).toHaveLength(1);
    });

    it('see at once what another store has committed', async () => {
      const [one, two] = await stores.openTwo();
      const tokenHash = new Uint8Array(32);
      await insertToken(one, { ...token, tokenHash });
      expect((await findTokenByHash(two, tokenHash))?.id).toBe('a1');
      expect(await markTokenRevoked(two, 'a1', 5)).toBe(true);
      expect(await markTokenRevoked(one, 'a1', 6)).toBe(false);
    });
  });

  describe('transactions', () => {
    it('leave nothing behind when they fail', async () => {
      const store = await stores.open();
      const failing = store.transaction(async (tx) => {
        await put(tx, 'a', 1);
        expect(await valueOf(tx, 'a')).toBe(1);
        throw new Error('no');
      });
      await expect(failing).rejects.toThrow('no');
      expect(await valueOf(store, 'a')).toBeUndefined();
      await store.transaction((tx) => put(tx, 'a', 2));
      expect(await valueOf(store, 'a')).toBe(2);
    });

    it('are not seen before they are committed', async () => {
      const [one, two] = await stores.openTwo();
      await one.transaction(async (tx) => {
        await put(tx, 'a', 1);
        expect(await valueOf(two, 'a')).toBeUndefined();
      });
      expect(await valueOf(two, 'a')).toBe(1);
    });

    it('fail with a statement that failed, also where that was caught', async () => {
      const store = await stores.open();
      await put(store, 'a', 1);
      const caught = store.transaction(async (tx) => {
        await put(tx, 'b', 1);
        await put(tx, 'a', 1).catch(() => {});
        return 'all is well';
      });
      await expect(caught).rejects.toThrow(/unique/i);
      expect(await valueOf(store, 'b')).toBeUndefined();
    });

    it('lose no update, however many count up one value in two processes', async () => {
      const both = await stores.openTwo();
      await put(both[0], 'a', 0);
      const countUp = (store: Store) =>
        store.transaction(async (tx) => {
          const before = Number(await valueOf(tx, 'a'));
          await new Promise(setImmediate);
          await tx.run('UPDATE revisions SET revision = ? WHERE area = ?', before + 1, 'a');
        });
      await Promise.all(Array.from({ length: 30 }, (_, at) => countUp(both[at % 2 === 0 ? 0 : 1])));
      expect(await valueOf(both[1], 'a')).toBe(30);
    });

    it('see each other’s results: of two that take the last place, one does', async () => {
      const both = await stores.openTwo();
      const take = (store: Store, name: string) =>
        store.transaction(async (tx) => {
          const taken = await tx.get('SELECT COUNT(*) AS many FROM revisions');
          await new Promise(setImmediate);
          if (taken?.['many'] !== 0) return false;
          await put(tx, name, 1);
          return true;
        });
      const results = await Promise.all(both.map((store, at) => take(store, `place-${at}`)));
      expect(results.toSorted()).toEqual([false, true]);
    });

    it('run statements of one transaction in order, also when they are not waited for one by one', async () => {
      const store = await stores.open();
      await store.transaction(async (tx) => {
        await Promise.all([put(tx, 'a', 1), tx.run("UPDATE revisions SET revision = 7 WHERE area = 'a'")]);
      });
      expect(await valueOf(store, 'a')).toBe(7);
    });

    it('refuse the store inside, and themselves after their end', async () => {
      const store = await stores.open();
      for (const wrong of [
        () => store.get('SELECT 1 AS one'),
        () => put(store, 'a', 1),
        () => store.transaction(async () => {}),
        () => store.read(async () => {}),
      ]) {
        await expect(store.transaction<unknown>(wrong)).rejects.toThrow('use the `tx`');
      }
      const kept = await store.transaction(async (tx) => ({ tx }));
      await expect(put(kept.tx, 'a', 1)).rejects.toThrow('is over');
      expect(await store.all('SELECT area FROM revisions')).toEqual([]);
    });
  });

  describe('read', () => {
    it('is of one moment, and only reads', async () => {
      const [one, two] = await stores.openTwo();
      await one.read(async (tx) => {
        expect(await valueOf(tx, 'a')).toBeUndefined();
        await put(two, 'a', 1);
        expect(await valueOf(tx, 'a')).toBeUndefined();
      });
      expect(await valueOf(one, 'a')).toBe(1);
      await expect(one.read((tx) => put(tx, 'b', 1))).rejects.toThrow(/read.?only/i);
      await put(one, 'b', 2);
      expect(await one.read((tx) => valueOf(tx, 'b'))).toBe(2);
    });
  });

  it('closes once everything under way is done, and closing twice is harmless', async () => {
    const location = await place.newLocation();
    const store = await stores.open(location);
    const written = Promise.all(['a', 'b', 'c'].map((area) => store.transaction((tx) => put(tx, area, 1))));
    await Promise.all([store.close(), store.close(), written]);
    await store.close();
    await expect(store.get('SELECT 1 AS one')).rejects.toThrow();
    expect(await (await stores.open(location)).all('SELECT area FROM revisions')).toHaveLength(3);
  });
}
