/**
 * A filter of names as catalog functions take it: `%` any characters, `_` one, `\` before either for
 * itself; without regard to case. Nothing, and `%` or `*` alone, let everything through.
 */
export function nameFilter(pattern: string | undefined): (name: string) => boolean {
  if (pattern === undefined || pattern === '' || pattern === '%' || pattern === '*') return () => true;
  const parts = readPattern(pattern.toLowerCase());
  return (name) => matches([...name.toLowerCase()], parts);
}

const ANY = Symbol('any characters');
const ONE = Symbol('one character');
type Part = string | typeof ANY | typeof ONE;

function readPattern(pattern: string): Part[] {
  const parts: Part[] = [];
  let escaped = false;
  for (const character of pattern) {
    if (escaped) {
      parts.push(character);
      escaped = false;
    } else if (character === '\\') escaped = true;
    else parts.push(character === '%' ? ANY : character === '_' ? ONE : character);
  }
  return parts;
}

/** Goes back only to the last `%`, so that no pattern takes long. */
function matches(name: readonly string[], parts: readonly Part[]): boolean {
  let at = 0;
  let part = 0;
  let anyPart = -1;
  let anyAt = 0;
  while (at < name.length) {
    if (parts[part] === ANY) {
      anyPart = part++;
      anyAt = at;
    } else if (part < parts.length && (parts[part] === ONE || parts[part] === name[at])) {
      part++;
      at++;
    } else if (anyPart >= 0) {
      part = anyPart + 1;
      at = ++anyAt;
    } else return false;
  }
  while (parts[part] === ANY) part++;
  return part === parts.length;
}
