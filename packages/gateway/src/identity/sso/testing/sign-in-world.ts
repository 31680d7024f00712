import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { SsoProviderConfig } from '../../../config/sso-settings.ts';
import type { GatewayError } from '../../../errors/gateway-error.ts';
import { openStore, type Store } from '../../../state/store.ts';
import type { SsoFinish } from '../../oauth/sso-contract.ts';
import { SsoSignIn } from '../sso-sign-in.ts';
import { MemoryDirectory } from './memory-directory.ts';
import { ProviderDouble } from './provider-double.ts';

export const ORIGIN = 'http://127.0.0.1:8484';

/** A provider's settings with the defaults of the schema. */
export function providerConfig(change: Partial<SsoProviderConfig> & { readonly issuer: string }): SsoProviderConfig {
  return {
    id: 'corp',
    name: 'Corp',
    clientId: 'gateway',
    clientSecret: 'double-secret',
    clientAuthentication: undefined,
    scopes: ['openid', 'profile', 'email'],
    prompt: undefined,
    userClaim: 'email',
    verifiedClaim: 'email_verified',
    requireVerifiedEmail: true,
    groupsClaim: 'groups',
    groupMapping: new Map(),
    groups: 'mapped-only',
    allowedDomains: [],
    createUsers: true,
    linkExisting: 'verified',
    certificates: undefined,
    allowedPrivateNetworks: [],
    ...change,
  };
}

/** A gateway's sign-in with its store and directory, and one provider. */
export class SignInWorld {
  readonly double: ProviderDouble;
  readonly store: Store;
  readonly directory = new MemoryDirectory();
  readonly problems: GatewayError[] = [];
  providers: SsoProviderConfig[];
  now = Date.now();
  readonly sso: SsoSignIn;
  readonly #data: string;

  private constructor(double: ProviderDouble, store: Store, data: string) {
    this.double = double;
    this.store = store;
    this.#data = data;
    this.providers = [providerConfig({ issuer: double.issuer })];
    this.sso = this.gateway();
  }

  static async start(): Promise<SignInWorld> {
    const data = mkdtempSync(path.join(tmpdir(), 'ucode-sso-'));
    return new SignInWorld(await ProviderDouble.start(), await openStore({ dataDirectory: data }), data);
  }

  /** One more gateway on the same store. */
  gateway(): SsoSignIn {
    return new SsoSignIn({
      providers: () => this.providers,
      store: this.store,
      directory: this.directory,
      connect: () => (url, options) => fetch(url, options as RequestInit),
      onProblem: (_id, problem) => this.problems.push(problem),
      now: () => this.now,
    });
  }

  /** Changes the settings of the provider. */
  configure(change: Partial<SsoProviderConfig>): void {
    this.providers = [providerConfig({ issuer: this.double.issuer, ...change })];
  }

  /** Begins, signs in at the provider, and gives what the browser then holds. */
  async away(
    change: Readonly<Record<string, string | undefined>> = {},
  ): Promise<{ readonly url: URL; readonly cookies: string }> {
    const start = await this.sso.begin('corp', 'interaction-1', ORIGIN);
    const cookies = start.cookie?.split(';')[0] ?? '';
    return { url: this.double.authorize(start.redirect, change), cookies };
  }

  back(
    answer: { readonly url: URL; readonly cookies: string },
    change: { readonly providerId?: string } = {},
  ): Promise<SsoFinish> {
    return this.sso.finish({ providerId: 'corp', sourceIp: '127.0.0.1', userAgent: undefined, ...answer, ...change });
  }

  async signIn(): Promise<SsoFinish> {
    return this.back(await this.away());
  }

  async stop(): Promise<void> {
    await this.double.stop();
    await this.store.close();
    rmSync(this.#data, { recursive: true, force: true });
  }
}
