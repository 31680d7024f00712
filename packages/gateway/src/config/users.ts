import type { UserConfig } from './gateway-config.ts';
import type { Report } from './problems.ts';
import type { ConfigFile } from './schema.ts';

/** The users; names are compared without regard to case, as log-in names are. */
export function readUsers(entries: ConfigFile['users'], report: Report): readonly UserConfig[] {
  const seen = new Map<string, number>();
  for (const [index, { name }] of entries.entries()) {
    const first = seen.get(name.toLowerCase());
    if (first === undefined) seen.set(name.toLowerCase(), index);
    else
      report(['users', index, 'name'], `the user '${name}' is already there as users[${first}]`, 'Remove one of them');
  }
  return entries;
}
