import { contentAt, contentWith, sameContent } from './content.ts';
import { dotenv } from './dotenv.ts';
import { FormatError, type Change, type FileFormat, type Place } from './format.ts';
import { json } from './json.ts';
import { plain } from './plain.ts';
import { toml } from './toml.ts';

/** Every format, a line each. */
export const formats = { json, toml, dotenv, plain } satisfies Readonly<Record<string, FileFormat>>;

export type FormatName = keyof typeof formats;

/**
 * The text with these changes; the same text where it says all that already. What was written is read again, so that
 * a spelling we do not understand is never damaged.
 * @param text `undefined`: there is no file.
 * @throws FormatError
 */
export function applyChanges(name: FormatName, text: string | undefined, changes: readonly Change[]): string {
  const format: FileFormat = formats[name];
  const [mark, before] = withoutMark(text ?? '');
  const content = format.parse(before);
  const wanted = changes.reduce((current, [place, value]) => contentWith(current, place, value), content);
  const after = changes.reduce(
    (current, [place, value]) =>
      sameContent(contentAt(content, place), value) ? current : format.set(current, place, value),
    before,
  );
  return mark + checked(format, after, wanted);
}

/**
 * The current text with these places as the original had them, or without them where it had none: our part taken out,
 * everything else left.
 * @param original `undefined`: there was no file.
 * @returns `undefined` where nothing is left of a file that was not there.
 * @throws FormatError
 */
export function restorePlaces(
  name: FormatName,
  current: string,
  original: string | undefined,
  places: readonly Place[],
): string | undefined {
  const format: FileFormat = formats[name];
  const [mark, text] = withoutMark(current);
  const [, source] = withoutMark(original ?? '');
  const old = format.parse(source);
  let wanted = format.parse(text);
  let after = text;
  for (const place of places) {
    const value = contentAt(old, place);
    if (value !== undefined) {
      if (!sameContent(contentAt(wanted, place), value)) after = format.copy(after, source, place);
      wanted = contentWith(wanted, place, value);
      continue;
    }
    for (const part of emptied(wanted, old, place)) {
      after = format.set(after, part, undefined);
      wanted = contentWith(wanted, part, undefined);
    }
  }
  checked(format, after, wanted);
  if (original === undefined && format.isBlank(after)) return undefined;
  return after.trimEnd() === source.trimEnd() ? (original ?? '') : mark + after;
}

/** The place, and what encloses it where that was made for it and would be left empty. */
function emptied(current: Parameters<typeof contentAt>[0], old: typeof current, place: Place): Place[] {
  const places: Place[] = [place];
  for (let length = place.length - 1; length > 0; length--) {
    const outer = place.slice(0, length) as unknown as Place;
    const left = contentAt(contentWith(current, place, undefined), outer);
    if (contentAt(old, outer) !== undefined || !sameContent(left, {})) break;
    places.push(outer);
  }
  return places;
}

function checked(format: FileFormat, text: string, wanted: Parameters<typeof sameContent>[0]): string {
  if (!sameContent(format.parse(text), wanted))
    throw new FormatError('it is written in a way that cannot be changed without risk');
  return text;
}

/** The byte order mark of a text, and the rest. */
function withoutMark(text: string): [mark: string, rest: string] {
  return text.startsWith('\uFEFF') ? ['\uFEFF', text.slice(1)] : ['', text];
}
