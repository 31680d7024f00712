import { chmod, rm, rmdir } from 'node:fs/promises';
import path from 'node:path';
import { systemCode, systemProblem } from '../lib/system-error.ts';
import { atomicWrite, removeLeftovers } from './atomic-write.ts';
import { ofFile } from './file-edit.ts';
import { digest, readState, textOf, type FileState } from './file-state.ts';
import { restorePlaces } from './formats/index.ts';
import type { Journal, JournalEntry } from './journal.ts';
import { makeDirectory } from './make-directory.ts';

export type Reverted = { readonly path: string } & (
  | {
      readonly outcome:
        /** As it was before the first write. */
        | 'restored'
        | 'removed'
        /** Somebody else has changed it since; that stays, and our part was taken out of it. */
        | 'cleaned';
    }
  /** Left as it is, and still in the journal. `problem` is a sentence. */
  | { readonly outcome: 'kept'; readonly problem: string }
);

/**
 * Puts back what was there before the first write, to the byte: content, permissions, and directories that were made.
 * Of a file that somebody has changed since, only our places go back.
 * @param owners only what these asked for; everything where it is left out.
 */
export async function revertEntries(
  entries: readonly JournalEntry[],
  journal: Journal,
  owners?: readonly string[],
): Promise<Reverted[]> {
  const reverted: Reverted[] = [];
  for (const entry of entries) {
    try {
      reverted.push({ path: entry.path, outcome: await revertEntry(entry, journal, owners) });
    } catch (error) {
      reverted.push({ path: entry.path, outcome: 'kept', problem: problemOf(entry.path, error) });
    }
  }
  const gone = entries.filter((_, index) => reverted[index]?.outcome !== 'kept');
  await removeDirectories(new Set(gone.flatMap((entry) => entry.madeDirectories)), journal);
  return reverted;
}

async function revertEntry(
  entry: JournalEntry,
  journal: Journal,
  owners: readonly string[] | undefined,
): Promise<'restored' | 'removed' | 'cleaned'> {
  const state = await readState(entry.path);
  const target = state.kind === 'file' ? state.realPath : entry.path;
  await removeLeftovers(target);
  const others = Object.keys(entry.places).filter((owner) => owners?.includes(owner) === false);
  if (others.length > 0) {
    const text = await cleaned(entry, state, journal, owners);
    await writeOver(state, text);
    const places = Object.fromEntries(others.map((owner) => [owner, entry.places[owner] ?? []]));
    const isOurs = state.kind === 'file' && entry.written.includes(digest(state.bytes)) && text !== undefined;
    await journal.save({
      ...entry,
      places,
      written: [...entry.written, ...(isOurs ? [digest(Buffer.from(text))] : [])],
    });
    return 'cleaned';
  }
  const isOriginal = state.kind === 'file' && matches(entry, state.bytes);
  const isOurs = entry.from !== undefined || (state.kind === 'file' && entry.written.includes(digest(state.bytes)));
  if (state.kind === 'file' && !isOurs && !isOriginal) {
    const text = await cleaned(entry, state, journal, owners);
    await writeOver(state, text);
    await journal.forget(entry);
    return text === undefined ? 'removed' : 'cleaned';
  }
  const { original } = entry;
  if (original.kind === 'absent') await rm(target, { force: true });
  else if (!isOriginal) {
    const bytes = await journal.original(entry);
    await makeDirectory(path.dirname(target));
    await atomicWrite(target, bytes, original.mode);
  } else if (state.mode !== original.mode) await chmod(target, original.mode);
  await journal.forget(entry);
  return original.kind === 'absent' ? 'removed' : 'restored';
}

/** The text with our places taken out. @throws Error saying why that cannot be done. */
async function cleaned(
  { path: file, format, places, ...entry }: JournalEntry,
  state: FileState,
  journal: Journal,
  owners: readonly string[] | undefined,
): Promise<string | undefined> {
  const text = textOf(file, state);
  if (text === undefined) return undefined;
  if (format === undefined) throw new Error(`${file} was changed since, and is left as it is. See: ucode diff`);
  const original = await journal.originalText({ path: file, format, places, ...entry });
  const ours = Object.entries(places).flatMap(([owner, own]) => (owners?.includes(owner) === false ? [] : own));
  return ofFile(file, () => restorePlaces(format, text, original, ours));
}

async function writeOver(state: FileState, text: string | undefined): Promise<void> {
  if (state.kind === 'absent') return;
  if (text === undefined) await rm(state.realPath);
  else if (text !== state.bytes.toString('utf8')) await atomicWrite(state.realPath, text, state.mode);
}

function problemOf(file: string, error: unknown): string {
  return systemCode(error) === undefined && error instanceof Error
    ? error.message
    : `${file} cannot be put back: ${systemProblem(error)}.`;
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
