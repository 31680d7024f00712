import { isDeepStrictEqual } from 'node:util';
import type { AccountEmail } from '../../state/account-repository.ts';
import { notFound, type AccountFields } from '../account-changes.ts';
import type { AccountDirectory } from '../account-directory.ts';
import { DirectoryError } from '../directory-error.ts';
import type { Account } from '../directory.ts';
import { checkedPassword } from '../password-hash.ts';
import { servicePrincipalSchema, userSchema, type ScimObject } from './attributes.ts';
import { booleanOf, elementsOf, textOf } from './read-attributes.ts';
import { entitlements, type ResourceKind } from './resource-kind.ts';

/** Users, as SCIM shows and changes them. */
export const users: ResourceKind<Account> = {
  ...accountKind('USER'),
  endpoint: 'Users',
  schema: userSchema,
  targetOf: ({ userName }) => `users/${userName}`,
  toResource(directory, account) {
    const row = directory.details(account);
    const given = row?.givenName ?? undefined;
    const family = row?.familyName ?? undefined;
    const formatted = [given, family].filter((part) => part !== undefined).join(' ');
    return {
      ...head(account),
      userName: account.userName,
      displayName: account.displayName,
      ...(formatted === '' ? {} : { name: defined({ formatted, givenName: given, familyName: family }) }),
      active: account.active,
      emails: shownEmails(account, row?.emails),
      ...tail(directory, account),
    };
  },
  async create(directory, given) {
    const password = textOf(given, 'password');
    if (password !== undefined) checkedPassword(password);
    const userName = textOf(given, 'userName');
    if (userName === undefined) throw new DirectoryError('invalidValue', "'userName' is required.");
    const { emails, ...fields } = userFields(given);
    const listed = emails !== undefined && emails.length > 0 ? { emails } : {};
    const account = await directory.createAccount({ type: 'USER', ...fields, userName, ...listed });
    if (password !== undefined) await directory.setPassword(account.id, password);
    return account;
  },
  async replace(directory, account, before, after) {
    const password = textOf(after, 'password');
    if (password !== undefined) checkedPassword(password);
    const [old, fields] = [userFields(before), userFields(after)];
    if (fields.userName === undefined) throw new DirectoryError('invalidValue', "'userName' is required.");
    const kept = { ...stillActive(old), ...fields, displayName: fields.displayName ?? fields.userName };
    const changed = isDeepStrictEqual(old, kept) ? account : await directory.updateAccount(account.id, kept);
    if (password !== undefined) await directory.setPassword(account.id, password, { endTokens: true });
    return changed;
  },
};

/** Service principals, as the vendor's SCIM shows and changes them. */
export const servicePrincipals: ResourceKind<Account> = {
  ...accountKind('SERVICE_PRINCIPAL'),
  endpoint: 'ServicePrincipals',
  schema: servicePrincipalSchema,
  targetOf: ({ userName }) => `service-principals/${userName}`,
  toResource: (directory, account) => ({
    ...head(account),
    applicationId: account.userName,
    displayName: account.displayName,
    active: account.active,
    ...tail(directory, account),
  }),
  create(directory, given) {
    const { userName: _, ...fields } = principalFields(given);
    const userName = textOf(given, 'applicationId');
    return directory.createAccount({
      type: 'SERVICE_PRINCIPAL',
      ...fields,
      ...(userName === undefined ? {} : { userName }),
    });
  },
  async replace(directory, account, before, after) {
    const [old, fields] = [principalFields(before), principalFields(after)];
    const kept = {
      ...stillActive(old),
      ...fields,
      userName: fields.userName ?? account.userName,
      displayName: fields.displayName ?? account.userName,
    };
    return isDeepStrictEqual(old, kept) ? account : directory.updateAccount(account.id, kept);
  },
};

function accountKind(type: Account['type']) {
  return {
    all: (directory: AccountDirectory) => directory.accounts().filter((account) => account.type === type),
    find(directory: AccountDirectory, id: string): Account {
      const account = directory.byId(id);
      if (account === undefined || account.type !== type) throw notFound(id);
      return account;
    },
    idOf: ({ id }: Account) => id,
    isOwn: (_: AccountDirectory, { id }: Account, accountId: string) => id === accountId,
    timesOf(directory: AccountDirectory, account: Account) {
      const row = directory.details(account);
      return row === undefined ? undefined : { created: row.createdAt, modified: row.updatedAt };
    },
    remove: (directory: AccountDirectory, { id }: Account) => directory.deleteAccount(id),
  };
}

/** A client that says nothing of `active` leaves it: a deactivated user stays so. */
function stillActive({ active }: AccountFields): AccountFields {
  return defined({ active });
}

function userFields(given: ScimObject): AccountFields {
  const name = (given['name'] ?? {}) as ScimObject;
  return {
    ...sharedFields(given),
    ...defined({ userName: textOf(given, 'userName') }),
    givenName: textOf(name, 'givenName'),
    familyName: textOf(name, 'familyName'),
    emails: elementsOf(given, 'emails').flatMap(emailOf),
  };
}

function principalFields(given: ScimObject): AccountFields {
  return { ...sharedFields(given), ...defined({ userName: textOf(given, 'applicationId') }) };
}

function sharedFields(given: ScimObject): AccountFields {
  return {
    ...defined({ displayName: textOf(given, 'displayName'), active: booleanOf(given, 'active') }),
    externalId: textOf(given, 'externalId'),
  };
}

function emailOf(element: ScimObject): readonly AccountEmail[] {
  const value = textOf(element, 'value');
  const type = textOf(element, 'type');
  return value === undefined ? [] : [{ value, type, primary: booleanOf(element, 'primary') ?? false }];
}

function shownEmails(account: Account, emails: readonly AccountEmail[] | undefined): readonly ScimObject[] {
  if (emails !== undefined) return emails.map(({ value, type, primary }) => defined({ value, type, primary }));
  return account.userName.includes('@') ? [{ value: account.userName, type: 'work', primary: true }] : [];
}

function head(account: Account): ScimObject {
  return { id: account.id, ...defined({ externalId: account.externalId }) };
}

function tail(directory: AccountDirectory, account: Account): ScimObject {
  return { groups: groupsOf(directory, account.id, account.groups), entitlements };
}

/** Groups with their ids, those that it is in through others marked `indirect`. */
export function groupsOf(directory: AccountDirectory, memberId: string, names: readonly string[]): ScimObject[] {
  const direct = new Set(directory.view.directGroups(memberId).map(({ id }) => id));
  return names.map((display) => {
    const id = directory.view.groupByName(display)?.id ?? '';
    return { display, type: direct.has(id) ? 'direct' : 'indirect', value: id, $ref: `Groups/${id}` };
  });
}

/** Without the keys that have no value. */
export function defined<T extends object>(object: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
