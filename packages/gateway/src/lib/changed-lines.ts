/** The lines that only one of two texts has, in their order. A line that stands several times counts as often. */
export function changedLines(before: string, after: string): { readonly gone: string[]; readonly come: string[] } {
  return { gone: linesWithout(before, after), come: linesWithout(after, before) };
}

function linesWithout(text: string, other: string): string[] {
  const counts = new Map<string, number>();
  for (const line of other.split('\n')) counts.set(line, (counts.get(line) ?? 0) + 1);
  return text.split('\n').filter((line) => {
    const left = counts.get(line) ?? 0;
    counts.set(line, left - 1);
    return left <= 0 && line.trim() !== '';
  });
}
