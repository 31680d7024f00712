import { mkdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { systemCode, systemProblem } from '../lib/system-error.ts';
import { atomicWrite } from './atomic-write.ts';
import { FileUnreadable, type FileEdit } from './file-edit.ts';
import { digest, readState, type FileState } from './file-state.ts';
import type { Journal, JournalEntry } from './journal.ts';

/** What an edit would do, or did. */
export interface PlannedEdit {
  readonly edit: FileEdit;
  readonly before: string | undefined;
  readonly after: string | undefined;
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

/** Works out what edits would do, without doing it. @throws FileUnreadable */
export async function planEdits(edits: readonly FileEdit[]): Promise<PlannedEdit[]> {
  return Promise.all(
    edits.map(async (edit) => {
      const before = await readText(edit.path);
      return { edit, before, after: edit.change(edit.from === undefined ? before : await readText(edit.from)) };
    }),
  );
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

/**
 * Makes edits: every one is worked out before the first file is touched, each file is written at once, and what was
 * there before is in the journal first. Files that are right already are left alone.
 * @returns the edits that changed something.
 * @throws FileUnreadable, FileNotWritten; files that were written before the failure are put back.
 */
export async function applyEdits(edits: readonly FileEdit[], owner: string, journal: Journal): Promise<PlannedEdit[]> {
  const plans = (await planEdits(edits)).filter(({ before, after }) => before !== after);
  const done: PlannedEdit[] = [];
  for (const plan of plans) {
    try {
      await applyOne(plan, owner, journal);
      done.push(plan);
    } catch (error) {
      for (const { edit, before } of done.toReversed()) await writeText(edit.path, before).catch(() => {});
      throw new FileNotWritten(plan.edit.path, error);
    }
  }
  return plans;
}

async function applyOne({ edit, after }: PlannedEdit, owner: string, journal: Journal): Promise<void> {
  const state = await readState(edit.path);
  const known = await journal.entry(edit.path);
  if (state.kind === 'file' && (state.mode & 0o200) === 0) throw new Error('it is marked read-only');
  const entry = known ?? (await newEntry(edit.path, state));
  const written = after === undefined ? [] : [digest(Buffer.from(after))];
  const next = {
    ...entry,
    owners: [...new Set([...entry.owners, owner])],
    written: [...entry.written, ...written],
  };
  if (known) await journal.save(next);
  else await journal.begin(next, state.kind === 'file' ? state.bytes : undefined);
  await writeText(edit.path, after);
}

async function newEntry(file: string, state: FileState): Promise<JournalEntry> {
  return {
    path: file,
    owners: [],
    original:
      state.kind === 'file' ? { kind: 'file', digest: digest(state.bytes), mode: state.mode } : { kind: 'absent' },
    madeDirectories: state.kind === 'file' ? [] : await missingDirectories(path.dirname(file)),
    written: [],
  };
}

/** Gives a file this text, with the permissions it has, 0600 where it is new; `undefined` removes it. */
async function writeText(file: string, text: string | undefined): Promise<void> {
  const state = await readState(file);
  if (text === undefined) return state.kind === 'file' ? rm(state.realPath) : undefined;
  if (state.kind === 'file') return atomicWrite(state.realPath, text, state.mode);
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  await atomicWrite(file, text, 0o600);
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
      missing.unshift(current);
    }
  }
}

/** @throws FileUnreadable where the bytes are no text: writing them again would change them. */
function textOf(file: string, state: FileState): string | undefined {
  if (state.kind === 'absent') return undefined;
  const text = state.bytes.toString('utf8');
  if (!Buffer.from(text).equals(state.bytes)) throw new FileUnreadable(file, 'it is not UTF-8 text');
  return text;
}
