import type { z } from 'zod';
import { nameKey } from '../lib/name-key.ts';
import type { groupsSchema, servicePrincipalsSchema } from './identity-schema.ts';
import type { Report } from './problems.ts';

/** A group that the configuration declares. */
export interface GroupConfig {
  readonly name: string;
  /** User names and application ids. */
  readonly members: readonly string[];
  /** Groups inside this one. */
  readonly groups: readonly string[];
}

/** A service principal that the configuration declares. */
export interface ServicePrincipalConfig {
  readonly applicationId: string;
  readonly displayName: string;
  readonly groups: readonly string[];
  readonly active: boolean;
}

/** The declared groups; names are compared without regard to case. */
export function readGroups(entries: z.output<typeof groupsSchema>, report: Report): readonly GroupConfig[] {
  reportTwins(entries, 'groups', 'name', ({ name }) => name, report);
  return entries;
}

/** The declared service principals. Their application ids differ from each other and from the names of users. */
export function readServicePrincipals(
  entries: z.output<typeof servicePrincipalsSchema>,
  users: readonly { readonly name: string }[],
  report: Report,
): readonly ServicePrincipalConfig[] {
  reportTwins(entries, 'service_principals', 'application_id', ({ application_id: id }) => id, report);
  const names = new Set(users.map(({ name }) => nameKey(name)));
  for (const [index, { application_id: id }] of entries.entries()) {
    if (!names.has(nameKey(id))) continue;
    report(['service_principals', index, 'application_id'], `'${id}' is the name of a user, too`, 'Rename one of them');
  }
  return entries.map((entry) => ({
    applicationId: entry.application_id,
    displayName: entry.display_name ?? entry.application_id,
    groups: entry.groups,
    active: entry.active,
  }));
}

/** Groups that are always there. */
const BUILT_IN_GROUPS = ['admins', 'account users'];

/** Grants and owners name people and groups alike, so nobody may have the name of a group. */
export function reportGroupNames(
  users: readonly { readonly name: string; readonly groups: readonly string[] }[],
  servicePrincipals: readonly ServicePrincipalConfig[],
  groups: readonly GroupConfig[],
  report: Report,
): void {
  const named = [...users, ...servicePrincipals, ...groups].flatMap((entry) => entry.groups);
  const taken = new Set([...BUILT_IN_GROUPS, ...groups.map(({ name }) => name), ...named].map(nameKey));
  const check = (section: string, key: string, names: readonly string[]): void => {
    for (const [index, name] of names.entries()) {
      if (!taken.has(nameKey(name))) continue;
      report(
        [section, index, key],
        `'${name}' is the name of a group, too, and would have what is granted to it`,
        'Rename it',
      );
    }
  };
  check(
    'users',
    'name',
    users.map(({ name }) => name),
  );
  check(
    'service_principals',
    'application_id',
    servicePrincipals.map(({ applicationId }) => applicationId),
  );
}

function reportTwins<T>(
  entries: readonly T[],
  section: string,
  key: string,
  nameOf: (entry: T) => string,
  report: Report,
): void {
  const seen = new Map<string, number>();
  for (const [index, entry] of entries.entries()) {
    const name = nameOf(entry);
    const first = seen.get(nameKey(name));
    if (first === undefined) seen.set(nameKey(name), index);
    else report([section, index, key], `'${name}' is already there as ${section}[${first}]`, 'Remove one of them');
  }
}
