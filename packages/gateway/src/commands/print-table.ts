/** A column of a table: its heading, and whether it holds figures (then it is aligned right). */
export interface Column {
  readonly heading: string;
  readonly figures?: boolean;
}

/** Lays rows out under headings, two spaces between columns. Ends without a newline. */
export function formatTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const lines = [columns.map(({ heading }) => heading), ...rows.map((row) => row.map(printable))];
  const widths = columns.map((_, index) => lines.reduce((widest, line) => Math.max(widest, line[index]!.length), 0));
  return lines
    .map((line) =>
      columns
        .map(({ figures }, index) =>
          figures ? line[index]!.padStart(widths[index]!) : line[index]!.padEnd(widths[index]!),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Control characters would let a stored text (a comment, a header's value) steer the terminal. */
function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, '�');
}
