/**
 * Whether a name fits the pattern of a SHOW statement: `*` stands for any characters, `|` separates
 * alternatives, case does not matter. Takes time of the product of the two lengths at most.
 */
export function matchesPattern(name: string, pattern: string | undefined): boolean {
  if (pattern === undefined) return true;
  return pattern.split('|').some((alternative) => matchesOne(name.toLowerCase(), alternative.trim().toLowerCase()));
}

function matchesOne(name: string, pattern: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return name === first;
  if (!name.startsWith(first) || name.length < first.length + last.length || !name.endsWith(last)) return false;
  let at = first.length;
  const end = name.length - last.length;
  for (const piece of rest) {
    const found = name.indexOf(piece, at);
    if (found < 0 || found + piece.length > end) return false;
    at = found + piece.length;
  }
  return true;
}
