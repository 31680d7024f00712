import { parse } from 'smol-toml';

/** `key = value`, over one line or several. */
export interface Pair {
  /** From the root: the section's path and the key's own. */
  readonly path: readonly string[];
  /** Path of the section it stands in; empty before the first header. */
  readonly section: readonly string[];
  /** Its lines, the line end with them. */
  readonly from: number;
  readonly to: number;
  readonly valueFrom: number;
  readonly valueTo: number;
}

/** `[a.b]` or `[[a.b]]` and its pairs. */
export interface Section {
  readonly path: readonly string[];
  /** `[[a.b]]`: one of a list. */
  readonly listed: boolean;
  /** From the header to the end of the last pair: comments after it belong to what follows. */
  readonly from: number;
  readonly to: number;
}

export interface TomlLines {
  readonly pairs: readonly Pair[];
  readonly sections: readonly Section[];
}

/** Where the pairs and sections of a TOML text are. @param text valid TOML. */
export function tomlLines(text: string): TomlLines {
  const pairs: Pair[] = [];
  const sections: (Section & { to: number })[] = [];
  let at = 0;
  while (at < text.length) {
    const from = at;
    at = skipped(text, at, /[ \t]*/y);
    if (text[at] === '[') {
      const listed = text[at + 1] === '[';
      const [path, keyEnd] = readKey(text, at + (listed ? 2 : 1));
      at = endOfLine(text, keyEnd + (listed ? 2 : 1));
      sections.push({ path, listed, from, to: at });
    } else if (/[^#\r\n]/y.test(text.slice(at, at + 1))) {
      const [key, keyEnd] = readKey(text, at);
      const valueFrom = skipped(text, keyEnd + 1, /[ \t]*/y);
      const valueTo = endOfValue(text, valueFrom);
      at = endOfLine(text, valueTo);
      const section = sections.at(-1);
      if (section) section.to = at;
      const outer = section?.path ?? [];
      pairs.push({ path: [...outer, ...key], section: outer, from, to: at, valueFrom, valueTo });
    } else at = endOfLine(text, at);
  }
  return { pairs, sections };
}

/** A dotted key, and where it ends: at `=` or `]`. */
function readKey(text: string, from: number): [key: string[], end: number] {
  const key: string[] = [];
  let at = from;
  for (;;) {
    at = skipped(text, at, /[ \t]*/y);
    const quoted = text[at] === '"' || text[at] === "'";
    const end = quoted ? endOfValue(text, at) : skipped(text, at, /[\w-]+/y);
    const part = text.slice(at, end);
    key.push(quoted ? (Object.keys(parse(`${part} = 0`))[0] ?? '') : part);
    at = skipped(text, end, /[ \t]*/y);
    if (text[at] !== '.') return [key, at];
    at++;
  }
}

const STRINGS = [
  /"""(?:\\[\s\S]|(?!""")[\s\S])*"{3,5}/y,
  /'''(?:(?!''')[\s\S])*'{3,5}/y,
  /"(?:\\.|[^"\\\n])*"/y,
  /'[^'\n]*'/y,
];

function endOfValue(text: string, from: number): number {
  let depth = 0;
  let at = from;
  do {
    const string = STRINGS.map((pattern) => skipped(text, at, pattern)).find((end) => end > at);
    if (string !== undefined) at = string;
    else if (text[at] === '#') at = skipped(text, at, /[^\n]*/y);
    else {
      if (text[at] === '[' || text[at] === '{') depth++;
      else if (text[at] === ']' || text[at] === '}') depth--;
      else if (depth === 0) return at + text.slice(at, skipped(text, at, /[^#\r\n]*/y)).trimEnd().length;
      at++;
    }
  } while (depth > 0 && at < text.length);
  return at;
}

function endOfLine(text: string, at: number): number {
  return skipped(text, at, /[^\n]*\n?/y);
}

function skipped(text: string, at: number, pattern: RegExp): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}
