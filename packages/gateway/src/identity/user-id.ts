import { hash } from 'node:crypto';

/**
 * The id of a user or service principal that the configuration declares, from the name alone: decimal digits like the
 * vendor's SCIM ids, the same in every process and after every restart.
 */
export function userId(userName: string): string {
  return digits(userName);
}

/** The id of a group from its name's key (`nameKey`), for groups that have no row of their own. */
export function groupId(key: string): string {
  return digits(`group:${key}`);
}

function digits(text: string): string {
  return (hash('sha256', text, 'buffer').readBigUInt64BE() >> 1n).toString();
}
