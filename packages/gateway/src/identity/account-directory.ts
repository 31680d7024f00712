import type { AuditLog } from '../audit/audit-event.ts';
import { GatewayError } from '../errors/gateway-error.ts';
import { misleading, nameKey } from '../lib/name-key.ts';
import { savePasswordHash, type AccountRow } from '../state/account-repository.ts';
import { LiveImage, type ChangeWatcher } from '../state/live-image.ts';
import { countChange } from '../state/revisions.ts';
import { insertSecret, markSecretRevoked, selectSecretsOf, type SecretRow } from '../state/secret-repository.ts';
import type { Queryable, Store } from '../state/store.ts';
import { markTokensRevokedOf } from '../state/token-repository.ts';
import {
  addAccount,
  changeAccount,
  notFound,
  removeAccount,
  type AccountFields,
  type Change,
  type NewAccount,
} from './account-changes.ts';
import { DirectoryError } from './directory-error.ts';
import {
  DirectoryView,
  EVERYBODY_GROUP,
  readIdentity,
  type Group,
  type IdentityDeclared,
  type IdentityRows,
} from './directory-view.ts';
import type { Account, Directory, SignedIn } from './directory.ts';
import {
  addGroup,
  changeGroup,
  removeGroup,
  replaceSignInGroups,
  requireAdmin,
  type GroupFields,
} from './group-changes.ts';
import { checkedPassword, hashPassword } from './password-hash.ts';
import { SignInChecks } from './sign-in-checks.ts';
import { newCredential, secretPrefix } from './tokens.ts';

/** Groups of one sign-in that are taken over at most. */
const MAX_SIGN_IN_GROUPS = 1_000;
/** Secrets that a service principal may have at a time, as the vendor allows. */
const MAX_SECRETS = 5;

export interface AccountDirectoryOptions {
  readonly watcher: ChangeWatcher;
  /** The configuration in force; asked at every look-up. */
  readonly config: () => IdentityDeclared;
  readonly audit?: AuditLog | undefined;
  /** Milliseconds since 1970; for tests. */
  readonly now?: () => number;
}

/** What may be shown of a secret. */
export type SecretInfo = Omit<SecretRow, 'secretHash'>;

/** The directory: what `gateway.yaml` declares and what the store has, as one, in memory. */
export class AccountDirectory implements Directory {
  readonly #store: Store;
  readonly #image: LiveImage<IdentityRows>;
  readonly #config: () => IdentityDeclared;
  readonly #now: () => number;
  readonly #checks: SignInChecks;
  readonly #endListeners = new Set<(account: Account) => void>();
  #rows: IdentityRows;
  #declared: IdentityDeclared;
  #view: DirectoryView;

  private constructor(image: LiveImage<IdentityRows>, options: AccountDirectoryOptions) {
    this.#store = options.watcher.store;
    this.#image = image;
    this.#config = options.config;
    this.#now = options.now ?? Date.now;
    this.#rows = image.current;
    this.#declared = options.config();
    this.#view = new DirectoryView(this.#rows, this.#declared);
    this.#checks = new SignInChecks(this.#store, this, { audit: options.audit, now: this.#now });
    image.onChange(() => void this.view);
  }

  /** Reads everybody and keeps up to date as long as the watcher runs. */
  static async open(options: AccountDirectoryOptions): Promise<AccountDirectory> {
    return new AccountDirectory(await LiveImage.open(options.watcher, 'identity', readIdentity), options);
  }

  /** Everybody at this moment. A new object after any change, of the store or the configuration. */
  get view(): DirectoryView {
    const rows = this.#image.current;
    const { users, groups, servicePrincipals } = this.#config();
    const old = this.#declared;
    const same = users === old.users && groups === old.groups && servicePrincipals === old.servicePrincipals;
    if (rows === this.#rows && same) return this.#view;
    const before = this.#view;
    this.#rows = rows;
    this.#declared = { users, ...(groups && { groups }), ...(servicePrincipals && { servicePrincipals }) };
    this.#view = new DirectoryView(rows, this.#declared);
    this.#tellEnded(before, this.#view);
    return this.#view;
  }

  /** A new object after any change. */
  get revision(): object {
    return this.view;
  }

  byId(id: string): Account | undefined {
    return this.view.byId(id);
  }

  byName(userName: string): Account | undefined {
    return this.view.byName(userName);
  }

  accounts(): readonly Account[] {
    return this.view.accounts;
  }

  groupNames(): readonly string[] {
    return this.view.groups.map(({ displayName }) => displayName);
  }

  groups(): readonly Group[] {
    return this.view.groups;
  }

  /** What the store knows beyond the account: names, emails, times. */
  details(account: Account): AccountRow | undefined {
    return this.view.rowOf(account);
  }

  /** Calls back for each account that was active and now is deactivated or gone, whoever did it. */
  onAccountEnded(listener: (account: Account) => void): void {
    this.#endListeners.add(listener);
  }

  /** Adds a user or service principal. @throws DirectoryError */
  async createAccount(account: NewAccount): Promise<Account> {
    const id = await this.#change((change) => addAccount(change, account));
    return this.#existing(id);
  }

  /** Changes what is given. @throws DirectoryError, GatewayError `caller_not_found` */
  async updateAccount(id: string, fields: AccountFields): Promise<Account> {
    await this.#change((change) => changeAccount(change, accountOf(change.view, id), fields), fields.active === false);
    return this.#existing(id);
  }

  /** Deletes an account and everything that was its own. @throws DirectoryError, GatewayError `caller_not_found` */
  async deleteAccount(id: string): Promise<void> {
    await this.#change((change) => removeAccount(change, accountOf(change.view, id)), true);
  }

  /** Adds a group. @throws DirectoryError */
  async createGroup(fields: GroupFields & { readonly displayName: string }): Promise<Group> {
    const id = await this.#change((change) => addGroup(change, fields));
    return groupOf(this.view, id);
  }

  /** Changes what is given. @throws DirectoryError, GatewayError `caller_not_found` */
  async updateGroup(id: string, fields: GroupFields): Promise<Group> {
    const mayCostAdmins = fields.remove !== undefined;
    await this.#change((change) => changeGroup(change, groupOf(change.view, id), fields), mayCostAdmins);
    return groupOf(this.view, id);
  }

  /** Deletes a group. @throws DirectoryError, GatewayError `caller_not_found` */
  async deleteGroup(id: string): Promise<void> {
    await this.#change((change) => removeGroup(change, groupOf(change.view, id)), true);
  }

  async signedIn(user: SignedIn, { create }: { readonly create: boolean }): Promise<Account> {
    const problem = misleading(user.userName);
    const known = problem === undefined ? this.byName(user.userName) : undefined;
    if (problem !== undefined || (known === undefined && !create)) {
      throw new GatewayError('policy_forbidden', 'This user is not known to this gateway. Ask an administrator.');
    }
    if (known !== undefined && (known.type !== 'USER' || !known.active)) throw deactivated();
    if (known !== undefined && this.#isUpToDate(known, user)) return known;
    const id = await this.#change(async (change) => {
      const account = change.view.byName(user.userName);
      const id = account?.id ?? (await addAccount(change, { type: 'USER', ...fieldsOf(user) }));
      if (account !== undefined && account.source === 'directory') {
        const { userName: _, ...fields } = fieldsOf(user);
        if (account.externalId !== undefined) delete fields.externalId;
        await changeAccount(change, account, fields);
      }
      if (user.groups !== undefined) await replaceSignInGroups(change, id, goodGroups(user.groups));
      return id;
    });
    const account = this.#existing(id);
    if (!account.active) throw deactivated();
    return account;
  }

  checkPassword(userName: string, password: string, sourceIp: string): Promise<Account> {
    return this.#checks.password(userName, password, sourceIp);
  }

  checkSecret(applicationId: string, secret: string, sourceIp: string): Promise<Account> {
    return this.#checks.secret(applicationId, secret, sourceIp);
  }

  /** Gives a user a password, those of the configuration too. Tokens of before are revoked where that is asked for. */
  async setPassword(id: string, password: string, options: { readonly endTokens?: boolean } = {}): Promise<void> {
    const hash = await hashPassword(checkedPassword(password));
    await this.#change(async ({ tx, view, now }) => {
      const account = accountOf(view, id);
      if (account.type !== 'USER') throw new DirectoryError('invalidValue', 'Only users have passwords.');
      await savePasswordHash(tx, account.id, hash, now);
      if (options.endTokens !== true) return;
      const key = nameKey(account.userName);
      await markTokensRevokedOf(tx, account.id, (name) => nameKey(name) === key, now);
      await countChange(tx, 'tokens');
    });
  }

  /** Makes a secret for a service principal; `secret` is shown here and never again. */
  async createSecret(
    accountId: string,
    lifetimeSeconds?: number,
  ): Promise<{ readonly secret: string; readonly info: SecretInfo }> {
    const { id, value, valueHash } = newCredential(secretPrefix);
    const account = servicePrincipalOf(this.view, accountId);
    const createdAt = this.#now();
    const expiresAt = lifetimeSeconds === undefined ? null : createdAt + lifetimeSeconds * 1000;
    const info = { id, accountId: account.id, createdAt, expiresAt };
    await this.#store.transaction(async (tx) => {
      const valid = (await selectSecretsOf(tx, account.id)).filter((row) => isValid(row, createdAt));
      if (valid.length >= MAX_SECRETS) {
        throw new GatewayError('caller_invalid_state', `There are ${MAX_SECRETS} secrets already. Revoke one first.`);
      }
      await insertSecret(tx, { ...info, secretHash: valueHash });
    });
    return { secret: value, info: { ...info, revokedAt: null, lastUsedAt: null } };
  }

  /** Secrets of a service principal, oldest first, revoked and expired ones included. */
  async secrets(accountId: string): Promise<SecretInfo[]> {
    const rows = await selectSecretsOf(this.#store, servicePrincipalOf(this.view, accountId).id);
    return rows.map(({ secretHash: _, ...info }) => info);
  }

  /** Revokes a secret at once. False where the service principal has no valid one of that id. */
  revokeSecret(accountId: string, id: string): Promise<boolean> {
    return markSecretRevoked(this.#store, servicePrincipalOf(this.view, accountId).id, id, this.#now());
  }

  /** @param mayCostAdmins then the change is refused where it would leave nobody to administer the gateway. */
  async #change<T>(work: (change: Change) => Promise<T>, mayCostAdmins = false): Promise<T> {
    return this.#image.change(async (tx) => {
      const { view } = this;
      const result = await work({ tx, view, now: this.#now() });
      if (mayCostAdmins) requireAdmin(view, await this.#viewOf(tx));
      return result;
    });
  }

  async #viewOf(tx: Queryable): Promise<DirectoryView> {
    return new DirectoryView(await readIdentity(tx), this.#declared);
  }

  #existing(id: string): Account {
    return accountOf(this.view, id);
  }

  /** Whether the sign-in says nothing new, so that nothing need be written. */
  #isUpToDate(account: Account, user: SignedIn): boolean {
    const { view } = this;
    const row = view.rowOf(account);
    if (account.source === 'directory') {
      if (user.displayName !== undefined && user.displayName !== row?.displayName) return false;
      if (account.externalId === undefined && user.externalId !== undefined) return false;
    }
    if (user.groups === undefined) return true;
    const wanted = new Set(goodGroups(user.groups).map(nameKey));
    const given = view.directGroups(account.id).filter(({ members }) => members.get(account.id)?.has('sso') === true);
    return given.length === wanted.size && given.every(({ displayName }) => wanted.has(nameKey(displayName)));
  }

  #tellEnded(before: DirectoryView, after: DirectoryView): void {
    if (this.#endListeners.size === 0) return;
    for (const account of before.accounts) {
      if (!account.active || after.byId(account.id)?.active === true) continue;
      for (const listener of this.#endListeners) listener(account);
    }
  }
}

/** The account of an id. @throws GatewayError `caller_not_found` */
function accountOf(view: DirectoryView, id: string): Account {
  const account = view.byId(id);
  if (account === undefined) throw notFound(id);
  return account;
}

function groupOf(view: DirectoryView, id: string): Group {
  const group = view.groupById(id);
  if (group === undefined) throw notFound(id);
  return group;
}

function servicePrincipalOf(view: DirectoryView, id: string): Account {
  const account = accountOf(view, id);
  if (account.type !== 'SERVICE_PRINCIPAL') throw notFound(id);
  return account;
}

function isValid({ revokedAt, expiresAt }: SecretRow, now: number): boolean {
  return revokedAt === null && (expiresAt === null || expiresAt > now);
}

function fieldsOf(user: SignedIn): { userName: string; displayName?: string; externalId?: string } {
  return {
    userName: user.userName,
    ...(user.displayName === undefined ? {} : { displayName: user.displayName }),
    ...(user.externalId === undefined ? {} : { externalId: user.externalId }),
  };
}

/** The groups of a sign-in that can be groups here, without the one that everybody is in. */
function goodGroups(names: readonly string[]): readonly string[] {
  return names
    .filter((name) => misleading(name) === undefined && nameKey(name) !== EVERYBODY_GROUP)
    .slice(0, MAX_SIGN_IN_GROUPS);
}

function deactivated(): GatewayError {
  return new GatewayError('policy_forbidden', 'This user is deactivated. Ask an administrator.');
}
