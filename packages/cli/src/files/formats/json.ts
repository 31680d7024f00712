import { createScanner, parse, parseTree, type Node, type ParseError } from 'jsonc-parser';
import { FormatError, type Content, type FileFormat, type Place } from './format.ts';
import { lineEnd, spliced, type Splice } from './splice.ts';

/** How a value is written at an indentation; `undefined`: on one line with what is around it. */
type Written = (indent: string | undefined) => string;

/** `SyntaxKind.CommaToken`, which cannot be imported. */
const COMMA = 5;
const OPTIONS = { allowTrailingComma: true };

/** JSON objects, with comments and trailing commas as many agents allow them. */
export const json: FileFormat = {
  parse(text) {
    const errors: ParseError[] = [];
    const value: unknown = text.trim() === '' ? {} : parse(text, errors, OPTIONS);
    if (errors.length > 0 || typeof value !== 'object' || value === null || Array.isArray(value))
      throw new FormatError('it is not a JSON object');
    return value as Content;
  },
  set(text, place, value) {
    if (value === undefined) return without(text, place);
    const unit = unitOf(text);
    return put(text, place, (indent) =>
      indent === undefined
        ? JSON.stringify(value)
        : JSON.stringify(value, undefined, unit).replaceAll('\n', lineEnd(text) + indent),
    );
  },
  copy(text, original, place) {
    const source = find(original, place);
    return source === undefined
      ? without(text, place)
      : put(text, place, () => original.slice(source.offset, source.offset + source.length));
  },
  isBlank: (text) => /^\s*(?:\{\s*\}\s*)?$/.test(text),
};

/** The node at a place; of several with a key the last one, which counts. */
function find(text: string, place: readonly string[]): Node | undefined {
  return place.reduce<Node | undefined>((node, key) => property(node, key)?.children?.[1], root(text));
}

function root(text: string): Node | undefined {
  return parseTree(text, [], OPTIONS);
}

function property(node: Node | undefined, key: string): Node | undefined {
  return node?.type === 'object' ? node.children?.findLast((one) => one.children?.[0]?.value === key) : undefined;
}

function put(given: string, place: Place, written: Written): string {
  const text = given.trim() === '' ? `{}${lineEnd(given)}` : given;
  for (let depth = place.length; depth >= 0; depth--) {
    const node = find(text, place.slice(0, depth));
    if (node === undefined) continue;
    const [key, ...inner] = place.slice(depth);
    if (key === undefined) return spliced(text, [[node.offset, end(node), written(lineIndent(text, node.offset))]]);
    if (node.type !== 'object') throw new FormatError(`'${place.slice(0, depth).join('.')}' in it is no object`);
    return inserted(text, node, key, enclosed(text, inner, written));
  }
  return text;
}

/** A value within objects of their own. */
function enclosed(text: string, keys: readonly string[], written: Written): Written {
  return keys.reduceRight<Written>(
    (inner, key) => (indent) => {
      if (indent === undefined) return `{${JSON.stringify(key)}:${inner(undefined)}}`;
      const deeper = indent + unitOf(text);
      return `{${lineEnd(text)}${deeper}${JSON.stringify(key)}: ${inner(deeper)}${lineEnd(text)}${indent}}`;
    },
    written,
  );
}

/** With a new last property. */
function inserted(text: string, object: Node, key: string, written: Written): string {
  const close = end(object) - 1;
  const at = text.slice(0, close).trimEnd().length;
  const last = object.children?.at(-1);
  const comma = last && commaAfter(text, end(last));
  const onOneLine = last !== undefined && !text.slice(object.offset, close).includes('\n');
  const indent = onOneLine ? undefined : childIndent(text, object);
  const gap = onOneLine ? (/[:,]\s/.test(text.slice(object.offset, close)) ? ' ' : '') : lineEnd(text) + (indent ?? '');
  const colon = onOneLine && gap === '' ? ':' : ': ';
  const tail =
    last === undefined && !text.slice(at, close).includes('\n') ? lineEnd(text) + lineIndent(text, object.offset) : '';
  const splices: Splice[] = [
    [
      at,
      tail === '' ? at : close,
      `${gap}${JSON.stringify(key)}${colon}${written(indent)}${comma === undefined ? '' : ','}${tail}`,
    ],
  ];
  if (last === undefined || comma !== undefined) return spliced(text, splices);
  // A comment may stand between the last value and the brace.
  if (at === end(last)) return spliced(text, [[at, at, `,${splices[0]?.[2] ?? ''}`]]);
  return spliced(text, [...splices, [end(last), end(last), ',']]);
}

function without(text: string, place: Place): string {
  const parent = find(text, place.slice(0, -1));
  const found = property(parent, place.at(-1) ?? '');
  if (parent === undefined || found === undefined) return text;
  const others = parent.children?.filter((one) => one !== found) ?? [];
  const inside = text.slice(parent.offset + 1, found.offset) + text.slice(end(found), end(parent) - 1);
  if (others.length === 0 && /^[\s,]*$/.test(inside)) return spliced(text, [[parent.offset, end(parent), '{}']]);
  const previous = others.findLast(({ offset }) => offset < found.offset);
  const comma = commaAfter(text, end(found)) ?? (previous && commaAfter(text, end(previous)));
  const before = text.slice(0, found.offset).trimEnd().length;
  const rest = text.slice(comma !== undefined && comma > found.offset ? comma + 1 : end(found));
  // After a comment to the end of a line the line must end.
  const needsLine = text.slice(before, found.offset).includes('\n') && !/^[ \t]*\r?\n/.test(rest);
  const splices: Splice[] = [[needsLine ? found.offset : before, end(found), '']];
  if (comma !== undefined) splices.push([comma, comma + 1, '']);
  return without(spliced(text, splices), place);
}

function commaAfter(text: string, offset: number): number | undefined {
  const scanner = createScanner(text, true);
  scanner.setPosition(offset);
  return scanner.scan() === COMMA ? scanner.getTokenOffset() : undefined;
}

function end(node: Node): number {
  return node.offset + node.length;
}

function childIndent(text: string, object: Node): string {
  const own = object.children?.find(({ offset }) => /(?:^|\n)[ \t]*$/.test(text.slice(0, offset)));
  return own ? lineIndent(text, own.offset) : lineIndent(text, object.offset) + unitOf(text);
}

/** White space that the line begins with. */
function lineIndent(text: string, offset: number): string {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  return /^[ \t]*/.exec(text.slice(start, offset))?.[0] ?? '';
}

function unitOf(text: string): string {
  return /\n([ \t]+)"/.exec(text)?.[1] ?? '  ';
}
