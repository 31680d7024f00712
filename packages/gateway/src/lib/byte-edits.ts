import type { JsonRange } from './json-scan.ts';

/** Replace the bytes of the range by the text (UTF-8). An empty range inserts. */
export interface ByteEdit {
  readonly range: JsonRange;
  readonly bytes: string;
}

/**
 * Applies edits to a body as a list of chunks: untouched stretches are views of the body, nothing large is copied.
 * Edits may come in any order; two inserts at one place keep theirs.
 * @returns chunks whose concatenation is the edited body. No chunk is empty.
 * @throws RangeError when edits overlap or leave the body: a fault of the program, never of the caller.
 */
export function applyEdits(body: Buffer, edits: readonly ByteEdit[]): Buffer[] {
  const sorted = edits.toSorted((a, b) => a.range.start - b.range.start || a.range.end - b.range.end);
  const chunks: Buffer[] = [];
  let at = 0;
  for (const { range, bytes } of sorted) {
    if (range.start < at || range.end < range.start || range.end > body.length) {
      throw new RangeError(`edit ${range.start}..${range.end} overlaps another or leaves the body`);
    }
    if (range.start > at) chunks.push(body.subarray(at, range.start));
    if (bytes !== '') chunks.push(Buffer.from(bytes));
    at = range.end;
  }
  if (at < body.length) chunks.push(body.subarray(at));
  return chunks;
}
