import { randomBytes, randomUUID } from 'node:crypto';
import { GatewayError } from '../errors/gateway-error.ts';
import { misleading, nameKey } from '../lib/name-key.ts';
import {
  deleteAccountRows,
  saveAccount,
  selectAccount,
  selectAccountByKey,
  type AccountEmail,
  type AccountRow,
} from '../state/account-repository.ts';
import { selectGroupByKey } from '../state/group-repository.ts';
import { replacePrincipal } from '../state/principal-references.ts';
import { countChange } from '../state/revisions.ts';
import { markSecretsRevokedOf } from '../state/secret-repository.ts';
import type { Queryable } from '../state/store.ts';
import { markTokensRevokedOf } from '../state/token-repository.ts';
import { DirectoryError } from './directory-error.ts';
import type { DirectoryView } from './directory-view.ts';
import type { Account } from './directory.ts';
import { userId } from './user-id.ts';

/** What may be said of an account; left out: stays, or its default. */
export interface AccountFields {
  readonly userName?: string;
  readonly displayName?: string;
  readonly givenName?: string | undefined;
  readonly familyName?: string | undefined;
  readonly emails?: readonly AccountEmail[];
  readonly externalId?: string | undefined;
  readonly active?: boolean;
}

export interface NewAccount extends AccountFields {
  readonly type: Account['type'];
  /** Default for service principals: a new UUID, their application id. */
  readonly userName?: string;
}

/** What a change is made with: the transaction, everybody before it, and the time. */
export interface Change {
  readonly tx: Queryable;
  readonly view: DirectoryView;
  readonly now: number;
}

const MAX_EMAILS = 20;
/** What the names of owners begin with who were deleted; no other name does. */
const GONE = 'deleted:';

/** Adds an account. @returns its id. @throws DirectoryError `uniqueness`, `invalidValue` */
export async function addAccount({ tx, view, now }: Change, given: NewAccount): Promise<string> {
  const userName = checkedName(given.userName ?? (given.type === 'USER' ? '' : randomUUID()), 'userName');
  const key = await freeKey(tx, view, userName);
  // The id that the name would have in the configuration; another one where somebody renamed has it.
  const usual = userId(userName);
  const taken = view.byId(usual) !== undefined || (await selectAccount(tx, usual)) !== undefined;
  const row: AccountRow = {
    id: taken ? (randomBytes(8).readBigUInt64BE() >> 1n).toString() : usual,
    type: given.type,
    nameKey: key,
    userName,
    displayName: checkedText(given.displayName || userName, 'displayName'),
    givenName: optionalText(given.givenName, 'name.givenName'),
    familyName: optionalText(given.familyName, 'name.familyName'),
    emails: checkedEmails(given.emails ?? usualEmails(userName)),
    externalId: optionalText(given.externalId, 'externalId'),
    active: given.active ?? true,
    createdAt: now,
    updatedAt: now,
  };
  await saveAccount(tx, row);
  return row.id;
}

/**
 * Changes an account of the store. Whoever is deactivated loses every token; what was granted under the old name goes
 * with a new one. @throws DirectoryError
 */
export async function changeAccount(change: Change, account: Account, fields: AccountFields): Promise<void> {
  const { tx, view, now } = change;
  refuseDeclared(account);
  const row = await selectAccount(tx, account.id);
  if (row === undefined) throw notFound(account.id);
  const userName = fields.userName === undefined ? row.userName : checkedName(fields.userName, 'userName');
  const key = nameKey(userName);
  if (key !== row.nameKey) {
    if (row.type === 'SERVICE_PRINCIPAL') {
      throw new DirectoryError('mutability', 'The application id of a service principal never changes.');
    }
    await freeKey(tx, view, userName);
    await replacePrincipal(tx, isNamed(row.nameKey), { owner: userName, grantee: userName });
  }
  const active = fields.active ?? row.active;
  await saveAccount(tx, {
    ...row,
    nameKey: key,
    userName,
    displayName: fields.displayName === undefined ? row.displayName : checkedText(fields.displayName, 'displayName'),
    givenName: 'givenName' in fields ? optionalText(fields.givenName, 'name.givenName') : row.givenName,
    familyName: 'familyName' in fields ? optionalText(fields.familyName, 'name.familyName') : row.familyName,
    emails: fields.emails === undefined ? row.emails : checkedEmails(fields.emails),
    externalId: 'externalId' in fields ? optionalText(fields.externalId, 'externalId') : row.externalId,
    active,
    updatedAt: now,
  });
  if (row.active && !active) await endTokens(change, row);
}

/** Deletes an account of the store with its tokens, secrets, password, memberships and grants. @throws DirectoryError */
export async function removeAccount(change: Change, account: Account): Promise<void> {
  refuseDeclared(account);
  const row = await selectAccount(change.tx, account.id);
  if (row === undefined) throw notFound(account.id);
  await endTokens(change, row);
  await markSecretsRevokedOf(change.tx, row.id, change.now);
  await replacePrincipal(change.tx, isNamed(row.nameKey), { owner: ownerOfTheGone(row.id), grantee: undefined });
  await deleteAccountRows(change.tx, row.id);
}

/** Whether a name, in whatever case, has this key. */
export function isNamed(key: string): (name: string) => boolean {
  return (name) => nameKey(name) === key;
}

/** Who owns what somebody owned who was deleted: nobody, and no namesake. An admin gives it to somebody. */
export function ownerOfTheGone(id: string): string {
  return GONE + id;
}

/** A name that may be given to an account or a group. @throws DirectoryError `invalidValue` */
export function checkedName(name: string, field: string): string {
  const problem = nameKey(name).startsWith(GONE) ? `begins with '${GONE}'` : misleading(name);
  if (problem !== undefined) throw new DirectoryError('invalidValue', `The ${field} ${problem}.`, { param: field });
  return name.normalize('NFC');
}

export function notFound(id: string): GatewayError {
  return new GatewayError('caller_not_found', `There is no account or group with the id '${id.slice(0, 100)}'.`);
}

/** Text without control characters, of bounded length; `null` for none. */
export function optionalText(text: string | undefined, field: string): string | null {
  return text === undefined || text === '' ? null : checkedText(text, field);
}

async function endTokens({ tx, now }: Change, { id, nameKey: key }: AccountRow): Promise<void> {
  await markTokensRevokedOf(tx, id, (name) => nameKey(name) === key, now);
  await countChange(tx, 'tokens');
}

async function freeKey(tx: Queryable, view: DirectoryView, userName: string): Promise<string> {
  const key = nameKey(userName);
  const declared = view.byName(userName);
  if (declared?.source === 'configuration') {
    throw new DirectoryError('uniqueness', `'${userName}' is declared in gateway.yaml already.`, { param: 'userName' });
  }
  if ((await selectAccountByKey(tx, key)) !== undefined) {
    throw new DirectoryError('uniqueness', `There is an account named '${userName}' already.`, { param: 'userName' });
  }
  // Grants and owners name people and groups alike.
  if (view.groupByName(userName) !== undefined || (await selectGroupByKey(tx, key)) !== undefined) {
    throw new DirectoryError('uniqueness', `There is a group named '${userName}' already.`, { param: 'userName' });
  }
  return key;
}

function refuseDeclared({ source, userName }: Account): void {
  if (source !== 'configuration') return;
  throw new DirectoryError('mutability', `'${userName}' is declared in gateway.yaml. Change it there.`);
}

function checkedText(text: string, field: string): string {
  if (text.length > 256 || !text.isWellFormed() || /[\p{Cc}\p{Zl}\p{Zp}]/u.test(text)) {
    throw new DirectoryError('invalidValue', `The ${field} is too long or has control characters.`, { param: field });
  }
  return text;
}

function checkedEmails(emails: readonly AccountEmail[]): readonly AccountEmail[] {
  if (emails.length > MAX_EMAILS) {
    throw new DirectoryError('invalidValue', `An account has at most ${MAX_EMAILS} emails.`, { param: 'emails' });
  }
  for (const { value, type } of emails) {
    checkedText(value, 'emails');
    if (type !== undefined) checkedText(type, 'emails');
  }
  return emails;
}

function usualEmails(userName: string): readonly AccountEmail[] {
  return userName.includes('@') ? [{ value: userName, type: 'work', primary: true }] : [];
}
