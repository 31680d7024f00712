import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { schemaVersion, StateVersionError } from './migrations.ts';
import { openStore } from './store.ts';
import { findTokenByHash, insertToken, markTokenRevoked, recordTokenUse, selectTokens } from './token-repository.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'ucode-state-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const row = {
  id: 'a1',
  userName: 'ada',
  tokenHash: Buffer.alloc(32, 7),
  comment: null,
  createdAt: 1,
  expiresAt: null,
};

test('makes a private file in a private directory, in WAL mode with full synchronisation', () => {
  const data = path.join(directory, 'new', 'data');
  const store = openStore(data);
  insertToken(store, row);
  expect(statSync(store.file).mode & 0o777).toBe(0o600);
  expect(statSync(`${store.file}-wal`).mode & 0o777).toBe(0o600);
  expect(statSync(data).mode & 0o777).toBe(0o700);
  expect(store.prepare('PRAGMA journal_mode').get()).toMatchObject({ journal_mode: 'wal' });
  expect(store.prepare('PRAGMA synchronous').get()).toMatchObject({ synchronous: 2 });
  store.close();
  store.close();
});

test('keeps what was written', () => {
  const first = openStore(directory);
  insertToken(first, row);
  first.close();
  const second = openStore(directory);
  expect(selectTokens(second)).toEqual([
    { ...row, tokenHash: new Uint8Array(row.tokenHash), revokedAt: null, lastUsedAt: null },
  ]);
  second.close();
});

test('refuses a file that a newer gateway wrote, and leaves it as it was', () => {
  openStore(directory).close();
  const newer = new DatabaseSync(path.join(directory, 'state.db'));
  newer.exec(`PRAGMA user_version = ${schemaVersion + 1}`);
  newer.close();
  expect(() => openStore(directory)).toThrow(StateVersionError);
  expect(() => openStore(directory)).toThrow(/schema version \d+.*newer gateway/);
});

test('finds tokens by hash, revokes once, records uses', () => {
  const store = openStore(directory);
  insertToken(store, row);
  expect(() => insertToken(store, { ...row, id: 'a2' })).toThrow(/UNIQUE/);
  expect(findTokenByHash(store, row.tokenHash)?.id).toBe('a1');
  expect(findTokenByHash(store, Buffer.alloc(32, 8))).toBeUndefined();
  expect(markTokenRevoked(store, 'a1', 5)).toBe(true);
  expect(markTokenRevoked(store, 'a1', 6)).toBe(false);
  recordTokenUse(store, new Map([['a1', 9]]));
  expect(findTokenByHash(store, row.tokenHash)).toMatchObject({ revokedAt: 5, lastUsedAt: 9 });
  store.close();
});

test('a transaction that throws leaves nothing behind', () => {
  const store = openStore(directory);
  expect(() =>
    store.transaction(() => {
      insertToken(store, row);
      throw new Error('no');
    }),
  ).toThrow('no');
  expect(selectTokens(store)).toEqual([]);
  store.close();
});

test('the change mark moves for own changes and for those of others', () => {
  const store = openStore(directory);
  const other = openStore(directory);
  const marks = [store.changeMark(), store.changeMark()];
  expect(marks[0]).toBe(marks[1]);
  insertToken(store, row);
  marks.push(store.changeMark());
  markTokenRevoked(other, 'a1', 2);
  marks.push(store.changeMark());
  expect(new Set(marks).size).toBe(3);
  other.close();
  store.close();
});
