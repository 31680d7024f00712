import { GatewayError } from '../errors/gateway-error.ts';
import type { NameDefaults } from './catalog.ts';
import type { Securable } from './securable.ts';

const MAX_LENGTH = 255;

/**
 * Unicode's simple lower case, character by character, which is how names are compared and stored.
 * (`toLowerCase` depends on the neighbours for a sigma and makes two characters of U+0130.)
 */
export function lowerCase(name: string): string {
  if (/^[\0-\x7f]*$/.test(name)) return name.toLowerCase();
  return Array.from(name, (character) => (character === '\u0130' ? 'i' : character.toLowerCase())).join('');
}

/**
 * One part of a name for a new object: 1 to 255 characters; no dot, slash or control character, no
 * space at either end. Letters of any script, spaces and quotes inside are fine.
 * @returns it in lower case.
 * @throws GatewayError `caller_invalid_parameter`
 */
export function checkName(part: string, what: 'catalog' | 'schema' | 'table' | 'service'): string {
  const fault = faultOf(part);
  if (fault === undefined) return lowerCase(part);
  throw new GatewayError('caller_invalid_parameter', `[INVALID_NAME] ${shown(part)} cannot name a ${what}: ${fault}.`, {
    param: 'name',
  });
}

function faultOf(part: string): string | undefined {
  if (part === '') return 'it is empty';
  if ([...part].length > MAX_LENGTH) return `it is longer than ${MAX_LENGTH} characters`;
  if (part.includes('.')) return 'it has a dot in it';
  if (/[/\\]/.test(part)) return 'it has a slash in it';
  if (!part.isWellFormed()) return 'it is not valid Unicode';
  if (/[\p{Cc}\p{Zl}\p{Zp}]/u.test(part)) return 'it has a control character in it';
  if (part.trim() !== part) return 'it begins or ends with a space';
  return undefined;
}

/** The three parts of a table's name in lower case, missing ones taken from `defaults`; not checked. */
export function completeTableName(name: readonly string[], defaults: NameDefaults): string[] {
  return [...[defaults.catalog, defaults.schema].slice(0, Math.max(0, 3 - name.length)), ...name].map(lowerCase);
}

/** The two parts of a schema's name in lower case, a missing catalog taken from `defaults`; not checked. */
export function completeSchemaName(name: readonly string[], defaults: NameDefaults): string[] {
  return [...[defaults.catalog].slice(0, Math.max(0, 2 - name.length)), ...name].map(lowerCase);
}

/** The object with its name completed from `defaults`, in lower case; not checked. */
export function completeSecurable({ kind, name }: Securable, defaults: NameDefaults): Securable {
  switch (kind) {
    case 'METASTORE':
    case 'CATALOG':
      return { kind, name: name.map(lowerCase) };
    case 'SCHEMA':
      return { kind, name: completeSchemaName(name, defaults) };
    default:
      return { kind, name: completeTableName(name, defaults) };
  }
}

/** Key of a name in maps and in the store. Unambiguous, since no part has a dot. */
export function keyOf(name: readonly string[]): string {
  return name.map(lowerCase).join('.');
}

/** A name for a message: cut to a length, without control characters, in single quotes. */
export function shown(name: string | readonly string[]): string {
  const text = typeof name === 'string' ? name : name.join('.');
  const cut = text.length > 300 ? `${text.slice(0, 300)}…` : text;
  return `'${cut.replace(/[\p{Cc}\p{Cs}]/gu, '?')}'`;
}

/** A name as SQL writes it, each part in backquotes where it needs them. */
export function sqlName(name: readonly string[]): string {
  return name.map((part) => (/^[a-z_]\w*$/i.test(part) ? part : `\`${part.replaceAll('`', '``')}\``)).join('.');
}
