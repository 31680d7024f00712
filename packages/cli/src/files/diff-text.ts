/** Lines around a change that are shown. */
const CONTEXT_LINES = 3;

/**
 * The difference of two texts in unified form, as `diff -u` and `git diff` show it; empty where there is none.
 * @param before `undefined`: there was no file.
 */
export function unifiedDiff(file: string, before: string | undefined, after: string | undefined): string {
  if (before === after) return '';
  const left = linesOf(before);
  const right = linesOf(after);
  const changes = script(left, right);
  const lines = [`--- ${before === undefined ? '/dev/null' : file}`, `+++ ${after === undefined ? '/dev/null' : file}`];
  for (const hunk of hunks(changes)) lines.push(...hunkLines(hunk));
  return lines.join('\n');
}

interface Change {
  readonly mark: ' ' | '-' | '+';
  readonly text: string;
  /** Numbers of the line before and after, from 0. */
  readonly at: readonly [number, number];
}

function linesOf(text: string | undefined): string[] {
  if (text === undefined || text === '') return [];
  return text.replace(/\n$/, '').split('\n');
}

/** The shortest way from one to the other by the longest common subsequence; agents' files are short. */
function script(left: readonly string[], right: readonly string[]): Change[] {
  const common = Array.from({ length: left.length + 1 }, () => new Uint32Array(right.length + 1));
  const cell = (row: number, column: number): number => common[row]?.[column] ?? 0;
  for (let row = left.length - 1; row >= 0; row--) {
    for (let column = right.length - 1; column >= 0; column--) {
      const value =
        left[row] === right[column]
          ? cell(row + 1, column + 1) + 1
          : Math.max(cell(row + 1, column), cell(row, column + 1));
      common[row]?.fill(value, column, column + 1);
    }
  }
  const changes: Change[] = [];
  let [row, column] = [0, 0];
  while (row < left.length || column < right.length) {
    const at = [row, column] as const;
    if (row < left.length && column < right.length && left[row] === right[column]) {
      changes.push({ mark: ' ', text: left[row++] ?? '', at });
      column++;
    } else if (row < left.length && (column >= right.length || cell(row + 1, column) >= cell(row, column + 1))) {
      changes.push({ mark: '-', text: left[row++] ?? '', at });
    } else changes.push({ mark: '+', text: right[column++] ?? '', at });
  }
  return changes;
}

function hunks(changes: readonly Change[]): Change[][] {
  const found: Change[][] = [];
  let last = -Infinity;
  for (const [index, { mark }] of changes.entries()) {
    if (mark === ' ') continue;
    const start = Math.max(0, index - CONTEXT_LINES);
    const end = Math.min(changes.length, index + CONTEXT_LINES + 1);
    if (start <= last) found.at(-1)?.push(...changes.slice(last, end));
    else found.push(changes.slice(start, end));
    last = end;
  }
  return found;
}

function hunkLines(hunk: readonly Change[]): string[] {
  const [left = 0, right = 0] = hunk[0]?.at ?? [];
  const count = (mark: '-' | '+'): number =>
    hunk.filter((change) => change.mark === ' ' || change.mark === mark).length;
  const range = (start: number, length: number): string => `${length === 0 ? start : start + 1},${length}`;
  return [
    `@@ -${range(left, count('-'))} +${range(right, count('+'))} @@`,
    ...hunk.map(({ mark, text }) => mark + text),
  ];
}
