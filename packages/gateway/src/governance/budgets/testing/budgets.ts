import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { budgetSchema } from '../../../config/budgets-schema.ts';
import { readBudgets, type Budget } from '../../../config/budgets-settings.ts';
import type { NotificationsConfig } from '../../../config/notifications-settings.ts';
import type { Account } from '../../../identity/directory.ts';
import type { Principal } from '../../../identity/principal.ts';
import { ChangeWatcher } from '../../../state/live-image.ts';
import { openStore, type Queryable, type Store } from '../../../state/store.ts';
import { AlertDesk } from '../alert-desk.ts';
import { BudgetBook } from '../budget-book.ts';
import type { SpendRecord } from '../spend-batch.ts';
import { SpendLedger } from '../spend-ledger.ts';

/** A budget of the configuration: `given` is written as in gateway.yaml. */
export function budget(name: string, given: object = {}): Budget {
  const entry = budgetSchema.parse({ display_name: name, ...given });
  const [made] = readBudgets([entry], (_, message) => {
    throw new Error(message);
  });
  if (!made) throw new Error('No budget.');
  return made;
}

/** An alert that blocks at `threshold`. */
export function blockAt(threshold: string | number, given: object = {}): object {
  return {
    quantity_threshold: threshold,
    action_configurations: [{ action_type: 'BLOCK_USAGE' }],
    ...given,
  };
}

export const perUser = { scope_type: 'ALERT_CONFIGURATION_SCOPE_TYPE_PER_USER' };

export function principal(userName: string, groups: readonly string[] = [], given: Partial<Principal> = {}): Principal {
  return {
    id: `id-${userName}`,
    userName,
    type: 'USER',
    groups,
    active: true,
    authMode: 'PAT',
    tokenId: 't',
    scopes: new Set(['all-apis']),
    ...given,
  };
}

export function record(
  requester: string,
  at: string,
  cost: string | null,
  given: Partial<SpendRecord> = {},
): SpendRecord {
  return {
    event_time: at,
    requester,
    requester_type: 'USER',
    workspace_id: '1',
    service_name: 'system.ai.claude-opus-4-8',
    service_tags: {},
    cost_usd: cost,
    ...given,
  };
}

/** A directory of these accounts, with their groups. */
export function directoryOf(groups: Readonly<Record<string, readonly string[]>>) {
  return {
    byName: (userName: string): Account | undefined =>
      groups[userName] === undefined
        ? undefined
        : {
            id: `id-${userName}`,
            type: 'USER',
            userName,
            displayName: userName,
            active: true,
            externalId: undefined,
            source: 'configuration',
            groups: groups[userName] ?? [],
          },
  };
}

export async function testingStore(): Promise<Store> {
  const directory = mkdtempSync(path.join(tmpdir(), 'ucode-budgets-'));
  const store = await openStore({ dataDirectory: directory });
  onTestFinished(async () => {
    await store.close();
    rmSync(directory, { recursive: true, force: true });
  });
  return store;
}

export const noNotifications: NotificationsConfig = { contact: undefined, smtp: undefined, webhooks: [] };

/** What a gateway has of budgets, on a store. */
export async function gatewayOn(
  store: Store,
  given: {
    readonly budgets?: readonly Budget[];
    readonly groups?: Readonly<Record<string, readonly string[]>>;
    readonly notifications?: NotificationsConfig;
    readonly now?: () => number;
  } = {},
) {
  const watcher = new ChangeWatcher(store);
  onTestFinished(() => watcher.close());
  const configured = given.budgets ?? [];
  const book = await BudgetBook.open(watcher, () => configured);
  const alerts = new AlertDesk(() => given.notifications ?? noNotifications, given.now);
  const directory = directoryOf(given.groups ?? {});
  const ledger = new SpendLedger({ store, budgets: book, directory, alerts });
  return { watcher, book, alerts, ledger };
}

/** The store, but the process dies before the statement of this number. */
export function dyingAt(store: Store, statement: number): Store {
  let count = 0;
  const dying = (db: Queryable): Queryable => ({
    all: (...given) => (count++ === statement ? Promise.reject(new Error('killed')) : db.all(...given)),
    get: (...given) => (count++ === statement ? Promise.reject(new Error('killed')) : db.get(...given)),
    run: (...given) => (count++ === statement ? Promise.reject(new Error('killed')) : db.run(...given)),
  });
  return {
    ...dying(store),
    name: store.name,
    read: (work) => store.read((db) => work(dying(db))),
    transaction: (work) => store.transaction((tx) => work(dying(tx))),
    close: () => Promise.resolve(),
  };
}
