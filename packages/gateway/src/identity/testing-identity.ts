import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ChangeWatcher } from '../state/live-image.ts';
import { openStore, type Store } from '../state/store.ts';
import type { IdentityDeclared } from './directory-view.ts';
import { openIdentity, type Identity, type IdentityOptions } from './open-identity.ts';

/** An identity on a store of its own, for tests. */
export interface TestingIdentity extends Identity {
  readonly store: Store;
  readonly watcher: ChangeWatcher;
  /** May be replaced, as by a reload. */
  declared: IdentityDeclared;
  /** Another gateway on the same store. */
  another(): Promise<TestingIdentity>;
  close(): Promise<void>;
}

/** Opens one in a new directory, with `ada` in `admins` declared unless told otherwise. */
export async function testingIdentity(
  declared: IdentityDeclared = { users: [{ name: 'ada', groups: ['admins'], active: true }] },
  options: Partial<IdentityOptions> = {},
): Promise<TestingIdentity> {
  const directory = mkdtempSync(path.join(tmpdir(), 'ucode-identity-'));
  const gateways: TestingIdentity[] = [];
  const open = async (): Promise<TestingIdentity> => {
    const store = await openStore({ dataDirectory: directory });
    const watcher = new ChangeWatcher(store);
    const holder = { declared };
    const identity = await openIdentity({ watcher, config: () => holder.declared, ...options });
    const gateway: TestingIdentity = Object.assign(holder, identity, {
      store,
      watcher,
      another: open,
      close: async () => {
        for (const one of gateways) {
          await one.authenticator.close();
          one.watcher.close();
          await one.store.close();
        }
        rmSync(directory, { recursive: true, force: true });
      },
    });
    gateways.push(gateway);
    return gateway;
  };
  return open();
}
