import { GatewayError } from '../../../errors/gateway-error.ts';
import type { Account, Directory } from '../../directory.ts';

/** A directory in memory. Passwords and secrets are `<name>-secret`. */
export class FakeDirectory implements Directory {
  readonly people = new Map<string, Account>();
  throttled = false;

  add(id: string, userName: string, change: Partial<Account> = {}): Account {
    const account: Account = {
      id,
      type: 'USER',
      userName,
      displayName: userName,
      active: true,
      externalId: undefined,
      source: 'directory',
      groups: [],
      ...change,
    };
    this.people.set(id, account);
    return account;
  }

  deactivate(id: string): void {
    const account = this.people.get(id);
    if (account !== undefined) this.people.set(id, { ...account, active: false });
  }

  byId(id: string): Account | undefined {
    return this.people.get(id);
  }

  byName(userName: string): Account | undefined {
    return this.accounts().find((account) => account.userName.toLowerCase() === userName.toLowerCase());
  }

  accounts(): readonly Account[] {
    return [...this.people.values()];
  }

  groupNames(): readonly string[] {
    return ['admins', 'account users'];
  }

  signedIn(): Promise<Account> {
    return Promise.reject(new Error('not here'));
  }

  checkPassword(userName: string, password: string): Promise<Account> {
    return this.#check(userName, password, 'USER');
  }

  checkSecret(applicationId: string, secret: string): Promise<Account> {
    return this.#check(applicationId, secret, 'SERVICE_PRINCIPAL');
  }

  async #check(name: string, secret: string, type: Account['type']): Promise<Account> {
    if (this.throttled) throw new GatewayError('policy_rate_limited', 'Too many attempts.', { retryAfterSeconds: 5 });
    const account = this.byName(name);
    if (account === undefined || !account.active || account.type !== type || secret !== `${account.userName}-secret`) {
      throw new GatewayError('caller_unauthenticated', 'Wrong.');
    }
    return account;
  }
}
