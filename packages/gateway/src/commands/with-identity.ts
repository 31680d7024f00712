import { AccessTokens } from '../identity/access-tokens.ts';
import { AccountDirectory } from '../identity/account-directory.ts';
import type { Account } from '../identity/directory.ts';
import { ChangeWatcher } from '../state/live-image.ts';
import type { Store } from '../state/store.ts';
import { loadFor, type DataOptions } from './data-options.ts';
import { openExistingStateOf, openStateOf } from './open-state.ts';

/** What a command about people works with. */
export interface OpenIdentity {
  readonly store: Store;
  readonly directory: AccountDirectory;
  readonly tokens: AccessTokens;
}

/** Opens the state of the configuration that the options name, beside a gateway that may run, and closes it. `existing`: only one that is there. */
export async function withIdentity<T>(
  options: DataOptions & { readonly existing?: boolean },
  work: (identity: OpenIdentity) => Promise<T>,
): Promise<T> {
  const config = await loadFor(options);
  const store = await (options.existing === true ? openExistingStateOf(config) : openStateOf(config));
  const watcher = new ChangeWatcher(store);
  try {
    const directory = await AccountDirectory.open({ watcher, config: () => config });
    return await work({ store, directory, tokens: await AccessTokens.open(watcher, directory) });
  } finally {
    watcher.close();
    await store.close();
  }
}

/** The account of a name. @throws Error that says which names there are. */
export function accountNamed(
  { directory }: Pick<OpenIdentity, 'directory'>,
  name: string,
  type: Account['type'] = 'USER',
): Account {
  const account = directory.byName(name);
  if (account?.type === type) return account;
  const names = directory
    .accounts()
    .filter((one) => one.type === type)
    .map(({ userName }) => userName);
  const known = names.length === 0 ? 'none' : `${names.slice(0, 20).join(', ')}${names.length > 20 ? ', …' : ''}`;
  const word = type === 'USER' ? 'user' : 'service principal';
  throw new Error(
    `No ${word} '${name}' is known here (known: ${known}). ` +
      `Make one with: ucode-gateway ${type === 'USER' ? 'user' : 'service-principal'} create, or declare it in gateway.yaml.`,
  );
}
