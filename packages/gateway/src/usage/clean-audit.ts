import { isSecretName } from '../audit/secret-name.ts';
import { redact } from './redact.ts';

const HIDDEN = '[secret]';
/** Characters of a text, and of a JSON value as text. */
const LONGEST_TEXT = 2_000;
const LONGEST_JSON = 16_000;
/** How far a value is looked into; deeper, wider or longer parts are left out. */
const MAX_DEPTH = 8;
const MAX_ENTRIES = 200;
const MAX_PARAMETERS = 50;

/** A text without secrets of a known form, without control and direction characters, no longer than the limit. */
export function cleanText(text: string, longest: number = LONGEST_TEXT): string {
  // Looked through before it is cut, so that no secret loses the form it is known by; but no longer than needed.
  const seen = redact(text.slice(0, longest * 2 + 1_000), ['secret']);
  const plain = seen.replaceAll(/[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, ' ').toWellFormed();
  return plain.length > longest || text.length > longest * 2 + 1_000
    ? `${plain.slice(0, longest)}…`.toWellFormed()
    : plain;
}

/** As `cleanText`, for what may be missing. */
export function cleanOptional(text: string | undefined, longest?: number): string | null {
  return text === undefined ? null : cleanText(text, longest);
}

/** Parameters by name; those whose name says that they are secret lose their value. */
export function cleanParameters(parameters: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(parameters).slice(0, MAX_PARAMETERS);
  return Object.fromEntries(
    entries.map(([name, value]) => [cleanText(name, 100), isSecretName(name) ? HIDDEN : cleanText(value)]),
  );
}

/**
 * A value as JSON text: texts cleaned, secrets hidden by the names they stand under. One that is too long is given as
 * an object that says so and holds its beginning.
 */
export function cleanJson(value: unknown): string {
  const text = JSON.stringify(cleanValue(value, 0)) ?? 'null';
  if (text.length <= LONGEST_JSON) return text;
  return JSON.stringify({ cut_off: true, length: text.length, start: text.slice(0, LONGEST_JSON).toWellFormed() });
}

function cleanValue(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return cleanText(value);
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= MAX_DEPTH) return '[too deep]';
  if (value instanceof Uint8Array) return `[${value.length} bytes]`;
  if (value instanceof Date || value instanceof URL) return cleanText(String(JSON.parse(JSON.stringify(value))));
  if (Array.isArray(value)) return value.slice(0, MAX_ENTRIES).map((entry) => cleanValue(entry, depth + 1));
  const pairs: Iterable<[unknown, unknown]> = value instanceof Map ? value : Object.entries(value);
  const cleaned: [string, unknown][] = [];
  for (const [key, entry] of pairs) {
    if (cleaned.length === MAX_ENTRIES) break;
    const name = String(key);
    cleaned.push([cleanText(name, 200), hides(name, entry) ? HIDDEN : cleanValue(entry, depth + 1)]);
  }
  return Object.fromEntries(cleaned);
}

/** Whether a secret is there is no secret: `null`, flags and numbers are shown. */
function hides(name: string, value: unknown): boolean {
  return (typeof value === 'string' || (typeof value === 'object' && value !== null)) && isSecretName(name);
}
