import { chmod, rm, rmdir } from 'node:fs/promises';
import path from 'node:path';
import { systemCode } from '../lib/system-error.ts';
import { atomicWrite } from './atomic-write.ts';
import { digest, readState } from './file-state.ts';
import type { Journal, JournalEntry } from './journal.ts';

export interface Reverted {
  readonly path: string;
  readonly outcome:
    /** As it was before the first write. */
    | 'restored'
    | 'removed'
    /** The user has changed it since; the change stays, and our part was taken out of it. */
    | 'cleaned'
    /** The user has changed it since, and our part cannot be told apart: left alone. */
    | 'kept';
}

/** Takes our part out of a text that the user has changed since: a file's `undo`, where there is one. */
export type Clean = (file: string, text: string) => string | undefined;

/**
 * Puts back what was there before the first write, to the byte: content, permissions, and directories that were made.
 * @param clean for files that somebody else has changed since; gives `undefined` where it does not know how.
 */
export async function revertEntries(
  entries: readonly JournalEntry[],
  journal: Journal,
  clean: Clean,
): Promise<Reverted[]> {
  const reverted: Reverted[] = [];
  for (const entry of entries) reverted.push(await revertEntry(entry, journal, clean));
  const gone = entries.filter((_, index) => reverted[index]?.outcome !== 'kept');
  await removeDirectories(new Set(gone.flatMap((entry) => entry.madeDirectories)), journal);
  return reverted;
}

async function revertEntry(entry: JournalEntry, journal: Journal, clean: Clean): Promise<Reverted> {
  const state = await readState(entry.path);
  const isOriginal = state.kind === 'file' && matches(entry, state.bytes);
  const ours = state.kind === 'file' && entry.written.includes(digest(state.bytes));
  if (state.kind === 'file' && !ours && !isOriginal) {
    const cleaned = clean(entry.path, state.bytes.toString('utf8'));
    if (cleaned === undefined) return { path: entry.path, outcome: 'kept' };
    await atomicWrite(state.realPath, cleaned, state.mode);
    await journal.forget(entry);
    return { path: entry.path, outcome: 'cleaned' };
  }
  if (entry.original.kind === 'absent') {
    if (state.kind === 'file') await rm(state.realPath);
    await journal.forget(entry);
    return { path: entry.path, outcome: 'removed' };
  }
  const target = state.kind === 'file' ? state.realPath : entry.path;
  if (isOriginal) await chmod(target, entry.original.mode);
  else await atomicWrite(target, await journal.original(entry), entry.original.mode);
  await journal.forget(entry);
  return { path: entry.path, outcome: 'restored' };
}

/** Removes directories that were made for files, where nothing else is in them; else a file that is still there inherits them. */
async function removeDirectories(directories: ReadonlySet<string>, journal: Journal): Promise<void> {
  const left: string[] = [];
  for (const directory of [...directories].toSorted((one, other) => other.length - one.length)) {
    await rmdir(directory).catch((error: unknown) => {
      if (systemCode(error) !== 'ENOENT') left.push(directory);
    });
  }
  const { entries } = left.length === 0 ? { entries: [] } : await journal.entries();
  for (const directory of left) {
    const heir = entries.find(({ path: file }) => file.startsWith(`${directory}${path.sep}`));
    if (heir === undefined) continue;
    const madeDirectories = [...new Set([...heir.madeDirectories, directory])];
    await journal.save({
      ...heir,
      madeDirectories: madeDirectories.toSorted((one, other) => one.length - other.length),
    });
  }
}

function matches(entry: JournalEntry, bytes: Uint8Array): boolean {
  return entry.original.kind === 'file' && digest(bytes) === entry.original.digest;
}
