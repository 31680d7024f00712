/** What a piece of a statement is. */
export type TokenKind =
  /** An identifier or keyword without quotes. */
  | 'word'
  /** An identifier in backquotes. */
  | 'quoted'
  /** Text in single or double quotes. */
  | 'text'
  | 'number'
  /** One character of anything else. */
  | 'symbol'
  | 'end';

export interface Token {
  readonly kind: TokenKind;
  /** What it stands for: the identifier or text without its quotes, else as written. */
  readonly value: string;
  /** Upper case for words, else empty: what keywords are compared with. */
  readonly keyword: string;
  /** Offset of its first character in the statement. */
  readonly start: number;
  /** Offset after its last character. */
  readonly end: number;
}
