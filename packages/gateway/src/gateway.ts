import type { Server } from 'node:http';
import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { explainConfig } from './config/explain.ts';
import type { GatewayConfig } from './config/gateway-config.ts';
import { loadConfig, type LoadOptions } from './config/load.ts';
import { watchConfig } from './config/watch.ts';
import type { OperationalState } from './http/health.ts';
import { GatewayError } from './errors/gateway-error.ts';
import { oauthMount } from './http/oauth-mount.ts';
import { createGatewayServer, type GatewayServer } from './http/server.ts';
import { ADMINS } from './unity/caller.ts';
import { buildSnapshot, EmbeddedServers } from './inference/build-snapshot.ts';
import type { RequestContext } from './inference/request-context.ts';
import type { Runtime, Snapshot } from './inference/runtime.ts';
import { changedLines } from './lib/changed-lines.ts';
import { makeDirectory } from './lib/make-directory.ts';
import { createLogger, type Logger } from './otel/log.ts';
import { Metrics } from './otel/metrics.ts';
import { EncryptionKeys } from './state/encryption-keys.ts';
import { ChangeWatcher } from './state/live-image.ts';
import { storeLocation } from './state/store-location.ts';
import { openStore, type Store } from './state/store.ts';
import { DataServices } from './processes/data-services.ts';
import { GovernanceServices } from './processes/governance-services.ts';
import { IdentityServices } from './processes/identity-services.ts';

export type GatewayOptions = LoadOptions;

/** What is made at the first start for the first admin. Shown once, never stored in plain or logged. */
export interface FirstSignIn {
  readonly user: string;
  /** A personal access token. */
  readonly token: string;
  /** For the sign-in page, where local users may sign in. */
  readonly password: string | undefined;
}

/** The running gateway: owns every long-lived part, starts and stops them in order. */
export class Gateway {
  readonly #options: GatewayOptions;
  readonly #embedded = new EmbeddedServers();
  readonly #state: OperationalState = { stopping: false, refusing: () => this.#data?.refusing };
  readonly #log: Logger;
  readonly #metrics = new Metrics();
  readonly #running = new Set<RequestContext>();
  readonly #store: Store;
  readonly #changes: ChangeWatcher;
  /** The configuration as it was loaded, without the services that were made by API. */
  #base: GatewayConfig;
  #snapshot!: Snapshot;
  #identity!: IdentityServices;
  #data!: DataServices;
  #governance!: GovernanceServices;
  #server!: GatewayServer;
  #watcher: { close(): void } | undefined;
  /** Rebuilds of the snapshot, one after the other. */
  #rebuilding: Promise<void> = Promise.resolve();
  /** At the first start only. */
  firstSignIn: FirstSignIn | undefined;

  private constructor(options: GatewayOptions, config: GatewayConfig, store: Store) {
    this.#options = options;
    this.#base = config;
    this.#log = createLogger(config.server.logLevel);
    this.#store = store;
    this.#changes = new ChangeWatcher(store, (error) =>
      this.#log.error({ problem: String(error) }, 'the state database cannot be asked'),
    );
  }

  /**
   * Loads the configuration, opens the data directory, listens.
   * @throws ConfigError, or an Error naming what is in the way (port taken, directory locked).
   */
  static async start(options: GatewayOptions): Promise<Gateway> {
    const config = await loadConfig(options);
    makeDirectory(config.server.dataDirectory);
    const store = await openStore(storeLocation(config));
    const gateway = new Gateway(options, config, store);
    try {
      await gateway.#open();
    } catch (error) {
      await gateway.stop();
      throw error;
    }
    return gateway;
  }

  get config(): GatewayConfig {
    return this.#snapshot.config;
  }

  get address(): AddressInfo {
    return this.#server.address() as AddressInfo;
  }

  async #open(): Promise<void> {
    const { server, encryption } = this.#base;
    const { dataDirectory } = server;
    const watcher = this.#changes;
    const log = this.#log;
    const keys = await EncryptionKeys.open({ store: this.#store, config: encryption, dataDirectory });
    this.#identity = await IdentityServices.open({
      config: () => this.#base,
      watcher,
      keys,
      audit: { record: (event) => this.#data?.audit.record(event) },
      port: () => this.address.port,
      log,
    });
    this.#data = await DataServices.open({
      config: () => this.#snapshot?.config ?? this.#base,
      groupsOf: (userName) => this.#identity.directory.byName(userName)?.groups ?? [],
      watcher,
      keys,
      log,
      metrics: this.#metrics,
    });
    const { services } = this.#data.catalog;
    await this.#takeServices();
    this.#snapshot = await buildSnapshot(services.config(), this.#embedded);
    services.onChange(() => this.#rebuild());
    this.#governance = await GovernanceServices.open({
      config: () => this.#snapshot.config,
      watcher,
      directory: this.#identity.directory,
      catalog: this.#data.catalog,
      prices: () => this.#snapshot.prices,
      usage: this.#data.usage,
      onSpendAdded: (position) => this.#data.spendAdded(position),
      log,
    });
    this.#data.start();
    await this.#firstStart();
    this.#server = createGatewayServer(this.#runtime(), this.#state, {
      rest: {
        config: () => this.#snapshot.config,
        directory: this.#identity.directory,
        tokens: this.#identity.tokens,
        catalog: this.#data.catalog,
        sql: this.#data.sql,
        statements: this.#data.statements,
        agentConfigs: this.#governance.agentConfigs,
        budgets: this.#governance.budgets,
        spend: this.#governance.spend,
        spendView: this.#governance.spend,
        limitView: this.#governance.limits,
        audit: this.#data.audit,
      },
      endpoints: this.#data.endpoints,
      oauth: oauthMount(this.#identity.oauth),
    });
    await listen(this.#server, server.host, server.port);
    const file = this.#options.file ?? this.#options.env['UCODE_GATEWAY_CONFIG'];
    if (file) this.#watcher = watchConfig(file, () => void this.#reload());
  }

  #runtime(): Runtime {
    return {
      snapshot: () => this.#snapshot,
      authenticator: this.#identity.authenticator,
      catalog: this.#data.catalog,
      governor: this.#governance.governor,
      audit: this.#data.audit,
      spool: this.#data.usage,
      payloads: this.#data.payloads,
      metrics: this.#metrics,
      log: this.#log,
      running: this.#running,
    };
  }

  /** Where nobody holds a token yet, the first active admin gets one, and a password where local users may sign in. */
  async #firstStart(): Promise<void> {
    const { directory, tokens } = this.#identity;
    if ((await tokens.list()).length > 0) return;
    const active = directory.accounts().filter((account) => account.type === 'USER' && account.active);
    const admin = active.find(({ groups }) => groups.includes(ADMINS)) ?? active[0];
    if (!admin) return;
    const { token } = await tokens.create(admin, { comment: 'made at the first start' });
    const password = this.#base.identity.localUsers ? randomBytes(15).toString('base64url') : undefined;
    if (password !== undefined) await directory.setPassword(admin.id, password);
    this.firstSignIn = { user: admin.userName, token, password };
  }

  /** An invalid file keeps the configuration in force, and says so. */
  async #reload(): Promise<void> {
    try {
      const before = this.#base;
      this.#base = await loadConfig(this.#options);
      await this.#takeServices();
      await this.#rebuild();
      this.#auditReload(before);
      this.#metrics.configReloads.inc({ outcome: 'applied' });
      this.#log.info({ services: this.config.modelServices.length }, 'the configuration was reloaded');
    } catch (error) {
      this.#metrics.configReloads.inc({ outcome: 'refused' });
      this.#log.error(
        { problem: error instanceof Error ? error.message : String(error) },
        'the new configuration is invalid; the old one stays in force',
      );
    }
  }

  /** What is another in the new configuration, as `config explain` shows it: without secrets. */
  #auditReload(before: GatewayConfig): void {
    // The width of the columns is no change.
    const [was, is] = [before, this.#base].map((config) => explainConfig(config).replaceAll(/(\S) {2,}/g, '$1  '));
    const { gone, come } = changedLines(was ?? '', is ?? '');
    if (gone.length === 0 && come.length === 0) return;
    this.#data.audit.record({
      at: Date.now(),
      requestId: '',
      service: 'operations',
      action: 'reloadConfiguration',
      actor: undefined,
      actorType: 'SYSTEM',
      sourceIp: undefined,
      userAgent: undefined,
      status: 200,
      errorCode: undefined,
      errorMessage: undefined,
      parameters: {},
      change: { target: this.#base.sources.join(', '), before: gone, after: come },
    });
  }

  /** The services of the configuration, with the schemas they are in: who may use them may do so from now on. */
  async #takeServices(): Promise<void> {
    const { modelServices, providerServices } = this.#base;
    await this.#data.catalog.ensureSchemas([...modelServices, ...providerServices].map(({ name }) => name));
    this.#data.catalog.services.configure(this.#base);
  }

  /** Takes the services of this moment into force. */
  #rebuild(): Promise<void> {
    const rebuilt = this.#rebuilding.then(async () => {
      this.#snapshot = await buildSnapshot(this.#data.catalog.services.config(), this.#embedded, this.#snapshot);
      this.#data.reconfigure();
    });
    this.#rebuilding = rebuilt.catch(() => {});
    return rebuilt;
  }

  #cutRunning(): void {
    const error = new GatewayError('gateway_shutting_down', 'The gateway is stopping. Try again.');
    for (const context of this.#running) context.onShutdown?.(error);
  }

  /** No new requests; running ones get the grace period, then are cut. */
  async stop(): Promise<void> {
    this.#state.stopping = true;
    this.#watcher?.close();
    if (this.#server?.listening)
      await closeServer(this.#server, this.#snapshot.config.server.shutdownGraceMs, () => this.#cutRunning());
    await this.#snapshot?.pools.destroy();
    await this.#governance?.stop();
    await this.#data?.stop();
    await this.#embedded.close();
    await this.#identity?.close();
    this.#changes.close();
    await this.#store.close();
  }
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'EADDRINUSE'
          ? new Error(`Port ${port} on ${host} is in use. Choose another with --port.`, { cause: error })
          : error,
      );
    });
    server.listen(port, host, resolve);
  });
}

/** Milliseconds callers get to read the error that ends their stream. */
const LAST_WORD_MS = 1_000;

/** How often a stop looks for connections that have fallen idle, milliseconds. */
const SWEEP_MS = 100;

/** Idle connections close as soon as they are idle; running requests get `graceMs`, then `cut` ends them. */
function closeServer(server: GatewayServer, graceMs: number, cut: () => void): Promise<void> {
  return new Promise((resolve) => {
    let lastWord: NodeJS.Timeout | undefined;
    const timer = setTimeout(() => {
      cut();
      lastWord = setTimeout(() => server.closeAllConnections(), LAST_WORD_MS);
    }, graceMs);
    const sweep = (): void => {
      server.closeIdleConnections();
      server.closeUnusedConnections();
    };
    const sweeper = setInterval(sweep, SWEEP_MS);
    server.close(() => {
      clearTimeout(timer);
      clearTimeout(lastWord);
      clearInterval(sweeper);
      resolve();
    });
    sweep();
  });
}
