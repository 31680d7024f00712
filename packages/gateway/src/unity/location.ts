import { hash } from 'node:crypto';

/** Longest name of a directory, in bytes, well below the 255 of common file systems. */
const MAX_BYTES = 200;

/** Names that Windows keeps for devices. */
const deviceName = /^(?:con|prn|aux|nul|com\d|lpt\d)$/;

/**
 * Where a managed table is kept below the lake's root: one directory per part. Everything but ASCII
 * letters, digits, `_` and `-` is percent-encoded, so that every file system and object store takes it; a
 * part that gets too long by that is cut and ends with a digest of the whole.
 * @param name three parts in lower case.
 */
export function tableLocation(name: readonly string[]): string {
  return name.map(directoryName).join('/');
}

function directoryName(part: string): string {
  const encoded = deviceName.test(part) ? encode(part.slice(0, 1)) + part.slice(1) : part.replace(/[^\w-]/gu, encode);
  if (encoded.length <= MAX_BYTES) return encoded;
  const whole = encoded.slice(0, MAX_BYTES - 34).replace(/%\w?$/, '');
  return `${whole}-${hash('sha256', part).slice(0, 32)}`;
}

function encode(character: string): string {
  return Array.from(Buffer.from(character), (byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('');
}
