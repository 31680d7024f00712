import { asRecord } from '../../lib/json-value.ts';

/** What the provider says of somebody: claims of the ID token, and of userinfo where those were missing. */
export type Claims = Readonly<Record<string, unknown>>;

/**
 * The claim of a path. A claim of that very name comes first, since names may have dots themselves
 * (`https://example.com/groups`); then the path is followed inwards.
 */
export function claimAt(claims: Claims, path: string): unknown {
  if (Object.hasOwn(claims, path)) return claims[path];
  let value: unknown = claims;
  for (const name of path.split('.')) {
    const record = asRecord(value);
    if (record === undefined || !Object.hasOwn(record, name)) return undefined;
    value = record[name];
  }
  return value;
}

/** Whether a claim says yes: `true`, or as some providers write it, `"true"`, `1` or `"1"`. */
export function saysYes(value: unknown): boolean {
  return value === true || value === 'true' || value === 1 || value === '1';
}

/** Text that can be a name: not empty, at most 256 characters, no control, format or unassigned characters, no blanks around. */
export function isName(value: unknown): value is string {
  return (
    typeof value === 'string' && value.length <= 256 && value.trim() === value && /^[^\p{C}\p{Zl}\p{Zp}]+$/u.test(value)
  );
}

/** Claims of `first`, and those of `second` that it lacks. */
export function mergeClaims(first: Claims, second: Claims): Claims {
  return { ...second, ...first };
}
