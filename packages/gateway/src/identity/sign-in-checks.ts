import { randomUUID, timingSafeEqual } from 'node:crypto';
import type { AuditLog } from '../audit/audit-event.ts';
import { GatewayError } from '../errors/gateway-error.ts';
import { nameKey } from '../lib/name-key.ts';
import { renewPasswordHash, selectPasswordHash } from '../state/account-repository.ts';
import { recordSecretUse, selectSecretByHash } from '../state/secret-repository.ts';
import type { Store } from '../state/store.ts';
import type { Account, Directory } from './directory.ts';
import { hashPassword, verifyPassword } from './password-hash.ts';
import { SignInThrottle } from './sign-in-throttle.ts';
import { hashToken } from './tokens.ts';

/** `last_used_at` of secrets is exact to this, milliseconds. */
const USE_INTERVAL_MS = 60_000;

/** Where accounts are found. */
type People = Pick<Directory, 'byId' | 'byName'>;

/** Checks passwords of users and secrets of service principals: slowed down, audited, telling nothing of who exists. */
export class SignInChecks {
  readonly #store: Store;
  readonly #people: People;
  readonly #audit: AuditLog | undefined;
  readonly #now: () => number;
  readonly #throttle: SignInThrottle;

  constructor(
    store: Store,
    people: People,
    options: { readonly audit: AuditLog | undefined; readonly now: () => number },
  ) {
    this.#store = store;
    this.#people = people;
    this.#audit = options.audit;
    this.#now = options.now;
    this.#throttle = new SignInThrottle(options.now);
  }

  /** @throws GatewayError `caller_unauthenticated`, `policy_throttled` */
  async password(userName: string, password: string, sourceIp: string): Promise<Account> {
    const account = this.#people.byName(userName);
    const user = account?.type === 'USER' ? account : undefined;
    return this.#audited('passwordLogin', user, sourceIp, async () => {
      const attempt = this.#throttle.begin(nameKey(userName.slice(0, 256)), sourceIp);
      let verdict;
      let hash: string | undefined;
      try {
        // Asked for unknown users, too, so that both take the same time.
        hash = await selectPasswordHash(this.#store, user?.id ?? '');
        verdict = await verifyPassword(password, hash);
      } catch (error) {
        attempt.abandoned();
        throw error;
      }
      if (!verdict.right || user === undefined || !user.active) {
        throw new GatewayError('caller_unauthenticated', 'The user name or the password is wrong.');
      }
      attempt.succeeded();
      if (verdict.weak && hash !== undefined) {
        await this.#renew(user.id, hash, password);
      }
      return user;
    });
  }

  /** A right secret is never kept waiting: nobody guesses 256 bits, and CI shall not stop for those who try. */
  async secret(applicationId: string, secret: string, sourceIp: string): Promise<Account> {
    const account = this.#people.byName(applicationId);
    return this.#audited('secretLogin', account, sourceIp, async () => {
      const hash = hashToken(secret);
      const row = await selectSecretByHash(this.#store, hash);
      const now = this.#now();
      const owner = account?.type === 'SERVICE_PRINCIPAL' && account.active ? account : undefined;
      const valid =
        row !== undefined &&
        timingSafeEqual(row.secretHash, hash) &&
        row.revokedAt === null &&
        (row.expiresAt === null || row.expiresAt > now);
      if (!valid || owner === undefined || this.#people.byId(row.accountId)?.id !== owner.id) {
        this.#throttle.begin(`secret ${nameKey(applicationId.slice(0, 256))}`, sourceIp);
        throw new GatewayError('caller_unauthenticated', 'The client id or the client secret is wrong.');
      }
      if (row.lastUsedAt === null || Math.abs(now - row.lastUsedAt) > USE_INTERVAL_MS) {
        await recordSecretUse(this.#store, row.id, now);
      }
      return owner;
    });
  }

  /** Where it does not work now it is done at another sign-in. */
  async #renew(accountId: string, hash: string, password: string): Promise<void> {
    try {
      await renewPasswordHash(this.#store, accountId, hash, await hashPassword(password));
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error;
    }
  }

  async #audited(
    action: string,
    account: Account | undefined,
    sourceIp: string,
    check: () => Promise<Account>,
  ): Promise<Account> {
    try {
      const found = await check();
      this.#record(action, account, sourceIp, 200, undefined);
      return found;
    } catch (error) {
      this.#record(action, account, sourceIp, error instanceof GatewayError ? error.status : 500, error);
      throw error;
    }
  }

  /** An unknown name is left out: people type passwords where names belong. */
  #record(action: string, account: Account | undefined, sourceIp: string, status: number, error: unknown): void {
    const known = error instanceof GatewayError ? error : undefined;
    this.#audit?.record({
      at: this.#now(),
      requestId: randomUUID(),
      service: 'accounts',
      action,
      actor: account?.userName,
      actorType: account?.type,
      sourceIp,
      userAgent: undefined,
      status,
      errorCode: known?.code ?? (error === undefined ? undefined : 'gateway_internal'),
      errorMessage: known?.message,
      parameters: {},
      change: undefined,
    });
  }
}
