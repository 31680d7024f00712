import type { Directory } from '../identity/directory.ts';

/**
 * User names of everybody in a group, through other groups too; deactivated ones as well, since what they used counts.
 * @returns `undefined` for a group that there is not.
 */
export function membersOf(
  directory: Pick<Directory, 'accounts' | 'groupNames'>,
  group: string,
): readonly string[] | undefined {
  const wanted = group.toLowerCase();
  const isKnown = directory.groupNames().some((name) => name.toLowerCase() === wanted);
  if (!isKnown) return undefined;
  return directory
    .accounts()
    .filter(({ groups }) => groups.some((name) => name.toLowerCase() === wanted))
    .map(({ userName }) => userName);
}
