/** A path for DuckDB's `read_…` functions, in which no character counts as a pattern of several files. */
export function literalPath(path: string): string {
  return path.replace(/[[\]*?]/g, (character) => `[${character}]`);
}
