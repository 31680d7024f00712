/**
 * One file that shall have other content. The change is a pure function of what is there, so that it can be shown
 * (`--dry-run`, `diff`), repeated, and written at once or not at all.
 */
export interface FileEdit {
  /** Absolute. */
  readonly path: string;
  /** The file whose text is changed, where it is another one: the user's own, of which this is a copy. */
  readonly from?: string;
  /** What it is for, for people: `Codex profile`. */
  readonly purpose: string;
  /**
   * The new text; `undefined` removes the file. Keeps what is not ours: comments, order, unknown keys.
   * @param text what is there, or in `from`; `undefined` where there is no file.
   * @throws FileUnreadable where the text cannot be understood, so that it is left alone.
   */
  change(text: string | undefined): string | undefined;
}

/** A file of the user's that cannot be parsed: it is never overwritten. */
export class FileUnreadable extends Error {
  readonly path: string;

  constructor(path: string, problem: string) {
    super(`${path} cannot be read: ${problem}. It is left as it is.`);
    this.name = 'FileUnreadable';
    this.path = path;
  }
}
