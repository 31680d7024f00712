import { lstat, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { systemCode, systemProblem } from '../lib/system-error.ts';
import { atomicWrite, removeLeftovers } from './atomic-write.ts';
import { FileUnreadable, ofFile, type FileEdit } from './file-edit.ts';
import { digest, readState, textOf, type FileState } from './file-state.ts';
import type { Place } from './formats/format.ts';
import { applyChanges, restorePlaces } from './formats/index.ts';
import type { Journal, JournalEntry } from './journal.ts';
import { revertEntries } from './revert.ts';
import { makeDirectory } from './make-directory.ts';

/** What an edit would do, or did. */
export interface PlannedEdit {
  readonly edit: FileEdit;
  /** `undefined` where there is no file. */
  readonly before: string | undefined;
  readonly after: string;
}

/** A file that could not be written. */
export class FileNotWritten extends Error {
  readonly path: string;

  constructor(file: string, error: unknown) {
    super(`${file} cannot be written: ${systemProblem(error)}.`, { cause: error });
    this.name = 'FileNotWritten';
    this.path = file;
  }
}

/**
 * Works out what edits would do, without doing it.
 * @param owner who asks: an agent's name. What it had changed before and no longer names goes back to what it was.
 * @returns the edits that would change something.
 * @throws FileUnreadable
 */
export async function planEdits(edits: readonly FileEdit[], owner: string, journal: Journal): Promise<PlannedEdit[]> {
  const plans = await Promise.all(
    edits.map(async (edit) => {
      const before = await readText(edit.path);
      const base =
        edit.from === undefined ? await withoutStale(before, edit, owner, journal) : await readText(edit.from);
      const after = ofFile(edit.from ?? edit.path, () => applyChanges(edit.format, base, edit.changes));
      return { edit, before, after };
    }),
  );
  return plans.filter(({ before, after }) => before !== after);
}

async function readText(file: string): Promise<string | undefined> {
  return textOf(file, await stateOf(file));
}

async function stateOf(file: string): Promise<FileState> {
  try {
    return await readState(file);
  } catch (error) {
    throw new FileUnreadable(file, systemProblem(error));
  }
}

/** The text without what the owner changed once and no longer asks for. */
async function withoutStale(
  text: string | undefined,
  edit: FileEdit,
  owner: string,
  journal: Journal,
): Promise<string | undefined> {
  const entry = await journal.entry(edit.path);
  if (text === undefined || entry?.format !== edit.format) return text;
  const wanted = new Set(edit.changes.map(([place]) => JSON.stringify(place)));
  const stale = (entry.places[owner] ?? []).filter((place) => !wanted.has(JSON.stringify(place)));
  if (stale.length === 0) return text;
  const original = await journal.originalText(entry);
  return ofFile(edit.path, () => restorePlaces(edit.format, text, original, stale));
}

/**
 * Makes edits: every one is worked out before the first file is touched, each file is written at once, and what was
 * there before is in the journal first. Files that are right already are left alone.
 * @returns the edits that changed something.
 * @throws FileUnreadable, FileNotWritten; files that were written before the failure are put back.
 */
export async function applyEdits(edits: readonly FileEdit[], owner: string, journal: Journal): Promise<PlannedEdit[]> {
  if ((await planEdits(edits, owner, journal)).length === 0) return [];
  return journal.exclusively(async () => {
    const plans = await planEdits(edits, owner, journal);
    const begun: Begun[] = [];
    for (const plan of plans) {
      try {
        await applyOne(plan, owner, journal, (one) => begun.push(one));
      } catch (error) {
        for (const one of begun.toReversed()) await takeBack(one, journal).catch(() => {});
        throw new FileNotWritten(plan.edit.path, error);
      }
    }
    return plans;
  });
}

/** An edit that is in the journal. */
interface Begun {
  readonly plan: PlannedEdit;
  /** The entry before this edit. */
  readonly known: JournalEntry | undefined;
  readonly entry: JournalEntry;
}

async function applyOne(
  plan: PlannedEdit,
  owner: string,
  journal: Journal,
  onBegun: (begun: Begun) => void,
): Promise<void> {
  const { edit, after } = plan;
  const state = await readState(edit.path);
  const known = await journal.entry(edit.path);
  if (state.kind === 'file' && (state.mode & 0o200) === 0) throw new Error('it is marked read-only');
  const base = known ?? (await newEntry(edit, state));
  const places = [...(base.places[owner] ?? []), ...edit.changes.map(([place]) => place)];
  const entry = {
    ...base,
    format: edit.format,
    places: { ...base.places, [owner]: distinct(places) },
    written: [...base.written, digest(Buffer.from(after))],
  };
  onBegun({ plan, known, entry });
  if (known) await journal.save(entry);
  else await journal.begin(entry, state.kind === 'file' ? state.bytes : undefined);
  await writeText(edit.path, after, edit.secret);
}

/** Undoes one edit of this run. */
async function takeBack({ plan, known, entry }: Begun, journal: Journal): Promise<void> {
  if (known === undefined) return void (await revertEntries([entry], journal));
  if (plan.before !== undefined) await writeText(plan.edit.path, plan.before);
  else await rm(plan.edit.path, { force: true });
  await journal.save(known);
}

async function newEntry({ path: file, from, format }: FileEdit, state: FileState): Promise<JournalEntry> {
  return {
    path: file,
    ...(from === undefined ? {} : { from }),
    format,
    places: {},
    original:
      state.kind === 'file' ? { kind: 'file', digest: digest(state.bytes), mode: state.mode } : { kind: 'absent' },
    madeDirectories: state.kind === 'file' ? [] : await missingDirectories(path.dirname(file)),
    written: [],
  };
}

function distinct(places: readonly Place[]): Place[] {
  return [...new Map(places.map((place) => [JSON.stringify(place), place])).values()];
}

/** Gives a file this text, with the permissions it has; nobody but its owner may read it where it is new, or a secret. */
async function writeText(file: string, text: string, secret = false): Promise<void> {
  const state = await readState(file);
  const target = state.kind === 'file' ? state.realPath : file;
  await makeDirectory(path.dirname(target));
  await removeLeftovers(target);
  const mode = state.kind === 'file' ? state.mode : 0o600;
  await atomicWrite(target, text, secret ? mode & 0o700 : mode);
}

/** The directories above a file that do not exist yet, outermost first. */
async function missingDirectories(directory: string): Promise<string[]> {
  const missing: string[] = [];
  for (let current = directory; ; current = path.dirname(current)) {
    try {
      await stat(current);
      return missing;
    } catch (error) {
      if (systemCode(error) !== 'ENOENT' || path.dirname(current) === current) throw error;
      if (await lstat(current).then(Boolean, () => false))
        throw new Error(`${current} is a symbolic link to nothing`, { cause: error });
      missing.unshift(current);
    }
  }
}
