import { GatewayError } from '../../errors/gateway-error.ts';

/**
 * Refuses keys that could leave the root or that stores spell in different ways: empty parts, `.`, `..`
 * and control characters.
 * @throws GatewayError `caller_invalid_parameter`.
 */
export function checkKey(key: string): void {
  // eslint-disable-next-line no-control-regex
  if (/[\u0000-\u001f\u007f]/.test(key) || !key.isWellFormed()) throw badKey('holds characters that are not allowed');
  for (const part of key.split('/')) {
    if (part === '' || part === '.' || part === '..') throw badKey('has an empty part, `.` or `..` in it');
  }
}

/** The same for what `list` takes: `''`, or a directory that ends in `/`. */
export function checkPrefix(prefix: string): void {
  if (prefix === '') return;
  if (!prefix.endsWith('/')) throw badKey('is to be listed and does not end in `/`');
  checkKey(prefix.slice(0, -1));
}

/** Ascending order of keys: by the bytes of their UTF-8 form. JavaScript's own order differs only above U+D7FF. */
export function compareKeys(a: string, b: string): number {
  if (beyond.test(a) || beyond.test(b)) return Buffer.compare(Buffer.from(a), Buffer.from(b));
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

const beyond = /[\ud800-\uffff]/;

function badKey(what: string): GatewayError {
  return new GatewayError('caller_invalid_parameter', `The name of an object in the lake ${what}.`);
}
