import { GatewayError } from '../../../errors/gateway-error.ts';
import type { Account, Directory, SignedIn } from '../../directory.ts';

/** A directory in memory, for tests. */
export class MemoryDirectory implements Directory {
  readonly #accounts = new Map<string, Account>();
  /** What `signedIn` was given, in order. */
  readonly signIns: SignedIn[] = [];

  add(account: Partial<Account> & { readonly userName: string }): Account {
    const whole: Account = {
      id: `id-of-${account.userName.toLowerCase()}`,
      type: 'USER',
      displayName: account.userName,
      active: true,
      externalId: undefined,
      source: 'directory',
      groups: ['account users'],
      ...account,
    };
    this.#accounts.set(whole.id, whole);
    return whole;
  }

  remove(id: string): void {
    this.#accounts.delete(id);
  }

  byId(id: string): Account | undefined {
    return this.#accounts.get(id);
  }

  byName(userName: string): Account | undefined {
    return this.accounts().find((account) => account.userName.toLowerCase() === userName.toLowerCase());
  }

  accounts(): readonly Account[] {
    return [...this.#accounts.values()];
  }

  groupNames(): readonly string[] {
    return ['account users', 'admins'];
  }

  async signedIn(user: SignedIn, options: { readonly create: boolean }): Promise<Account> {
    this.signIns.push(user);
    const known = this.byName(user.userName);
    if (known === undefined && !options.create) throw new GatewayError('policy_forbidden', 'unknown');
    if (known?.active === false) throw new GatewayError('policy_forbidden', 'deactivated');
    return this.add({
      ...known,
      userName: known?.userName ?? user.userName,
      externalId: user.externalId,
      groups: ['account users', ...(user.groups ?? [])],
    });
  }

  checkPassword(): Promise<Account> {
    throw new Error('not in this test');
  }

  checkSecret(): Promise<Account> {
    throw new Error('not in this test');
  }
}
