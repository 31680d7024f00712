import { FormatError, type FileFormat, type Place } from './format.ts';
import { ended, lineEnd, spliced, type Splice } from './splice.ts';

interface Variable {
  readonly name: string;
  /** Its lines, the line end with them. */
  readonly from: number;
  readonly to: number;
  readonly valueFrom: number;
  /** As it is written, quotes too. */
  readonly value: string;
}

/** Variables of a `.env` file, as the library `dotenv` reads them: of several with a name the last one counts. */
export const dotenv: FileFormat = {
  parse: (text) => Object.fromEntries(variables(text).map(({ name, value }) => [name, decoded(value)])),
  set: (text, place, value) => put(text, place, value === undefined ? undefined : encoded(String(value))),
  copy(text, original, place) {
    const source = named(original, place).at(-1);
    if (source === undefined || named(text, place).length > 0) return put(text, place, source?.value);
    const line = ended(original.slice(source.from, source.to)).replaceAll(/\r?\n/g, lineEnd(text));
    return ended(text) + line;
  },
  isBlank: (text) => text.trim() === '',
};

/** Puts a written value where the variable's is, else at the end; `undefined` takes all of that name away. */
function put(text: string, place: Place, written: string | undefined): string {
  const found = named(text, place);
  if (written === undefined)
    return spliced(
      text,
      found.map(({ from, to }): Splice => [from, to, '']),
    );
  const last = found.at(-1);
  if (last === undefined) return `${ended(text)}${place[0]}=${written}${lineEnd(text)}`;
  return spliced(text, [[last.valueFrom, last.valueFrom + last.value.length, written]]);
}

function named(text: string, place: Place): Variable[] {
  return variables(text).filter(({ name }) => name === place[0]);
}

function variables(text: string): Variable[] {
  const line =
    /^[ \t]*(?:export[ \t]+)?(?<name>[\w.-]+)(?:[ \t]*=[ \t]*|:[ \t]+)(?<value>'(?:\\'|[^'])*'|"(?:\\"|[^"])*"|`(?:\\`|[^`])*`|[^#\r\n]*)[ \t]*(?:#.*)?(?:\r?\n|$(?![\r\n]))/dgm;
  return [...text.matchAll(line)].map((match) => ({
    name: match.groups?.['name'] ?? '',
    from: match.index,
    to: match.index + match[0].length,
    valueFrom: match.indices?.groups?.['value']?.[0] ?? match.index,
    value: match.groups?.['value']?.trimEnd() ?? '',
  }));
}

function decoded(written: string): string {
  const quote = /^(['"`])[\s\S]*\1$/.exec(written)?.[1];
  if (quote === undefined || written.length < 2) return written;
  const inner = written.slice(1, -1);
  return quote === '"' ? inner.replaceAll(String.raw`\n`, '\n').replaceAll(String.raw`\r`, '\r') : inner;
}

/** A value in the first quotes that give it back; `dotenv` knows no escape for a quote. */
function encoded(value: string): string {
  if (/^[\w.:/@-]*$/.test(value)) return value;
  const written = [`'${value}'`, `"${value}"`, `\`${value}\``].find((one) => {
    const [variable, ...others] = variables(`A=${one}\n`);
    return variable?.value === one && others.length === 0 && decoded(one) === value;
  });
  if (written === undefined) throw new FormatError('a value with every kind of quote cannot be written into it');
  return written;
}
