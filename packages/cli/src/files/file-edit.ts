import { FormatError, type Change } from './formats/format.ts';
import type { FormatName } from './formats/index.ts';

/**
 * One file that shall say other things at some places. It is data, so that it can be shown (`--dry-run`, `diff`),
 * repeated, written at once or not at all, and taken out again after the user has changed the rest of the file.
 */
export interface FileEdit {
  /** Absolute. */
  readonly path: string;
  /**
   * The file whose text is changed, where it is another one: the user's own. The file at `path` is then a copy, ours as a
   * whole: whatever else was written into it goes with the next edit or with revert.
   */
  readonly from?: string;
  /** Whether a secret stands in it: then nobody but its owner may read it. */
  readonly secret?: true;
  /** What it is for, for people: `Codex profile`. */
  readonly purpose: string;
  readonly format: FormatName;
  /**
   * What shall stand where. A place that an earlier edit of the same owner changed and this one does not name goes back
   * to what was there at first: an edit names only what it wants. `undefined` takes away what the user has there.
   */
  readonly changes: readonly Change[];
}

/** A file of the user's that cannot be understood: it is never overwritten. */
export class FileUnreadable extends Error {
  readonly path: string;

  constructor(path: string, problem: string) {
    super(`${path} cannot be read: ${problem}. It is left as it is.`);
    this.name = 'FileUnreadable';
    this.path = path;
  }
}

/** Runs what reads or changes a file's text. @throws FileUnreadable with the file's name where that cannot be done. */
export function ofFile<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof FormatError) throw new FileUnreadable(file, error.message);
    throw error;
  }
}
