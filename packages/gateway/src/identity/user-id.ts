import { hash } from 'node:crypto';

/**
 * The id of a user, from the name alone: decimal digits like the vendor's SCIM ids, the same in every
 * process and after every restart.
 */
export function userId(userName: string): string {
  return (hash('sha256', userName, 'buffer').readBigUInt64BE() >> 1n).toString();
}
