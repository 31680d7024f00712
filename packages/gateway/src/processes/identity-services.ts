import type { AuditLog } from '../audit/audit-event.ts';
import type { GatewayConfig } from '../config/gateway-config.ts';
import type { AccessTokens } from '../identity/access-tokens.ts';
import type { AccountDirectory } from '../identity/account-directory.ts';
import type { Authenticator } from '../identity/authenticator.ts';
import { OAuthServer } from '../identity/oauth/oauth-server.ts';
import { OAuthTokens } from '../identity/oauth/oauth-tokens.ts';
import { openIdentity } from '../identity/open-identity.ts';
import { SsoSignIn } from '../identity/sso/sso-sign-in.ts';
import { RepeatedFailure } from '../lib/repeated-failure.ts';
import type { Logger } from '../otel/log.ts';
import type { EncryptionKeys } from '../state/encryption-keys.ts';
import type { ChangeWatcher } from '../state/live-image.ts';
import { guardedFetch } from '../upstream/guarded-fetch.ts';

export interface IdentityServicesOptions {
  /** In force at this moment. */
  readonly config: () => GatewayConfig;
  readonly watcher: ChangeWatcher;
  readonly keys: EncryptionKeys;
  readonly audit: AuditLog;
  /** Port of the listener, once it listens. */
  readonly port: () => number;
  readonly log: Logger;
}

/** Who exists, who calls, and how they sign in. */
export class IdentityServices {
  readonly directory: AccountDirectory;
  readonly tokens: AccessTokens;
  readonly authenticator: Authenticator;
  readonly oauth: OAuthServer;

  private constructor(parts: Pick<IdentityServices, 'directory' | 'tokens' | 'authenticator' | 'oauth'>) {
    this.directory = parts.directory;
    this.tokens = parts.tokens;
    this.authenticator = parts.authenticator;
    this.oauth = parts.oauth;
  }

  /** Rejects where the store cannot be read, or the signing keys cannot be opened. */
  static async open(options: IdentityServicesOptions): Promise<IdentityServices> {
    const { config, watcher, keys, audit, log } = options;
    const { store } = watcher;
    const failure = new RepeatedFailure();
    const onError = (error: unknown): void => {
      const problem = error instanceof Error ? (error.stack ?? error.message) : String(error);
      if (failure.isToBeSaid(problem)) log.error({ problem }, 'sign-in or tokens fail');
    };
    const identity = await openIdentity({
      watcher,
      config,
      audit,
      staleLimitMs: config().state.staleLimitMs,
      onError,
    });
    const { directory, authenticator } = identity;
    const sso = new SsoSignIn({
      providers: () => config().identity.sso,
      store,
      directory,
      connect: ({ certificates, allowedPrivateNetworks }) =>
        guardedFetch({
          allowedPrivateNetworks: [...config().server.allowedPrivateNetworks, ...allowedPrivateNetworks],
          certificates,
        }),
      onProblem: (provider, problem) =>
        log.warn(
          {
            provider,
            code: problem.code,
            problem: problem.message,
            reason: problem.cause instanceof Error ? problem.cause.message : undefined,
          },
          'a sign-in did not succeed',
        ),
    });
    const oauth = await OAuthServer.open({
      store,
      watcher,
      directory,
      secrets: keys.box('oauth-key'),
      settings: () => config().identity.oauth,
      sso,
      passwordSignIn: () => config().identity.localUsers,
      audit,
      onError,
      publicUrl: () => config().server.publicUrl,
      origin: () => `http://localhost:${options.port()}`,
      bodyTimeoutMs: config().server.clientTimeoutMs,
    });
    authenticator.addSource(new OAuthTokens(store));
    directory.onAccountEnded((account) => void oauth.revokeAccount(account.id).catch(onError));
    return new IdentityServices({ ...identity, oauth });
  }

  async close(): Promise<void> {
    this.oauth.close();
    await this.authenticator.close();
  }
}
