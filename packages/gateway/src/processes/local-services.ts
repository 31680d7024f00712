import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { GatewayConfig } from '../config/gateway-config.ts';
import { loadFor } from '../commands/data-options.ts';
import { version } from '../commands/version.ts';
import { LocalLake } from '../lake/local-lake.ts';
import { openStore as openObjectStore } from '../lake/object-store/open-store.ts';
import { makeDirectory } from '../lib/make-directory.ts';
import { DuckdbSqlEngine } from '../sql/duckdb-sql-engine.ts';
import type { SqlEngine } from '../sql/statement.ts';
import { ChangeWatcher } from '../state/live-image.ts';
import { storeLocation } from '../state/store-location.ts';
import { openStore } from '../state/store.ts';
import type { Caller } from '../unity/caller.ts';
import type { Catalog } from '../unity/catalog.ts';
import { parseStatement } from '../unity/ddl/parse-statement.ts';
import { StatementExecutor } from '../unity/execute-statement.ts';
import { UnityCatalog } from '../unity/unity-catalog.ts';
import { auditTable } from '../usage/audit-table.ts';
import { usageTables } from '../usage/usage-table.ts';
import { entryFile } from './entry-file.ts';
import { groupsOf } from './groups-of.ts';
import { viewColumns } from './view-columns.ts';

export interface LocalServicesOptions {
  readonly config?: string;
  readonly data?: string;
  /** Whose rights to use. Default: the first active admin of the configuration. */
  readonly user?: string;
}

/** Catalog and SQL on a data directory, whether or not a gateway runs on it. */
export interface LocalServices {
  readonly config: GatewayConfig;
  readonly catalog: Catalog;
  readonly lake: LocalLake;
  readonly sql: SqlEngine;
  readonly caller: Caller;
  close(): Promise<void>;
}

/** @throws Error naming what is missing: the configuration, the user, the storage. */
export async function openLocalServices(options: LocalServicesOptions): Promise<LocalServices> {
  const config = await loadFor(options);
  const caller = callerFor(config, options.user);
  const { dataDirectory } = config.server;
  // Temporary files and the cache belong to one process; the gateway has its own.
  const scratch = path.join(dataDirectory, 'tmp', `command-${process.pid}`);
  const temporaryDirectory = path.join(scratch, 'files');
  makeDirectory(temporaryDirectory);
  const cacheDirectory = path.join(scratch, 'cache');
  const store = await openStore(storeLocation(config));
  const watcher = new ChangeWatcher(store);
  const lake = await LocalLake.open({
    store: await openObjectStore(config.lake, { cacheDirectory }),
    temporaryDirectory,
    memoryLimitBytes: config.lake.memoryLimitBytes,
    engineInfo: `ucode-gateway/${version}`,
  });
  const catalog = await UnityCatalog.open({ watcher, lake });
  for (const table of [...usageTables, auditTable]) await catalog.ensureBuiltIn(table);
  const sql: SqlEngine = new DuckdbSqlEngine({
    catalog,
    lake,
    executor: new StatementExecutor({
      catalog,
      lake,
      checkView: (text, viewer, defaults) => viewColumns(sql, { sql: text, caller: viewer, defaults }),
    }),
    groupsOf: (userName) => groupsOf(config, userName),
    parseStatement,
    config: () => config.sql,
    processFile: entryFile('sql-process'),
    log: () => {},
  });
  return {
    config,
    catalog,
    lake,
    sql,
    caller,
    async close() {
      await sql.close();
      lake.close();
      watcher.close();
      await store.close();
      await rm(scratch, { recursive: true, force: true });
    },
  };
}

function callerFor({ users }: GatewayConfig, name: string | undefined): Caller {
  const user =
    name === undefined
      ? users.find(({ active, groups }) => active && groups.includes('admins'))
      : users.find((one) => one.name === name);
  if (!user) {
    throw new Error(
      name === undefined
        ? 'No active user of the configuration is in the group admins. Name a user with --user.'
        : `There is no user '${name}' in the configuration. Users: ${users.map((one) => one.name).join(', ')}.`,
    );
  }
  return { userName: user.name, groups: user.groups };
}
