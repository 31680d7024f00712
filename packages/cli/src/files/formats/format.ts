/** Where something stands in a file: `['env', 'OTEL_LOGS_EXPORTER']`, `['model_providers', 'ucode']`, `['GEMINI_MODEL']`. */
export type Place = readonly [string, ...string[]];

/** One place and its value; `undefined` takes away what stands there. A value that is an object replaces all of it. */
export type Change = readonly [place: Place, value: unknown];

/** What a file says, without how it is written. */
export type Content = Record<string, unknown>;

/**
 * How one kind of file is read and changed: a file here and a line in `index.ts`. Pure. Texts come without a byte order
 * mark; no file is the empty text. Whatever is not at the place stays as it is: comments, order, line ends, spelling.
 */
export interface FileFormat {
  /** @throws FormatError where the text is not of this format. */
  parse(text: string): Content;
  /**
   * The text with this value at the place, written anew; `undefined` takes it away. Comments beside it stay.
   * @throws FormatError where there is no room for it.
   */
  set(text: string, place: Place, value: unknown): string;
  /**
   * The text with the place as it is spelled in the original: its own quotes, comments and order in it.
   * @param original has something at the place.
   */
  copy(text: string, original: string, place: Place): string;
  /** Whether nothing is in the text, not even a comment. */
  isBlank(text: string): boolean;
}

/** A text that cannot be understood, or changed without risk. The message is the end of a sentence. */
export class FormatError extends Error {
  override readonly name = 'FormatError';
}
