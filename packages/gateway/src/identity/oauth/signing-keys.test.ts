import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ChangeWatcher } from '../../state/live-image.ts';
import { openStore, type Store } from '../../state/store.ts';
import { SigningKeys } from './signing-keys.ts';

const DAY = 86_400_000;
const secrets = { seal: (plain: string) => `s${plain}`, open: (sealed: string) => sealed.slice(1) };
let dataDirectory: string;
let store: Store;
let watcher: ChangeWatcher;
let now: number;

beforeEach(async () => {
  dataDirectory = mkdtempSync(path.join(tmpdir(), 'ucode-keys-'));
  store = await openStore({ dataDirectory });
  watcher = new ChangeWatcher(store);
  now = 1_800_000_000_000;
});
afterEach(async () => {
  watcher.close();
  await store.close();
  rmSync(dataDirectory, { recursive: true, force: true });
});

function ids(keys: SigningKeys, alg: string): (string | undefined)[] {
  return keys
    .current()
    .jwks.filter((key) => key.alg === alg)
    .map((key) => key.kid);
}

test('a new key is published a day before it signs, and an old one is kept until nothing of it is left', async () => {
  const keys = await SigningKeys.open(watcher, secrets, () => now);
  const [first] = ids(keys, 'ES256');
  expect(ids(keys, 'ES256')).toEqual([first]);
  expect(ids(keys, 'RS256')).toHaveLength(1);
  expect(keys.current().cookieKeys).toHaveLength(1);

  now += 28 * DAY;
  await keys.rotate();
  expect(ids(keys, 'ES256')).toEqual([first]);
  now += 1 * DAY;
  await keys.rotate();
  const [signing, next] = ids(keys, 'ES256');
  expect(signing).toBe(first);
  expect(next).toBeDefined();
  now += 1 * DAY;
  expect(ids(keys, 'ES256')).toEqual([next, first]);
  now += 3 * DAY;
  await keys.rotate();
  expect(ids(keys, 'ES256')).toEqual([next]);
  expect(keys.current().cookieKeys).toHaveLength(2);
});

test('two gateways have the same keys, also when both rotate at once', async () => {
  const other = await openStore({ dataDirectory });
  const otherWatcher = new ChangeWatcher(other);
  const [mine, theirs] = await Promise.all([
    SigningKeys.open(watcher, secrets, () => now),
    SigningKeys.open(otherWatcher, secrets, () => now),
  ]);
  await Promise.all([watcher.check(), otherWatcher.check()]);
  expect(mine.current()).toEqual(theirs.current());
  now += 29 * DAY;
  await Promise.all([mine.rotate(), theirs.rotate()]);
  await Promise.all([watcher.check(), otherWatcher.check()]);
  expect(mine.current()).toEqual(theirs.current());
  expect(ids(mine, 'ES256')).toHaveLength(2);
  otherWatcher.close();
  await other.close();
});

test('a clock that is set back, or far ahead, still leaves a key that signs', async () => {
  const keys = await SigningKeys.open(watcher, secrets, () => now);
  const [first] = ids(keys, 'RS256');
  now -= 100 * DAY;
  expect(ids(keys, 'RS256')).toEqual([first]);
  now += 500 * DAY;
  await keys.rotate();
  expect(ids(keys, 'RS256')[0]).toBe(first);
  expect(ids(keys, 'RS256')).toHaveLength(2);
});
