import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openStore } from './store.ts';
import { liveImageSuite } from './testing/live-image-suite.ts';
import { migrationSuite } from './testing/migration-suite.ts';
import { sqlitePlace } from './testing/store-place.ts';
import { storeSuite } from './testing/store-suite.ts';

describe('on SQLite', () => {
  storeSuite(sqlitePlace());
  migrationSuite(sqlitePlace());
  liveImageSuite(sqlitePlace());
});

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'ucode-state-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

test('makes a private file in a private directory, in WAL mode with full synchronisation', async () => {
  const dataDirectory = path.join(directory, 'new', 'data');
  const store = await openStore({ dataDirectory });
  expect(store.name).toBe(path.join(dataDirectory, 'state.db'));
  expect(statSync(store.name).mode & 0o777).toBe(0o600);
  expect(statSync(`${store.name}-wal`).mode & 0o777).toBe(0o600);
  expect(statSync(dataDirectory).mode & 0o777).toBe(0o700);
  expect(await store.get('PRAGMA journal_mode')).toMatchObject({ journal_mode: 'wal' });
  expect(await store.get('PRAGMA synchronous')).toMatchObject({ synchronous: 2 });
  await store.close();
});

test('what is read outside a transaction cannot change anything', async () => {
  const store = await openStore({ dataDirectory: directory });
  await expect(store.get('PRAGMA user_version = 7')).rejects.toThrow(/readonly/);
  await store.all("WITH a AS (SELECT 'x' AS area) INSERT INTO revisions SELECT area, 1 FROM a RETURNING area");
  expect(await store.all('SELECT area FROM revisions')).toEqual([{ area: 'x' }]);
  await store.close();
});

test('the event loop goes on while a change waits for another process', async () => {
  const [one, two] = [await openStore({ dataDirectory: directory }), await openStore({ dataDirectory: directory })];
  let release = (): void => {};
  const held = one.transaction(() => new Promise<void>((resolve) => (release = resolve)));
  const waiting = two.run("INSERT INTO revisions (area, revision) VALUES ('a', 1)");
  await new Promise((resolve) => setTimeout(resolve, 20));
  release();
  await held;
  expect(await waiting).toBe(1);
  await one.close();
  await two.close();
});

test('a file that is no database, or a directory in its place, is refused', async () => {
  writeFileSync(path.join(directory, 'state.db'), 'x'.repeat(4096));
  await expect(openStore({ dataDirectory: directory })).rejects.toThrow(
    /^The state file .*state\.db cannot be used: file is not a database\.$/,
  );
  mkdirSync(path.join(directory, 'other', 'state.db'), { recursive: true });
  await expect(openStore({ dataDirectory: path.join(directory, 'other') })).rejects.toThrow(/EISDIR/);
});
