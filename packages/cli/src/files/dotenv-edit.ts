/**
 * Changes variables in a dotenv file; `undefined` takes one away. Everything else stays as it is. Of a variable that
 * stands there several times the last one counts, so all are replaced by one.
 */
export function editDotenv(
  text: string | undefined,
  changes: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const eol = text?.includes('\r\n') ? '\r\n' : '\n';
  const lines = text === undefined || text === '' ? [] : text.replace(/\r?\n$/, '').split(/\r?\n/);
  for (const [name, value] of Object.entries(changes)) {
    const isIt = (line: string): boolean => new RegExp(`^\\s*(?:export\\s+)?${name}\\s*=`).test(line);
    const at = lines.findIndex(isIt);
    const others = lines.filter((line) => !isIt(line));
    lines.splice(0, lines.length, ...others);
    if (value !== undefined)
      lines.splice(at < 0 ? lines.length : Math.min(at, lines.length), 0, `${name}=${quoted(value)}`);
  }
  if (lines.length === 0) return text === undefined ? undefined : '';
  return lines.join(eol) + eol;
}

function quoted(value: string): string {
  return /^[\w.:/@-]*$/.test(value) ? value : `"${value.replace(/["\\$`]/g, '\\$&')}"`;
}
