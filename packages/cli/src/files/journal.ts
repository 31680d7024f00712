import { mkdir, readFile, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { systemCode } from '../lib/system-error.ts';
import { atomicWrite } from './atomic-write.ts';
import { digest } from './file-state.ts';

/** What a file was before we first wrote it, and what we wrote last. */
export interface JournalEntry {
  /** As the agent names it; may be a symbolic link. */
  readonly path: string;
  /** Which agents asked for it. */
  readonly owners: readonly string[];
  readonly original:
    | { readonly kind: 'absent' }
    /** The bytes are in the journal's `originals/<digest>`. */
    | { readonly kind: 'file'; readonly digest: string; readonly mode: number };
  /** Directories that were made for it, outermost first. */
  readonly madeDirectories: readonly string[];
  /** Digests of what we wrote, the last one at the end; what is there now is ours if its digest is among them. */
  readonly written: readonly string[];
}

/** How many digests of earlier writes are remembered. */
const REMEMBERED_WRITES = 20;

/**
 * The record of every file that `ucode` has written on this machine: kept until it is reverted. An entry is on disk
 * before its file is changed, so a run that is killed leaves nothing that cannot be taken back. One file per entry, so
 * that two runs do not overwrite each other's.
 */
export class Journal {
  readonly #directory: string;

  /** @param directory `~/.ucode/journal`. */
  constructor(directory: string) {
    this.#directory = directory;
  }

  async entry(file: string): Promise<JournalEntry | undefined> {
    return this.#read(this.#entryFile(file));
  }

  /** Every entry, by path. Ones that cannot be read are left out and named. */
  async entries(): Promise<{ entries: JournalEntry[]; unreadable: string[] }> {
    const names = await readdir(path.join(this.#directory, 'entries')).catch((error: unknown) => {
      if (systemCode(error) === 'ENOENT') return [];
      throw error;
    });
    const entries: JournalEntry[] = [];
    const unreadable: string[] = [];
    for (const name of names.filter((one) => one.endsWith('.json'))) {
      const file = path.join(this.#directory, 'entries', name);
      const entry = await this.#read(file);
      if (entry) entries.push(entry);
      else unreadable.push(file);
    }
    return { entries: entries.toSorted((left, right) => (left.path < right.path ? -1 : 1)), unreadable };
  }

  /** Keeps the original bytes, then the entry. Nothing else may be written before this has ended. */
  async begin(entry: JournalEntry, original: Uint8Array | undefined): Promise<void> {
    if (original !== undefined && entry.original.kind === 'file') {
      await this.#write(path.join(this.#directory, 'originals', entry.original.digest), original);
    }
    await this.save(entry);
  }

  async save(entry: JournalEntry): Promise<void> {
    const written = entry.written.slice(-REMEMBERED_WRITES);
    await this.#write(this.#entryFile(entry.path), `${JSON.stringify({ ...entry, written }, undefined, 2)}\n`);
  }

  /** The bytes that were there before. @throws Error where the copy is missing or was changed. */
  async original(entry: JournalEntry): Promise<Buffer> {
    if (entry.original.kind !== 'file') throw new Error(`${entry.path} was not there before.`);
    const copy = path.join(this.#directory, 'originals', entry.original.digest);
    const bytes = await readFile(copy);
    if (digest(bytes) !== entry.original.digest) throw new Error(`The copy ${copy} of ${entry.path} is damaged.`);
    return bytes;
  }

  /** Forgets a file that has been put back. */
  async forget(entry: JournalEntry): Promise<void> {
    await rm(this.#entryFile(entry.path), { force: true });
    const { entries } = await this.entries();
    const { original } = entry;
    const needed = entries.some(
      (other) =>
        other.original.kind === 'file' && original.kind === 'file' && other.original.digest === original.digest,
    );
    if (original.kind === 'file' && !needed) {
      await rm(path.join(this.#directory, 'originals', original.digest), { force: true });
    }
  }

  #entryFile(file: string): string {
    return path.join(this.#directory, 'entries', `${digest(Buffer.from(file)).slice(0, 32)}.json`);
  }

  async #read(file: string): Promise<JournalEntry | undefined> {
    let text: string;
    try {
      text = await readFile(file, 'utf8');
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return undefined;
      throw error;
    }
    try {
      return JSON.parse(text) as JournalEntry;
    } catch {
      return undefined;
    }
  }

  async #write(file: string, content: string | Uint8Array): Promise<void> {
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
    await atomicWrite(file, content, 0o600);
  }
}
