import type { AuditLog } from '../audit/audit-event.ts';
import type { ChangeWatcher } from '../state/live-image.ts';
import { AccessTokens } from './access-tokens.ts';
import { AccountDirectory } from './account-directory.ts';
import { Authenticator } from './authenticator.ts';
import type { IdentityDeclared } from './directory-view.ts';

export interface IdentityOptions {
  readonly watcher: ChangeWatcher;
  /** The configuration in force. */
  readonly config: () => IdentityDeclared;
  readonly audit?: AuditLog | undefined;
  readonly staleLimitMs?: number;
  readonly now?: () => number;
  readonly onError?: (error: unknown) => void;
}

/** Who exists, with what tokens, and who calls. */
export interface Identity {
  readonly directory: AccountDirectory;
  readonly tokens: AccessTokens;
  readonly authenticator: Authenticator;
}

/** Opens all of it on one watcher. Other kinds of tokens are added to the authenticator afterwards. */
export async function openIdentity(options: IdentityOptions): Promise<Identity> {
  const { watcher } = options;
  const directory = await AccountDirectory.open(options);
  const tokens = await AccessTokens.open(watcher, directory);
  return { directory, tokens, authenticator: new Authenticator({ ...options, directory, sources: [tokens] }) };
}
