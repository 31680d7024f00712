import { parse, stringify } from 'smol-toml';
import { isTable } from './content.ts';
import { FormatError, type Content, type FileFormat, type Place } from './format.ts';
import { ended, lineEnd, spliced, type Splice } from './splice.ts';
import { tomlLines, type Pair, type Section } from './toml-lines.ts';

/** What stands at a place: pairs in sections that go on beside it, and sections of its own. */
interface Part {
  readonly pairs: readonly WrittenPair[];
  /** Whole sections, one after the other; empty where there is none. */
  readonly sections: string;
}

interface WrittenPair {
  readonly path: readonly string[];
  readonly section: readonly string[];
  /** `key = value`, with a line end. */
  readonly line: string;
  readonly value: string;
}

/** TOML, changed line by line, since no library keeps comments. */
export const toml: FileFormat = {
  parse(text) {
    try {
      return parse(text, { integersAsBigInt: 'asNeeded' }) as Content;
    } catch (error) {
      const problem = error instanceof Error ? error.message.split('\n', 1)[0] : 'no TOML';
      throw new FormatError(`it is not valid TOML (${problem})`);
    }
  },
  set(text, place, value) {
    if (value === undefined) return replaced(text, place, { pairs: [], sections: '' });
    const exact = partOf(text, place).pairs.some(({ path }) => path.length === place.length);
    const part = isTable(value) && !exact ? asSections(place, value) : asPair(place, value);
    return replaced(text, place, part);
  },
  copy: (text, original, place) => replaced(text, place, partOf(original, place)),
  isBlank: (text) => text.trim() === '',
};

function replaced(text: string, place: Place, part: Part): string {
  const { pairs, sections } = found(text, place);
  const [pair, written] = [pairs[0], part.pairs[0]];
  if (pairs.length === 1 && part.pairs.length === 1 && pair && written && pair.path.length === written.path.length)
    return spliced(text, [[pair.valueFrom, pair.valueTo, written.value]]);
  const block = part.sections.replaceAll(/\r?\n/g, lineEnd(text));
  const splices: Splice[] = pairs.map(({ from, to }) => [from, to, '']);
  for (const [index, { from, to }] of sections.entries()) {
    if (index === 0 && block !== '') splices.push([from, to, block]);
    else splices.push([...withBlankLine(text, from, to), '']);
  }
  let after = spliced(text, splices);
  if (pairs.some(({ from }) => from === 0)) after = after.replace(/^(?:[ \t]*\r?\n)+/, '');
  for (const one of part.pairs) after = withPair(after, one);
  return block === '' || sections.length > 0 ? after : appended(after, block);
}

/** A blank line before a section goes with it. */
function withBlankLine(text: string, from: number, to: number): [number, number] {
  const before = /(?:^|\n)([ \t]*\r?\n)$/.exec(text.slice(0, from))?.[1]?.length ?? 0;
  const after = from === 0 ? (/^(?:[ \t]*\r?\n)+/.exec(text.slice(to))?.[0].length ?? 0) : 0;
  return [from - before, to + after];
}

/** With a new line at the end of its section, which is made where it is missing. */
function withPair(text: string, { section, line }: WrittenPair): string {
  const { pairs, sections } = tomlLines(text);
  const own = line.replaceAll(/\r?\n/g, lineEnd(text));
  const isIts = (path: readonly string[]): boolean => path.length === section.length && isBelow(path, section);
  const place = pairs.findLast((pair) => isIts(pair.section))?.to ?? sections.find(({ path }) => isIts(path))?.to;
  if (place !== undefined) return ended(text.slice(0, place)) + own + text.slice(place);
  if (section.length > 0) return appended(text, `[${section.map(keyText).join('.')}]${lineEnd(text)}${own}`);
  const gap = text === '' || /^[ \t]*\r?\n/.test(text) ? '' : lineEnd(text);
  return own + gap + text;
}

function appended(text: string, block: string): string {
  const gap = text.trim() === '' || /\n[ \t]*\r?\n$/.test(text) ? '' : lineEnd(text);
  return ended(text) + gap + block;
}

function asSections(place: Place, value: Content): Part {
  const all = stringify(place.reduceRight<Content>((inner, key) => ({ [key]: inner }), value));
  const sections = found(all, place).sections.map(({ from, to }) => all.slice(from, to));
  return { pairs: [], sections: sections.join('\n') };
}

function asPair(place: Place, value: unknown): Part {
  const written = inline(value);
  const line = `${keyText(place.at(-1) ?? '')} = ${written}\n`;
  return { pairs: [{ path: place, section: place.slice(0, -1), line, value: written }], sections: '' };
}

/** A value on one line. */
function inline(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? '[]' : `[${value.map(inline).join(', ')}]`;
  if (!isTable(value)) return stringify({ v: value }).trim().slice('v = '.length);
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  if (entries.length === 0) return '{}';
  return `{ ${entries.map(([key, inner]) => `${keyText(key)} = ${inline(inner)}`).join(', ')} }`;
}

function keyText(key: string): string {
  return /^[\w-]+$/.test(key) ? key : JSON.stringify(key);
}

function partOf(text: string, place: Place): Part {
  const { pairs, sections } = found(text, place);
  return {
    pairs: pairs.map(({ path, section, from, to, valueFrom, valueTo }) => ({
      path,
      section,
      line: ended(text.slice(from, to)),
      value: text.slice(valueFrom, valueTo),
    })),
    sections: sections.map(({ from, to }) => ended(text.slice(from, to))).join('\n'),
  };
}

/** Sections at and below a place, and pairs at and below it in other sections. */
function found(text: string, place: Place): { pairs: Pair[]; sections: Section[] } {
  const { pairs, sections } = tomlLines(text);
  return {
    pairs: pairs.filter(({ path, section }) => isBelow(path, place) && !isBelow(section, place)),
    sections: sections.filter(({ path }) => isBelow(path, place)),
  };
}

function isBelow(path: readonly string[], place: readonly string[]): boolean {
  return place.every((key, index) => path[index] === key);
}
