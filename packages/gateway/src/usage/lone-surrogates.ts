/** An escaped half of a surrogate pair; behind an even number of backslashes, so that the escape is one. */
const LONE = /(?<=(?:^|[^\\])(?:\\\\)*)\\ud[89a-f][0-9a-f]{2}/g;

/**
 * JSON that `JSON.stringify` made, with each lone surrogate replaced by U+FFFD. Callers can bring such text in (a tag
 * of `"\ud800"`), and DuckDB takes a file that has one for damaged.
 */
export function withoutLoneSurrogates(json: string): string {
  // Whole pairs are never escaped by `JSON.stringify`.
  return json.includes('\\ud') ? json.replace(LONE, String.raw`\ufffd`) : json;
}
