import { readFile, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { asObject, parseObject } from '../lib/json-object.ts';
import { systemCode } from '../lib/system-error.ts';
import { atomicWrite } from './atomic-write.ts';
import { withFileLock } from './file-lock.ts';
import { digest } from './file-state.ts';
import type { Place } from './formats/format.ts';
import type { FormatName } from './formats/index.ts';
import { makeDirectory } from './make-directory.ts';

/** What a file was before we first wrote it, and what we changed in it. */
export interface JournalEntry {
  /** As the agent names it; may be a symbolic link. */
  readonly path: string;
  /** The file that this one is a copy of, where it is one: such a file is ours as a whole. */
  readonly from?: string;
  /** `undefined` in entries of the first versions, which did not keep it: such a file can only be put back as a whole. */
  readonly format: FormatName | undefined;
  /** Places that were changed since the first write, by who asked for it: an agent's name. */
  readonly places: Readonly<Record<string, readonly Place[]>>;
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
/** How long to wait for another run that writes files, milliseconds. */
const LOCK_TIMEOUT_MS = 30_000;

/** What a file was cannot be told any more: neither write it, nor take it for untouched. */
export class JournalDamaged extends Error {
  override readonly name = 'JournalDamaged';

  constructor(entryFile: string, file: string) {
    super(
      `The record of what ${file} was before ucode wrote it is damaged. Look through that file yourself, then delete ${entryFile}.`,
    );
  }
}

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

  /** Runs `work` while no other run writes or reverts files. @throws Error when the wait for it is over. */
  exclusively<T>(work: () => Promise<T>): Promise<T> {
    return withFileLock(`${this.#directory}.lock`, LOCK_TIMEOUT_MS, work);
  }

  /** @throws JournalDamaged */
  async entry(file: string): Promise<JournalEntry | undefined> {
    const entryFile = this.#entryFile(file);
    const entry = await this.#read(entryFile);
    if (entry === 'damaged') throw new JournalDamaged(entryFile, file);
    return entry;
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
      if (entry === 'damaged') unreadable.push(file);
      else if (entry) entries.push(entry);
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

  /** The text that was there before, `undefined` where there was no file. @throws Error as `original` */
  async originalText(entry: JournalEntry): Promise<string | undefined> {
    return entry.original.kind === 'absent' ? undefined : (await this.original(entry)).toString('utf8');
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

  async #read(file: string): Promise<JournalEntry | 'damaged' | undefined> {
    try {
      return readEntry(await readFile(file, 'utf8')) ?? 'damaged';
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return undefined;
      throw error;
    }
  }

  async #write(file: string, content: string | Uint8Array): Promise<void> {
    await makeDirectory(path.dirname(file));
    await atomicWrite(file, content, 0o600);
  }
}

/** An entry as it is on disk, of this or an earlier version. */
function readEntry(text: string): JournalEntry | undefined {
  const entry = parseObject(text);
  const original = asObject(entry?.['original']);
  const isWhole =
    typeof entry?.['path'] === 'string' &&
    (original?.['kind'] === 'absent' ||
      (original?.['kind'] === 'file' &&
        typeof original['digest'] === 'string' &&
        typeof original['mode'] === 'number')) &&
    Array.isArray(entry['madeDirectories']) &&
    Array.isArray(entry['written']);
  if (!isWhole) return undefined;
  const owners = Array.isArray(entry['owners']) ? (entry['owners'] as string[]) : [];
  const { owners: _, ...rest } = entry;
  return { places: Object.fromEntries(owners.map((owner) => [owner, []])), ...rest } as unknown as JournalEntry;
}
