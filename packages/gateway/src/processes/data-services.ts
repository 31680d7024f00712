import path from 'node:path';
import type { GatewayConfig, ModelService } from '../config/gateway-config.ts';
import type { EndpointRoute } from '../http/endpoint-route.ts';
import { otlpEndpoints } from '../http/otlp-endpoints.ts';
import { thriftEndpoint } from '../http/thrift-endpoint.ts';
import type { TableRef } from '../lake/lake.ts';
import { DecoderPool } from '../otel/decoder-pool.ts';
import type { Logger } from '../otel/log.ts';
import type { Metrics } from '../otel/metrics.ts';
import { DuckdbSqlEngine } from '../sql/duckdb-sql-engine.ts';
import { SqlAudit } from '../sql/sql-audit.ts';
import { StatementStore } from '../sql/statement-store.ts';
import type { SqlEngine } from '../sql/statement.ts';
import { ThriftService } from '../sql/thrift/thrift-service.ts';
import { RepeatedFailure } from '../lib/repeated-failure.ts';
import { within } from '../lib/within.ts';
import type { EncryptionKeys } from '../state/encryption-keys.ts';
import type { ChangeWatcher } from '../state/live-image.ts';
import { ADMINS, type Caller } from '../unity/caller.ts';
import { parseStatement } from '../unity/ddl/parse-statement.ts';
import { StatementExecutor } from '../unity/execute-statement.ts';
import { UnityCatalog } from '../unity/unity-catalog.ts';
import { PayloadSink } from '../usage/payload-sink.ts';
import { payloadSchema } from '../usage/payload-table.ts';
import { SharedAcknowledgement } from '../usage/shared-acknowledgement.ts';
import { comparePositions, type SpoolPosition } from '../usage/spool-format.ts';
import { Spool } from '../usage/spool.ts';
import { Upkeep } from '../usage/upkeep.ts';
import { usageTable, usageTables } from '../usage/usage-table.ts';
import { auditTable } from '../usage/audit-table.ts';
import { AuditWriter } from '../usage/audit-writer.ts';
import { entryFile } from './entry-file.ts';
import { LakeClient } from './lake-client.ts';
import { viewColumns } from './view-columns.ts';
import { spoolDirectoryName, spoolNames, type LogNote, type SpoolName } from './lake-protocol.ts';

/** Waits between two tries to make the built-in tables, milliseconds. */
const SETUP_RETRY_MS = 2_000;
/** How long a stop waits for the spools to reach their tables, and the first statements for the tables, milliseconds. */
const WAIT_LIMIT_MS = 10_000;

/** Makes tables in the gateway's own name. */
const GATEWAY: Caller = { userName: ADMINS, groups: [ADMINS] };

export interface DataServicesOptions {
  readonly config: () => GatewayConfig;
  /** Groups of a user, directly or through others. */
  readonly groupsOf: (userName: string) => readonly string[];
  readonly watcher: ChangeWatcher;
  readonly keys: EncryptionKeys;
  readonly log: Logger;
  readonly metrics: Metrics;
}

type UsageKept = SharedAcknowledgement<'lake' | 'spend'>;

/** Everything between a request's records and their tables: spools, lake, catalog, SQL. */
export class DataServices {
  readonly #options: DataServicesOptions;
  readonly #spools: Readonly<Record<SpoolName, Spool>>;
  readonly #lake: LakeClient;
  readonly #upkeep: Upkeep;
  readonly #decoders: DecoderPool;
  readonly catalog: UnityCatalog;
  readonly sql: SqlEngine;
  readonly statements: StatementStore;
  readonly payloads: PayloadSink;
  readonly audit: AuditWriter;
  /** Paths that read and write bodies of their own: OTLP and Thrift. */
  readonly endpoints: readonly EndpointRoute[];
  #setup: Promise<void> | undefined;
  #firstSetup: Promise<void> | undefined;
  #loading = false;
  #setupTimer: NodeJS.Timeout | undefined;
  readonly #setupFailure = new RepeatedFailure();
  #stopping = false;
  /** Records of usage go once they are in the table and in the sums of what was spent, both. */
  readonly #usageKept: UsageKept;

  private constructor(
    options: DataServicesOptions,
    spools: Readonly<Record<SpoolName, Spool>>,
    lakeClient: LakeClient,
    catalog: UnityCatalog,
    usageKept: UsageKept,
  ) {
    this.#options = options;
    this.#spools = spools;
    this.#lake = lakeClient;
    this.catalog = catalog;
    this.#usageKept = usageKept;
    const { config, log, metrics } = options;
    const { lake, server } = config();
    const executor = new StatementExecutor({
      catalog: this.catalog,
      lake: this.#lake,
      checkView: (text, caller, defaults) => viewColumns(this.sql, { sql: text, caller, defaults }),
    });
    this.audit = new AuditWriter({
      spool: spools.audit,
      workspaceId: () => config().server.workspaceId,
      refusalBytes: lake.telemetryQueueMaxBytes / 2,
      log: (level, fields, message) => log[level](fields, message),
    });
    const audited = new SqlAudit({ catalog, audit: this.audit });
    const engine = new DuckdbSqlEngine({
      catalog: this.catalog,
      lake: this.#lake,
      executor,
      parseStatement,
      around: (request, statement, run) => audited.around(request, statement, run),
      config: () => config().sql,
      processFile: entryFile('sql-process'),
      groupsOf: options.groupsOf,
      log: (message) => log.warn(message),
    });
    // The first statements of a gateway that has just started wait for its tables.
    this.sql = {
      execute: async (request, signal) => {
        if (this.#firstSetup) await within(WAIT_LIMIT_MS, this.#firstSetup);
        return engine.execute(request, signal);
      },
      close: () => engine.close(),
    };
    this.statements = new StatementStore({ engine: this.sql, log: (message) => log.error(message) });
    this.payloads = new PayloadSink(spools.payloads);
    this.#decoders = new DecoderPool({ workerFile: entryFile('decode-worker') });
    this.#upkeep = new Upkeep({
      catalog: this.catalog,
      lake: this.#lake,
      intervalMs: lake.maintenanceIntervalMs,
      usageRetentionDays: () => config().lake.usageRetentionDays,
      auditRetentionDays: () => config().lake.auditRetentionDays,
      log: (level, fields, message) => log[level](fields, message),
    });
    this.endpoints = [
      ...otlpEndpoints({
        catalog: this.catalog,
        lake: this.#lake,
        spool: spools.telemetry,
        decoders: this.#decoders,
        maxBytes: lake.otlpMaxBytes,
        clientTimeoutMs: server.clientTimeoutMs,
        metrics,
      }),
      ...thriftEndpoint(new ThriftService({ engine: this.sql, statements: this.statements })),
    ];
    for (const name of spoolNames) {
      spools[name].onCommit((position) => {
        metrics.noteWaiting(name);
        this.#lake.committed(name, position);
      });
    }
  }

  /**
   * Opens the spools and starts the lake's process. A remote lake is waited for, so that a store that
   * cannot hold tables is refused at start.
   * @throws Error when a spool is in use by another process, or the store is refused.
   */
  static async open(options: DataServicesOptions): Promise<DataServices> {
    const { server, lake } = options.config();
    const opened: Partial<Record<SpoolName, Spool>> = {};
    try {
      for (const name of spoolNames) {
        opened[name] = await Spool.open({
          directory: path.join(server.dataDirectory, spoolDirectoryName(name)),
          maxBytes: name === 'usage' ? server.spoolMaxBytes : lake.telemetryQueueMaxBytes,
        });
        const { cutBytes } = opened[name];
        if (cutBytes > 0) {
          options.log.warn(
            { spool: name, bytes: cutBytes },
            'an unfinished record at the end of the spool was cut off',
          );
        }
      }
    } catch (error) {
      for (const spool of Object.values(opened)) await spool.close();
      throw error;
    }
    const spools = opened as Record<SpoolName, Spool>;
    const usageKept = new SharedAcknowledgement<'lake' | 'spend'>(spools.usage, ['lake', 'spend']);
    const lakeClient = openLake(options, spools, usageKept);
    let services: DataServices;
    try {
      const { watcher, keys, log } = options;
      const catalog = await UnityCatalog.open({ watcher, keys, lake: lakeClient, log: (message) => log.warn(message) });
      services = new DataServices(options, spools, lakeClient, catalog, usageKept);
    } catch (error) {
      await lakeClient.close();
      for (const spool of Object.values(spools)) await spool.close();
      throw error;
    }
    try {
      if (lake.root.startsWith('s3://')) await services.#lake.ready();
    } catch (error) {
      await services.stop();
      throw error;
    }
    return services;
  }

  /** Makes the tables, and begins to fill them and to keep them in shape. */
  start(): void {
    this.#trySetup();
    this.#firstSetup = this.#setup;
    this.#upkeep.start();
  }

  /** Everything of the usage spool before `position` is in the sums of what was spent. */
  spendAdded(position: SpoolPosition): void {
    void this.#usageKept.reached('spend', position);
  }

  /** The usage spool. */
  get usage(): Spool {
    return this.#spools.usage;
  }

  /** Why requests are refused at the moment, if they are: records cannot be kept, for want of room or of a disk that works. */
  get refusing(): string | undefined {
    if (this.#spools.usage.full) return 'spool full';
    const failing = spoolNames.filter((name) => this.#spools[name].failing);
    return failing.length === 0 ? undefined : `the disk of the spools cannot be written (${failing.join(', ')})`;
  }

  /** The lake process, while it runs. */
  get lakePid(): number | undefined {
    return this.#lake.pid;
  }

  /** Makes the inference tables that a new configuration names. */
  reconfigure(): void {
    this.#trySetup();
  }

  /** Empties the spools as far as that goes within some seconds, then ends every process. */
  async stop(): Promise<void> {
    // A gateway that is stopped right after its start has yet to make its tables, and to fill them.
    if (this.#setup) await within(WAIT_LIMIT_MS, this.#setup);
    this.#stopping = true;
    clearTimeout(this.#setupTimer);
    await this.audit.close();
    for (const spool of Object.values(this.#spools)) await spool.close();
    await this.sql.close();
    await this.#upkeep.stop();
    await this.#lake.drain(WAIT_LIMIT_MS);
    await this.#decoders.close();
    await this.#lake.close();
    await this.#setup;
  }

  /** Makes what is missing; goes on trying while the lake cannot be reached. */
  #trySetup(): void {
    this.#setup = (this.#setup ?? Promise.resolve())
      .then(() => this.#setUp())
      .catch((error: unknown) => {
        if (this.#stopping) return;
        const problem = error instanceof Error ? error.message : String(error);
        if (this.#setupFailure.isToBeSaid(problem))
          this.#options.log.error({ problem }, 'the built-in tables cannot be made; trying again');
        this.#setupTimer = setTimeout(() => this.#trySetup(), SETUP_RETRY_MS);
      });
  }

  async #setUp(): Promise<void> {
    if (this.#stopping) return;
    const { modelServices, providerServices } = this.#options.config();
    await this.catalog.ensureSchemas([...modelServices, ...providerServices].map(({ name }) => name));
    for (const table of [...usageTables, auditTable]) await this.catalog.ensureBuiltIn(table);
    const usage = this.catalog.find(usageTable.name)?.table;
    const audit = this.catalog.find(auditTable.name)?.table;
    if (usage && audit && !this.#loading) {
      await this.#lake.startLoader({
        usageTable: usage,
        auditTable: audit,
        committed: {
          usage: this.#spools.usage.committed,
          payloads: this.#spools.payloads.committed,
          telemetry: this.#spools.telemetry.committed,
          audit: this.#spools.audit.committed,
        },
      });
      this.#loading = true;
    }
    const tables = new Map<string, TableRef>();
    for (const service of modelServices) {
      const table = await this.#inferenceTable(service);
      if (table) tables.set(service.name, table);
    }
    this.payloads.setTables(tables);
    this.#setupFailure.ended();
  }

  /** The table of a service's bodies, made where it is missing. One that cannot be had is logged; the service works without. */
  async #inferenceTable({ name, inferenceTable }: ModelService): Promise<TableRef | undefined> {
    if (!inferenceTable || inferenceTable.disabled) return undefined;
    try {
      const comment = `Request and response bodies of the model service ${name}.`;
      const wanted = { name: inferenceTable.table, schema: payloadSchema, comment, ifNotExists: true };
      return (await this.catalog.createTable(wanted, GATEWAY)).table;
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      this.#options.log.error({ service: name, problem }, 'the inference table cannot be made; bodies are not kept');
      return undefined;
    }
  }
}

function openLake(
  { config, log, metrics }: DataServicesOptions,
  spools: Readonly<Record<SpoolName, Spool>>,
  usageKept: UsageKept,
): LakeClient {
  const { lake, server } = config();
  return new LakeClient({
    file: entryFile('lake-process'),
    open: { lake, dataDirectory: server.dataDirectory },
    log: ({ level, fields, message }: LogNote) => log[level](fields, message),
    onLoaded: ({ spool, position }) => {
      metrics.noteLoaded(spool, comparePositions(position, spools[spool].committed) < 0);
      void (spool === 'usage' ? usageKept.reached('lake', position) : spools[spool].acknowledge(position));
    },
    onProgress: ({ spool, outcome, rows }) => metrics.lakeRows.inc({ spool, outcome }, rows),
    onRestart: () => metrics.lakeRestarts.inc(),
  });
}
