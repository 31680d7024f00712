import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LocalStore } from './local-store.ts';
import { storageError } from './local-store-errors.ts';
import { storeLaws } from './testing/store-laws.ts';

storeLaws('a local directory', async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'local-store-'));
  return {
    open: () => new LocalStore(path.join(directory, 'made', 'on demand')),
    remove: () => rm(directory, { recursive: true, force: true }),
  };
});

describe('a local store', () => {
  let root: string;
  let store: LocalStore;

  beforeEach(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'local-store-'));
    store = new LocalStore(path.join(root, 'lake'));
  });

  afterEach(() => rm(root, { recursive: true, force: true }));

  async function keys(): Promise<string[]> {
    const found: string[] = [];
    for await (const { key } of store.list('')) found.push(key);
    return found;
  }

  test('keeps files and directories to their owner', async () => {
    await store.putIfAbsent('a/b/one', Buffer.from('x'));
    await store.put('a/b/two', Buffer.from('x'));
    const file = path.join(root, 'outside');
    await writeFile(file, 'x', { mode: 0o666 });
    await store.putFile('a/b/three', file);
    for (const name of ['one', 'two', 'three']) {
      expect((await stat(path.join(root, 'lake/a/b', name))).mode & 0o777).toBe(0o600);
    }
    for (const name of ['lake', 'lake/a', 'lake/a/b']) {
      expect((await stat(path.join(root, name))).mode & 0o777).toBe(0o700);
    }
  });

  test('leaves no temporary file behind, whoever wins', async () => {
    await Promise.all(Array.from({ length: 20 }, (_, i) => store.putIfAbsent('a/b', Buffer.from(String(i)))));
    await store.put('a/c', Buffer.from('x'));
    expect((await readdir(path.join(root, 'lake/a'))).toSorted()).toEqual(['b', 'c']);
  });

  test('a file that is being written is not listed; one left by a crash is, and can be deleted', async () => {
    await store.putIfAbsent('a/b', Buffer.from('x'));
    const name = '.tmp-01234567-89ab-4cde-8f01-23456789abcd';
    const file = path.join(root, 'lake/a', name);
    await writeFile(file, 'half');
    expect(await keys()).toEqual(['a/b']);
    const old = new Date(Date.now() - 3_700_000);
    await utimes(file, old, old);
    expect(await keys()).toEqual([`a/${name}`, 'a/b']);
    await store.delete([`a/${name}`]);
    expect(await keys()).toEqual(['a/b']);
  });

  test('does not follow symbolic links', async () => {
    await store.putIfAbsent('a/b', Buffer.from('x'));
    await mkdir(path.join(root, 'elsewhere'));
    await writeFile(path.join(root, 'elsewhere/file'), 'x');
    await symlink(path.join(root, 'elsewhere'), path.join(root, 'lake/link'));
    expect(await keys()).toEqual(['a/b']);
  });

  test('a directory goes with its last object, and the root stays', async () => {
    await store.putIfAbsent('a/b/c', Buffer.from('x'));
    await store.putIfAbsent('a/d', Buffer.from('x'));
    await store.delete(['a/b/c']);
    expect(await readdir(path.join(root, 'lake'))).toEqual(['a']);
    expect(await readdir(path.join(root, 'lake/a'))).toEqual(['d']);
    await store.delete(['a/d']);
    expect(await readdir(path.join(root, 'lake'))).toEqual([]);
  });

  test('writers and deleters beside each other lose nothing', async () => {
    for (let round = 0; round < 30; round++) {
      await store.putIfAbsent('a/b/old', Buffer.from('x'));
      await Promise.all([store.delete(['a/b/old']), store.putIfAbsent(`a/b/${round}`, Buffer.from('x'))]);
      expect((await store.get(`a/b/${round}`))?.toString()).toBe('x');
      await store.delete([`a/b/${round}`]);
    }
  });

  test('moves a file in from another file system', async ({ skip }) => {
    const elsewhere = await mkdtemp('/dev/shm/local-store-').catch(() => undefined);
    if (elsewhere === undefined || (await stat(elsewhere)).dev === (await stat(root)).dev) return skip();
    try {
      const file = path.join(elsewhere, 'part');
      await writeFile(file, 'bytes');
      await store.putFile('t/part', file);
      expect(await readFile(path.join(root, 'lake/t/part'), 'utf8')).toBe('bytes');
      expect(await readdir(elsewhere)).toEqual([]);
      expect(await readdir(path.join(root, 'lake/t'))).toEqual(['part']);
    } finally {
      await rm(elsewhere, { recursive: true, force: true });
    }
  });

  test('a failing file system is gateway_lake_unavailable, with the path only in the cause', async () => {
    await writeFile(path.join(root, 'lake'), 'a file where the root should be');
    for (const act of [
      () => store.putIfAbsent('a/b', Buffer.from('x')),
      () => store.put('a/b', Buffer.from('x')),
      () => store.putFile('a/b', path.join(root, 'missing')),
    ]) {
      const error = await act().catch((caught: unknown) => caught as Error);
      expect(error).toMatchObject({ code: 'gateway_lake_unavailable', cause: { syscall: expect.any(String) } });
      expect((error as Error).message).not.toContain(root);
    }
  });

  test('a directory that may not be read is no empty directory', async ({ skip }) => {
    if (process.getuid?.() === 0) return skip();
    await store.putIfAbsent('a/b', Buffer.from('x'));
    await chmod(path.join(root, 'lake/a'), 0o000);
    await expect(keys()).rejects.toMatchObject({ code: 'gateway_lake_unavailable' });
    await chmod(path.join(root, 'lake/a'), 0o700);
  });

  test.each([
    ['ENOSPC', 'the disk is full'],
    ['EROFS', 'read-only'],
    ['EACCES', 'permission is denied'],
    ['EWHATEVER', 'reports an error'],
  ])('%s is explained', (code, text) => {
    const cause = Object.assign(new Error('x'), { code, syscall: 'write' });
    const error = storageError(cause, 'written') as Error;
    expect(error).toMatchObject({ code: 'gateway_lake_unavailable', cause });
    expect(error.message).toContain(text);
  });
});
