import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ObjectStore } from '../object-store.ts';

/** An empty place to keep objects in, made for one test. */
export interface StorePlace {
  /** Another store on the same place, as another process would open it. */
  open(): ObjectStore | Promise<ObjectStore>;
  /** Removes the place. */
  remove(): Promise<void>;
}

const ODD_KEYS = [
  'plain.txt',
  'with space/and  two',
  'per%cent/%20/100%',
  'quo\'te/dou"ble/back`tick',
  'ünï/çode/日本/😀',
  'plus+and=eq/a&b?c#d',
  'col=va:lue;x/[a]{b}(c),$@!~',
  'back\\slash/.hidden/_under',
  'cafe\u0301', // decomposed: it must not become the composed form
];

const BAD_KEYS = ['', '/a', 'a/', 'a//b', '..', 'a/../b', '../a', 'a/..', '.', 'a/./b', 'a\nb', 'a\u0000b', 'a\u007fb'];

/** Registers the tests that every ObjectStore has to pass (see the laws in `object-store.ts`). */
export function storeLaws(name: string, makePlace: () => Promise<StorePlace>): void {
  describe(`${name} keeps the laws of a store`, () => {
    let place: StorePlace;
    let store: ObjectStore;
    let scratch: string;

    beforeEach(async () => {
      place = await makePlace();
      store = await place.open();
      scratch = await mkdtemp(path.join(tmpdir(), 'store-laws-'));
    });

    afterEach(async () => {
      await place.remove();
      await rm(scratch, { recursive: true, force: true });
    });

    async function localFile(bytes: string | Uint8Array): Promise<string> {
      const file = path.join(scratch, crypto.randomUUID());
      await writeFile(file, bytes);
      return file;
    }

    test('an object that is not there is undefined', async () => {
      expect(await store.get('nowhere/at/all')).toBeUndefined();
      await store.putIfAbsent('a/b', Buffer.from('x'));
      expect(await store.get('a')).toBeUndefined();
      expect(await store.get('a/b/c')).toBeUndefined();
    });

    test('putIfAbsent writes once and never replaces', async () => {
      expect(await store.putIfAbsent('a/b', Buffer.from('first'))).toBe(true);
      expect(await store.putIfAbsent('a/b', Buffer.from('second'))).toBe(false);
      expect((await store.get('a/b'))?.toString()).toBe('first');
    });

    test('exactly one of racing writers wins, and its object is the one that stays', async () => {
      const stores = await Promise.all(Array.from({ length: 4 }, () => place.open()));
      for (let round = 0; round < 5; round++) {
        const key = `log/${round}.json`;
        const won = await Promise.all(
          Array.from({ length: 20 }, (_, writer) =>
            stores[writer % 4]!.putIfAbsent(key, Buffer.from(`writer ${writer}`)),
          ),
        );
        expect(won.filter(Boolean)).toHaveLength(1);
        expect((await store.get(key))?.toString()).toBe(`writer ${won.indexOf(true)}`);
      }
    });

    test('readers beside a writer see an object whole or not at all', async () => {
      const bytes = Buffer.alloc(2 * 1024 * 1024, 'x');
      let writing = true;
      const writer = (async () => {
        for (let i = 0; i < 8; i++) await store.putIfAbsent(`big/${i}`, bytes);
        for (let i = 0; i < 4; i++) await store.put('big/0', bytes);
        writing = false;
      })();
      const reader = await place.open();
      const sizes = new Set<number | undefined>();
      while (writing) {
        sizes.add((await reader.get('big/0'))?.length);
        for await (const info of reader.list('big/')) sizes.add(info.size);
      }
      await writer;
      sizes.delete(undefined);
      expect([...sizes]).toEqual([bytes.length]);
    });

    test('put writes and replaces', async () => {
      await store.put('hint', Buffer.from('a longer first version'));
      await store.put('hint', Buffer.from('second'));
      expect((await store.get('hint'))?.toString()).toBe('second');
    });

    test('empty objects are objects', async () => {
      expect(await store.putIfAbsent('empty', new Uint8Array())).toBe(true);
      expect(await store.putIfAbsent('empty', Buffer.from('x'))).toBe(false);
      expect((await store.get('empty'))?.length).toBe(0);
    });

    test('putFile moves a local file in', async () => {
      const bytes = Buffer.from(crypto.getRandomValues(new Uint8Array(50_000)));
      const file = await localFile(bytes);
      await store.putFile('t/part-1.parquet', file);
      expect(await store.get('t/part-1.parquet')).toEqual(bytes);
      await expect(stat(file)).rejects.toMatchObject({ code: 'ENOENT' });
    });

    test('localPath gives a file with the bytes of the object', async () => {
      const file = await localFile('bytes of the object');
      await store.putFile("odd 'dir%/ü/part.parquet", file);
      expect(await readFile(await store.localPath("odd 'dir%/ü/part.parquet"), 'utf8')).toBe('bytes of the object');
      const reopened = await place.open();
      expect(await readFile(await reopened.localPath("odd 'dir%/ü/part.parquet"), 'utf8')).toBe('bytes of the object');
    });

    test('keys with spaces, Unicode, percent signs and quotes are kept as they are', async () => {
      for (const key of ODD_KEYS) expect([key, await store.putIfAbsent(key, Buffer.from(key))]).toEqual([key, true]);
      for (const key of ODD_KEYS) expect((await store.get(key))?.toString()).toBe(key);
      expect(await keysOf(store, '')).toEqual(sorted(ODD_KEYS));
      const uris = ODD_KEYS.map((key) => store.uri(key));
      expect(new Set(uris).size).toBe(ODD_KEYS.length);
      for (const uri of uris) expect(uri).toMatch(/^(?:file:\/\/\/|s3:\/\/)/);
      await store.delete(ODD_KEYS);
      expect(await keysOf(store, '')).toEqual([]);
    });

    test('keys that could leave the root or hide are refused', async () => {
      const refused = { name: 'GatewayError' };
      for (const key of BAD_KEYS) {
        await expect(store.get(key), key).rejects.toMatchObject(refused);
        await expect(store.putIfAbsent(key, Buffer.from('x')), key).rejects.toMatchObject(refused);
        await expect(store.put(key, Buffer.from('x')), key).rejects.toMatchObject(refused);
        await expect(store.putFile(key, await localFile('x')), key).rejects.toMatchObject(refused);
        await expect(store.localPath(key), key).rejects.toMatchObject(refused);
        await expect(store.delete([key]), key).rejects.toMatchObject(refused);
      }
      expect(await keysOf(store, '')).toEqual([]);
    });

    test('list is recursive, in order of UTF-8 keys, and stays below its prefix', async () => {
      const keys = [
        't/a-b',
        't/a/b',
        't/a.b',
        't/a/b0',
        't/a0',
        't/B',
        't/\u{1f600}',
        't/\uffee',
        't/z/y/x',
        'ta',
        't0/a',
      ];
      for (const key of keys) await store.putIfAbsent(key, Buffer.from('12345'));
      expect(await keysOf(store, 't/')).toEqual(sorted(keys.filter((key) => key.startsWith('t/'))));
      expect(await keysOf(store, '')).toEqual(sorted(keys));
      expect(await keysOf(store, 't/z/')).toEqual(['t/z/y/x']);
      expect(await keysOf(store, 'nothing/')).toEqual([]);
    });

    test('list says size and time', async () => {
      const before = Date.now();
      await store.putIfAbsent('t/a', Buffer.from('12345'));
      for await (const info of store.list('t/')) {
        expect(info.size).toBe(5);
        expect(Math.abs(info.modifiedAt - before)).toBeLessThan(60_000);
      }
    });

    test('list begins after startAfter, whether that object is there or not', async () => {
      const part = fc.constantFrom('a', 'b', 'a-', 'a.', 'a0', 'ä', '_', '😀', '00000000000000000010.json');
      const key = fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => `t/${parts.join('/')}`);
      await fc.assert(
        fc.asyncProperty(fc.uniqueArray(key, { maxLength: 8 }), key, async (drawn, startAfter) => {
          // A file system has no room for an object `a` beside `a/b`.
          const keys = drawn.filter((one) => !drawn.some((other) => other.startsWith(`${one}/`)));
          for (const one of keys) await store.putIfAbsent(one, Buffer.from('x'));
          const after = keys.filter((one) => Buffer.compare(Buffer.from(one), Buffer.from(startAfter)) > 0);
          expect(await keysOf(store, 't/', startAfter)).toEqual(sorted(after));
          await store.delete(keys);
        }),
        { numRuns: 25 },
      );
    });

    test('a listing may be left early', async () => {
      for (const key of ['t/1', 't/2', 't/3']) await store.putIfAbsent(key, Buffer.from('x'));
      for await (const info of store.list('t/')) {
        expect(info.key).toBe('t/1');
        break;
      }
    });

    test('delete removes, and an object that is missing is no error', async () => {
      for (const key of ['t/a/1', 't/a/2', 't/b']) await store.putIfAbsent(key, Buffer.from('x'));
      await store.delete(['t/a/1', 't/a/9', 'never/there']);
      await store.delete([]);
      await store.delete(['t/a/1']);
      expect(await keysOf(store, '')).toEqual(['t/a/2', 't/b']);
      expect(await store.get('t/a/1')).toBeUndefined();
      expect(await store.putIfAbsent('t/a/1', Buffer.from('again'))).toBe(true);
    });

    test('delete takes more keys than one request of a store does', async () => {
      const keys = Array.from({ length: 30 }, (_, i) => `t/${i}`);
      await Promise.all(keys.map((key) => store.putIfAbsent(key, Buffer.from('x'))));
      await store.delete([...keys, ...Array.from({ length: 1_000 }, (_, i) => `t/missing-${i}`)]);
      expect(await keysOf(store, '')).toEqual([]);
    });
  });
}

async function keysOf(store: ObjectStore, prefix: string, startAfter?: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const info of store.list(prefix, startAfter === undefined ? {} : { startAfter })) keys.push(info.key);
  return keys;
}

function sorted(keys: readonly string[]): string[] {
  return keys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}
