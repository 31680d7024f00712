import { mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FileCache, type WriteCopy } from './file-cache.ts';

const MINUTE = 60_000;
const SIZE = 1_000;

let root: string;
let directory: string;
let downloads: string[];

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'file-cache-'));
  directory = path.join(root, 'cache');
  downloads = [];
  vi.useFakeTimers({ toFake: ['Date'] });
});

afterEach(async () => {
  vi.useRealTimers();
  await rm(root, { recursive: true, force: true });
});

const open = (copies: number): Promise<FileCache> => FileCache.open({ directory, maxBytes: copies * SIZE });
const content = (key: string): string => encodeURIComponent(key).padEnd(SIZE, '.');
const pass = (milliseconds: number): unknown => vi.setSystemTime(Date.now() + milliseconds);

/** The path of a copy whose object is as long as all others. */
function ask(cache: FileCache, key: string): Promise<string> {
  return cache.path(key, async (write) => {
    downloads.push(key);
    await write(SIZE, Readable.from([Buffer.from(content(key))]));
  });
}

describe('FileCache', () => {
  it('downloads once, however many ask', async () => {
    const cache = await open(10);
    const paths = await Promise.all([ask(cache, 'a'), ask(cache, 'a'), ask(cache, 'b'), ask(cache, 'a')]);
    expect(await ask(cache, 'a')).toBe(paths[0]);
    expect(downloads.toSorted()).toEqual(['a', 'b']);
    expect(await readFile(paths[0]!, 'utf8')).toBe(content('a'));
    expect(await readFile(paths[2]!, 'utf8')).toBe(content('b'));
    expect(cache.bytes).toBe(2 * SIZE);
  });

  it('keeps odd keys apart and inside of its directory', async () => {
    const cache = await open(10);
    const keys = ["t/o'x y.parquet", 't/o', 't/../../etc', 'T/O', 'ü'];
    for (const key of keys) expect(await readFile(await ask(cache, key), 'utf8')).toBe(content(key));
    expect(await readdir(directory)).toHaveLength(keys.length);
  });

  it('deletes what was not used for longest when there is no room', async () => {
    const cache = await open(4);
    for (const key of ['a', 'b', 'c', 'd']) {
      await ask(cache, key);
      pass(MINUTE);
    }
    pass(20 * MINUTE);
    await ask(cache, 'a');
    await ask(cache, 'e');
    expect(cache.bytes).toBeLessThanOrEqual(4 * SIZE);
    downloads = [];
    for (const key of ['d', 'a', 'e']) await ask(cache, key);
    expect(downloads).toEqual([]);
    await ask(cache, 'b');
    expect(downloads).toEqual(['b']);
  });

  it('never deletes what was given out in the last ten minutes', async () => {
    const cache = await open(2);
    const paths = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((key) => ask(cache, key)));
    pass(9 * MINUTE);
    await ask(cache, 'f');
    for (const [index, key] of ['a', 'b', 'c', 'd', 'e'].entries()) {
      expect(await readFile(paths[index]!, 'utf8')).toBe(content(key));
    }
    pass(2 * MINUTE);
    await ask(cache, 'g');
    expect(cache.bytes).toBeLessThanOrEqual(2 * SIZE);
    expect(await bytesOnDisk()).toBe(cache.bytes);
    await expect(stat(paths[0]!)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('outlives a restart, with the order of use', async () => {
    const first = await open(4);
    for (const key of ['a', 'b', 'c', 'd']) await ask(first, key);
    pass(20 * MINUTE);
    await ask(first, 'a');
    await writeFile(path.join(directory, 'left-over.tmp'), 'half');
    const second = await open(4);
    expect(second.bytes).toBe(4 * SIZE);
    expect((await readdir(directory)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    await ask(second, 'e');
    downloads = [];
    await ask(second, 'a');
    expect(downloads).toEqual([]);
    // By the disk's clock, which is not moved here, all but `a` are old.
    const smaller = await open(1);
    await ask(smaller, 'a');
    expect(downloads).toEqual([]);
    expect(smaller.bytes).toBe(SIZE);
  });

  it('serves no copy that became shorter or was deleted, now or after a restart', async () => {
    const cache = await open(10);
    await truncate(await ask(cache, 'a'), 10);
    expect(await readFile(await ask(cache, 'a'), 'utf8')).toBe(content('a'));
    await rm(await ask(cache, 'a'));
    expect(await readFile(await ask(cache, 'a'), 'utf8')).toBe(content('a'));
    await truncate(await ask(cache, 'a'), 10);
    const reopened = await open(10);
    expect(reopened.bytes).toBe(0);
    expect(await readFile(await ask(reopened, 'a'), 'utf8')).toBe(content('a'));
    expect(downloads).toEqual(['a', 'a', 'a', 'a']);
  });

  it.each<[string, (write: WriteCopy) => Promise<void>]>([
    ['fails', () => Promise.reject(new Error('no network'))],
    ['breaks off', (write) => write(SIZE, Readable.from(failing()))],
    ['is short', (write) => write(SIZE, Readable.from([Buffer.from('short')]))],
    ['is long', (write) => write(SIZE, Readable.from([Buffer.alloc(SIZE + 1)]))],
  ])('leaves nothing of a download that %s, and tries again when asked again', async (_name, download) => {
    const cache = await open(10);
    await expect(cache.path('a', download)).rejects.toThrow();
    expect(await readdir(directory)).toEqual([]);
    expect(cache.bytes).toBe(0);
    expect(await readFile(await ask(cache, 'a'), 'utf8')).toBe(content('a'));
  });

  it('lets a download write a second time after a broken stream', async () => {
    const cache = await open(10);
    const file = await cache.path('a', async (write) => {
      await write(SIZE, Readable.from(failing())).catch(() => undefined);
      await write(SIZE, Readable.from([Buffer.from(content('a'))]));
    });
    expect(await readFile(file, 'utf8')).toBe(content('a'));
    expect(cache.bytes).toBe(SIZE);
  });

  it('takes in local files, which are not in use until they are asked for', async () => {
    const cache = await open(3);
    for (const key of ['a', 'b', 'c', 'd', 'e']) {
      const file = path.join(root, key);
      await writeFile(file, content(key));
      await cache.adopt(key, file);
      await expect(stat(file)).rejects.toMatchObject({ code: 'ENOENT' });
      pass(1);
    }
    expect(cache.bytes).toBeLessThanOrEqual(3 * SIZE);
    expect(await bytesOnDisk()).toBe(cache.bytes);
    expect(await readFile(await ask(cache, 'e'), 'utf8')).toBe(content('e'));
    expect(downloads).toEqual([]);
    const large = path.join(root, 'large');
    await writeFile(large, Buffer.alloc(4 * SIZE));
    await expect(cache.adopt('large', large)).rejects.toThrow();
    expect((await stat(large)).size).toBe(4 * SIZE);
  });

  it('says that the disk cannot be written, without its path', async () => {
    const cache = await open(10);
    await rm(directory, { recursive: true });
    const error = await ask(cache, 'a').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'gateway_lake_unavailable' });
    expect((error as Error).message).not.toContain(root);
  });
});

async function* failing(): AsyncGenerator<Buffer> {
  yield Buffer.alloc(SIZE / 2);
  throw new Error('The connection died.');
}

async function bytesOnDisk(): Promise<number> {
  let bytes = 0;
  for (const name of await readdir(directory)) bytes += (await stat(path.join(directory, name))).size;
  return bytes;
}
