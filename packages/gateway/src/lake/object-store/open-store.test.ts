import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LocalStore } from './local-store.ts';
import { openStore } from './open-store.ts';
import { probeConditionalPut } from './probe.ts';
import { S3Store } from './s3-store.ts';
import { makeS3Place, type S3Place } from './testing/s3-place.ts';

let place: S3Place;
let cacheDirectory: string;

beforeEach(async () => {
  place = await makeS3Place();
  cacheDirectory = path.join(place.scratch, 'cache');
});

afterEach(() => place.remove());

describe('openStore', () => {
  it('opens a directory', async () => {
    const root = path.join(place.scratch, 'lake');
    const store = await openStore({ ...place.lakeConfig(), root }, { cacheDirectory });
    expect(store).toBeInstanceOf(LocalStore);
    expect(await store.putIfAbsent('a', Buffer.from('x'))).toBe(true);
    expect(place.double.requests).toEqual([]);
  });

  it('opens a store in S3 that keeps conditions, and leaves nothing there', async () => {
    const store = await openStore(place.lakeConfig(), { cacheDirectory });
    expect(store).toBeInstanceOf(S3Store);
    expect(place.double.requests.filter(({ operation }) => operation === 'PutObject').length).toBeGreaterThanOrEqual(
      10,
    );
    expect(place.double.objects.size).toBe(0);
    expect(await store.putIfAbsent('a', Buffer.from('x'))).toBe(true);
  });

  it('refuses one that ignores them, and leaves nothing there', async () => {
    place.double.setFault(() => ({ kind: 'ignore-condition' }));
    await expect(openStore(place.lakeConfig(), { cacheDirectory })).rejects.toThrow(
      /s3:\/\/lake-bucket\/lake\/test ignores If-None-Match.*overwrite each other's commits.*local disk/,
    );
    expect(place.double.objects.size).toBe(0);
  });

  it('refuses one that does not admit it', async () => {
    place.double.setFault(() => ({ kind: 'answer', status: 403, code: 'AccessDenied' }));
    await expect(openStore(place.lakeConfig(), { cacheDirectory })).rejects.toThrow(/denies access/);
  });
});

describe('probeConditionalPut', () => {
  it('finds a store that keeps conditions only when nobody races', async () => {
    const puts = new Map<string, number>();
    // The second writer of a key is refused, any later one is not: what a slow check before the write does.
    place.double.setFault(({ operation, key }) => {
      if (operation !== 'PutObject') return undefined;
      puts.set(key, (puts.get(key) ?? 0) + 1);
      return puts.get(key)! > 2 ? { kind: 'ignore-condition' } : undefined;
    });
    await expect(probeConditionalPut(await place.open())).rejects.toThrow(/ignores If-None-Match/);
    expect(place.double.objects.size).toBe(0);
  });
});
