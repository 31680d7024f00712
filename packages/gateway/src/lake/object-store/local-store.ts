import { readFile, rmdir, unlink } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { errorCode, storageError } from './local-store-errors.ts';
import { createDurably, moveDurably, replaceDurably } from './local-store-files.ts';
import { listFiles } from './local-store-listing.ts';
import { checkKey, checkPrefix } from './object-key.ts';
import type { ObjectInfo, ObjectStore } from './object-store.ts';

/** Deletions under way at the same time. */
const DELETE_BATCH = 64;

/**
 * A store in a local directory, which is made when the first object is written. Files and directories are the
 * owner's alone. The file system has to have hard links: they are what makes `putIfAbsent` atomic.
 */
export class LocalStore implements ObjectStore {
  readonly description: string;
  readonly #root: string;

  constructor(rootDirectory: string) {
    this.#root = path.resolve(rootDirectory);
    this.description = this.#root;
  }

  uri(key: string): string {
    return pathToFileURL(this.#pathOf(key)).href;
  }

  async get(key: string): Promise<Buffer | undefined> {
    const file = this.#pathOf(key);
    try {
      return await readFile(file);
    } catch (error) {
      if (['ENOENT', 'ENOTDIR', 'EISDIR'].includes(errorCode(error) ?? '')) return undefined;
      throw storageError(error, 'read');
    }
  }

  async putIfAbsent(key: string, bytes: Uint8Array): Promise<boolean> {
    const file = this.#pathOf(key);
    return writing(() => createDurably(file, bytes));
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    const file = this.#pathOf(key);
    await writing(() => replaceDurably(file, bytes));
  }

  async putFile(key: string, localFile: string): Promise<void> {
    const file = this.#pathOf(key);
    await writing(() => moveDurably(localFile, file));
  }

  async localPath(key: string): Promise<string> {
    return this.#pathOf(key);
  }

  async *list(prefix: string, options: { readonly startAfter?: string } = {}): AsyncIterable<ObjectInfo> {
    checkPrefix(prefix);
    try {
      yield* listFiles(this.#root, prefix, options.startAfter ?? '');
    } catch (error) {
      throw storageError(error, 'listed');
    }
  }

  async delete(keys: readonly string[]): Promise<void> {
    const files = keys.map((key) => this.#pathOf(key));
    try {
      for (let start = 0; start < files.length; start += DELETE_BATCH) {
        await Promise.all(files.slice(start, start + DELETE_BATCH).map(deleteFile));
      }
      const directories = new Set(files.map((file) => path.dirname(file)));
      for (const directory of directories) await this.#removeEmpty(directory);
    } catch (error) {
      throw storageError(error, 'deleted');
    }
  }

  /** Directories are no objects: one without files goes, and so do those above it. */
  async #removeEmpty(directory: string): Promise<void> {
    for (let current = directory; current.startsWith(this.#root + path.sep); current = path.dirname(current)) {
      try {
        await rmdir(current);
      } catch (error) {
        if (errorCode(error) === 'ENOENT') continue;
        return;
      }
    }
  }

  #pathOf(key: string): string {
    checkKey(key);
    return path.join(this.#root, key);
  }
}

async function deleteFile(file: string): Promise<void> {
  try {
    await unlink(file);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT' && errorCode(error) !== 'ENOTDIR') throw error;
  }
}

async function writing<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    throw storageError(error, 'written');
  }
}
