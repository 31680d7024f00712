interface RawJson {
  /** JSON that `stringify` writes as it is. */
  rawJSON(text: string): unknown;
  isRawJSON(value: unknown): boolean;
}

/** The part of `JSON` that TypeScript's library does not know yet (Node has it since version 21). */
export const json = JSON as JSON & RawJson;
