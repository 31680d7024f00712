import type { SsoProviderConfig } from '../../config/sso-settings.ts';
import { selectPasswordHash } from '../../state/account-repository.ts';
import { deleteSsoLinks, findSsoLink, findSsoSubject, hasSsoLink, insertSsoLink } from '../../state/sso-repository.ts';
import type { Store } from '../../state/store.ts';
import type { Account, Directory } from '../directory.ts';
import type { Person } from './person.ts';
import { refused } from './sign-in-errors.ts';

/** Group whose members administer the gateway. */
const ADMINS = 'admins';

/**
 * Which account a person signs in to. People are known by issuer and `sub`, the only pair that a provider never gives
 * to somebody else (OpenID Connect Core 5.7); names serve the first time only. So a renamed person keeps the account, and
 * whoever is given a former colleague's address does not get the colleague's account.
 */
export class AccountLinks {
  readonly #store: Store;
  readonly #directory: Directory;
  readonly #now: () => number;

  constructor(store: Store, directory: Directory, now: () => number) {
    this.#store = store;
    this.#directory = directory;
    this.#now = now;
  }

  /**
   * Signs a person in to their account, making it or tying it to them where that is allowed.
   * @throws GatewayError `policy_sign_in_refused`, or as `Directory.signedIn`.
   */
  async signIn(provider: SsoProviderConfig, person: Person): Promise<Account> {
    const existing = (await this.#linked(provider, person)) ?? (await this.#named(provider, person));
    const account = await this.#directory.signedIn(
      {
        userName: existing?.userName ?? person.userName,
        displayName: person.displayName,
        // What SCIM has set stays: it may be another id than `sub`.
        externalId: existing?.externalId ?? person.subject,
        groups: person.groups,
      },
      { create: provider.createUsers },
    );
    if (existing === undefined) await this.#link(provider, person, account);
    if (!account.active) throw deactivated();
    return account;
  }

  /** The account of somebody who was here before. */
  async #linked(provider: SsoProviderConfig, person: Person): Promise<Account | undefined> {
    const link = await findSsoLink(this.#store, provider.issuer, person.subject);
    if (link === undefined) return undefined;
    const account = this.#directory.byId(link.accountId);
    // Deleted since: they begin anew.
    if (account === undefined) await deleteSsoLinks(this.#store, link.accountId);
    else if (!account.active) throw deactivated();
    return account;
  }

  /** The account that has the person's name already, now tied to them. */
  async #named(provider: SsoProviderConfig, person: Person): Promise<Account | undefined> {
    const account = this.#directory.byName(person.userName);
    if (account === undefined) return undefined;
    if (account.type !== 'USER') throw taken(provider);
    if (!account.active) throw deactivated();
    const owner = await findSsoSubject(this.#store, provider.issuer, account.id);
    // An administrator has written the new `sub` to the account: it is theirs now.
    const isMoved = owner !== undefined && account.externalId === person.subject;
    if (isMoved) await deleteSsoLinks(this.#store, account.id);
    else if (owner !== undefined || !(await this.#mayLink(provider, person, account))) throw taken(provider);
    await this.#link(provider, person, account);
    return account;
  }

  async #mayLink(provider: SsoProviderConfig, person: Person, account: Account): Promise<boolean> {
    if (provider.linkExisting !== 'verified') return provider.linkExisting === 'all';
    if (!person.isVerifiedName) return false;
    if (account.source === 'configuration' && account.groups.includes(ADMINS)) return false;
    if (await hasSsoLink(this.#store, account.id)) return false;
    return (await selectPasswordHash(this.#store, account.id)) === undefined;
  }

  async #link(provider: SsoProviderConfig, person: Person, account: Account): Promise<void> {
    const link = { issuer: provider.issuer, subject: person.subject, accountId: account.id };
    if (await insertSsoLink(this.#store, link, this.#now())) return;
    // Another sign-in was faster: of the same person, or of another one with the same name.
    if ((await findSsoSubject(this.#store, provider.issuer, account.id)) !== person.subject) throw taken(provider);
  }
}

function deactivated(): Error {
  return refused('Your account here is deactivated. Ask an administrator.');
}

function taken(provider: SsoProviderConfig): Error {
  return refused(
    `There is an account of your name here already, and it is not tied to your account at ${provider.name}. Ask an administrator.`,
  );
}
