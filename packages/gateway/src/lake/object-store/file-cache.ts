import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream, unlinkSync } from 'node:fs';
import { open, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { makeDirectory } from '../../lib/make-directory.ts';
import { storageError } from './local-store-errors.ts';

/** A file that was given out may be read for so long without being asked for again. */
const IN_USE_MS = 10 * 60_000;
/** How much older the time on disk may be than the last use. */
const TOUCH_MS = 60_000;
/** What is left of the limit when room has been made, so that it is not made for every file. */
const ROOM_LEFT = 0.9;
const NAME = /^(?<id>[0-9a-f]{40})-(?<size>\d+)\.parquet$/;
const TEMPORARY = '.tmp';
/** Errors of the local disk, as opposed to the stream that is written to it. */
const DISK_ERRORS = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EPERM', 'ENOENT', 'EIO', 'EMFILE', 'ENFILE']);

/** Writes an object of `size` bytes into the cache; may be called again when the stream has failed. */
export type WriteCopy = (size: number, stream: Readable) => Promise<void>;

interface Copy {
  readonly file: string;
  readonly size: number;
  /** Milliseconds since 1970. */
  usedAt: number;
  /** `usedAt` as the file's time on disk says it. */
  touchedAt: number;
}

/**
 * Local copies of immutable objects, by key, in a directory that belongs to one process. A copy appears
 * whole, or not at all; its name holds its size. The least recently used ones are deleted when all take
 * more than the limit, but none that was given out in the last ten minutes: so the limit may be passed by
 * what is in use. Copies and their times of use outlive the process.
 */
export class FileCache {
  readonly #directory: string;
  readonly #maxBytes: number;
  readonly #copies = new Map<string, Copy>();
  readonly #requests = new Map<string, Promise<string>>();
  #bytes = 0;

  private constructor(directory: string, maxBytes: number) {
    this.#directory = directory;
    this.#maxBytes = maxBytes;
  }

  /** Opens the cache with the copies that are there; what was left half written is deleted. */
  static async open(options: { readonly directory: string; readonly maxBytes: number }): Promise<FileCache> {
    makeDirectory(options.directory);
    const cache = new FileCache(options.directory, options.maxBytes);
    for (const name of await readdir(options.directory)) await cache.#take(name);
    cache.#makeRoom(0);
    return cache;
  }

  /** Bytes of all copies, with those under way. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * The path of a local copy, which stays there for at least ten minutes. Requests for the same key at the
   * same time share one download.
   * @param download fetches the object: calls `write` until one call has succeeded.
   */
  path(key: string, download: (write: WriteCopy) => Promise<void>): Promise<string> {
    const id = identify(key);
    const running = this.#requests.get(id);
    if (running) return running;
    const request = this.#find(id, download).finally(() => this.#requests.delete(id));
    this.#requests.set(id, request);
    return request;
  }

  /**
   * Moves a local file, whole and closed, into the cache. It counts as not in use.
   * @throws when it cannot be moved; the file is then where it was.
   */
  async adopt(key: string, localFile: string): Promise<void> {
    const { size } = await stat(localFile);
    if (size > this.#maxBytes) throw new Error('The file is larger than the cache.');
    const handle = await open(localFile, 'r+');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
    const id = identify(key);
    const file = this.#fileOf(id, size);
    await rename(localFile, file);
    this.#forget(id);
    this.#bytes += size;
    this.#copies.set(id, { file, size, usedAt: Date.now() - IN_USE_MS, touchedAt: Date.now() });
    this.#makeRoom(0);
  }

  async #find(id: string, download: (write: WriteCopy) => Promise<void>): Promise<string> {
    const copy = this.#copies.get(id);
    if (copy && (await isIntact(await this.#use(copy)))) return copy.file;
    if (copy) this.#drop(id, copy);
    await download((size, stream) => this.#store(id, size, stream));
    const stored = this.#copies.get(id);
    if (!stored) throw new Error('A download has ended without a copy.');
    return stored.file;
  }

  /** Notes the use, now and then on disk as well. */
  async #use(copy: Copy): Promise<Copy> {
    copy.usedAt = Date.now();
    if (copy.usedAt - copy.touchedAt > TOUCH_MS) {
      copy.touchedAt = copy.usedAt;
      const time = new Date(copy.usedAt);
      await utimes(copy.file, time, time).catch(() => undefined);
    }
    return copy;
  }

  async #store(id: string, size: number, stream: Readable): Promise<void> {
    this.#makeRoom(size);
    this.#bytes += size;
    const temporary = path.join(this.#directory, randomUUID() + TEMPORARY);
    const file = this.#fileOf(id, size);
    try {
      await pipeline(stream, createWriteStream(temporary, { flags: 'wx', mode: 0o600, flush: true }));
      const written = (await stat(temporary)).size;
      if (written !== size) throw Object.assign(new Error('A copy has the wrong size.'), { code: 'IncompleteBody' });
      await rename(temporary, file);
    } catch (error) {
      this.#bytes -= size;
      await rm(temporary, { force: true }).catch(() => undefined);
      throw localError(error);
    }
    this.#forget(id);
    this.#copies.set(id, { file, size, usedAt: Date.now(), touchedAt: Date.now() });
  }

  /** Takes in a file that was there before this process. */
  async #take(name: string): Promise<void> {
    const file = path.join(this.#directory, name);
    const { id, size } = NAME.exec(name)?.groups ?? {};
    const found = await stat(file);
    if (id === undefined || found.size !== Number(size) || this.#copies.has(id)) {
      if (id !== undefined || name.endsWith(TEMPORARY)) await rm(file, { force: true });
      return;
    }
    this.#bytes += found.size;
    this.#copies.set(id, { file, size: found.size, usedAt: found.mtimeMs, touchedAt: found.mtimeMs });
  }

  /** Deletes what was not used for longest until `size` more bytes fit, or all that is left is in use. */
  #makeRoom(size: number): void {
    if (this.#bytes + size <= this.#maxBytes) return;
    const target = this.#maxBytes * ROOM_LEFT;
    const now = Date.now();
    const idle = [...this.#copies].filter(([, copy]) => now - copy.usedAt >= IN_USE_MS);
    idle.sort(([, a], [, b]) => a.usedAt - b.usedAt);
    for (const [id, copy] of idle) {
      if (this.#bytes + size <= target) return;
      this.#drop(id, copy);
    }
  }

  /** At once, so that no request finds a copy that is being deleted. */
  #drop(id: string, copy: Copy): void {
    try {
      unlinkSync(copy.file);
    } catch (error) {
      // A file that another process has open cannot be deleted on every system.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return;
    }
    this.#forget(id);
  }

  #forget(id: string): void {
    const copy = this.#copies.get(id);
    if (copy === undefined) return;
    this.#copies.delete(id);
    this.#bytes -= copy.size;
  }

  #fileOf(id: string, size: number): string {
    return path.join(this.#directory, `${id}-${size}.parquet`);
  }
}

function identify(key: string): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 40);
}

async function isIntact({ file, size }: Copy): Promise<boolean> {
  try {
    return (await stat(file)).size === size;
  } catch {
    return false;
  }
}

/** An error of the local disk as one that may be shown, and that is no reason to download again. */
function localError(error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  return code !== undefined && DISK_ERRORS.has(code) ? storageError(error, 'written') : error;
}
