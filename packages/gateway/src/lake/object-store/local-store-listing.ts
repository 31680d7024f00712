import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Dirent } from 'node:fs';
import { compareKeys } from './object-key.ts';
import type { ObjectInfo } from './object-store.ts';
import { errorCode } from './local-store-errors.ts';
import { isTemporaryName } from './local-store-files.ts';

/** After this a file that is being written counts as left behind by a crash, and is listed. */
const STALE_AFTER_MS = 3_600_000;
/** Files whose size and time are asked for at the same time. */
const BATCH = 64;

/**
 * Files below `prefix` (`''` or ending in `/`) in order of their keys. Symbolic links are left out: what they
 * point to is not the store's.
 */
export async function* listFiles(root: string, prefix: string, startAfter: string): AsyncIterable<ObjectInfo> {
  const entries = inOrder(await entriesOf(path.join(root, prefix)), prefix, startAfter);
  let files: string[] = [];
  for (const key of entries) {
    if (!key.endsWith('/')) files.push(key);
    if (files.length < BATCH && !key.endsWith('/')) continue;
    yield* infosOf(root, files);
    files = [];
    if (key.endsWith('/')) yield* listFiles(root, key, startAfter);
  }
  yield* infosOf(root, files);
}

/**
 * Keys of the files, and of the directories with a `/` at their end, by which they stand where their files do.
 * What cannot come after `startAfter` is left out.
 */
function inOrder(entries: readonly Dirent[], prefix: string, startAfter: string): string[] {
  const keys: string[] = [];
  for (const entry of entries) {
    const key = `${prefix}${entry.name}${entry.isDirectory() ? '/' : ''}`;
    const isListed = entry.isFile() || entry.isDirectory();
    if (isListed && (compareKeys(key, startAfter) > 0 || (entry.isDirectory() && startAfter.startsWith(key)))) {
      keys.push(key);
    }
  }
  return keys.toSorted(compareKeys);
}

async function* infosOf(root: string, keys: readonly string[]): AsyncIterable<ObjectInfo> {
  for (const info of await Promise.all(keys.map((key) => infoOf(root, key)))) if (info) yield info;
}

async function infoOf(root: string, key: string): Promise<ObjectInfo | undefined> {
  try {
    const { size, mtimeMs } = await stat(path.join(root, key));
    const isBeingWritten = isTemporaryName(path.basename(key)) && Date.now() - mtimeMs < STALE_AFTER_MS;
    return isBeingWritten ? undefined : { key, size, modifiedAt: Math.floor(mtimeMs) };
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function entriesOf(directory: string): Promise<Dirent[]> {
  try {
    return await readdir(directory, { withFileTypes: true });
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return [];
    throw error;
  }
}
