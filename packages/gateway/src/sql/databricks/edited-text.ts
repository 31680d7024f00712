/** Replaces a part of a text. */
export interface TextEdit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** A text after edits that knows where its parts came from. */
export class EditedText {
  readonly text: string;
  readonly #edits: readonly TextEdit[];

  /** @param edits not overlapping, in any order; those at one place keep their order. */
  constructor(original: string, edits: readonly TextEdit[]) {
    this.#edits = edits.toSorted((a, b) => a.start - b.start);
    const parts: string[] = [];
    let at = 0;
    for (const edit of this.#edits) {
      parts.push(original.slice(at, edit.start), edit.text);
      at = edit.end;
    }
    parts.push(original.slice(at));
    this.text = parts.join('');
  }

  /** The offset in the original that an offset in `text` belongs to; the start of an edit for what it put in. */
  originalOffset(offset: number): number {
    let shift = 0;
    for (const { start, end, text } of this.#edits) {
      const begin = start + shift;
      if (offset < begin) break;
      if (offset < begin + text.length) return start;
      shift += text.length - (end - start);
    }
    return offset - shift;
  }
}
