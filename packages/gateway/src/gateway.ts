import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { GatewayConfig } from './config/gateway-config.ts';
import { loadConfig, type LoadOptions } from './config/load.ts';
import { watchConfig } from './config/watch.ts';
import type { OperationalState } from './http/health.ts';
import { GatewayError } from './errors/gateway-error.ts';
import { createGatewayServer, type GatewayServer } from './http/server.ts';
import { Authenticator } from './identity/authenticator.ts';
import { createToken, listTokens } from './identity/tokens.ts';
import { buildSnapshot, EmbeddedServers } from './inference/build-snapshot.ts';
import type { RequestContext } from './inference/request-context.ts';
import type { Runtime, Snapshot } from './inference/runtime.ts';
import { makeDirectory } from './lib/make-directory.ts';
import { createLogger, type Logger } from './otel/log.ts';
import { Metrics } from './otel/metrics.ts';
import { openStore, type Store } from './state/store.ts';
import { DataServices } from './processes/data-services.ts';

export type GatewayOptions = LoadOptions;

/** The running gateway: owns every long-lived part, starts and stops them in order. */
export class Gateway {
  readonly #options: GatewayOptions;
  readonly #embedded = new EmbeddedServers();
  readonly #state: OperationalState = { stopping: false, refusing: () => this.#data?.refusing };
  readonly #log: Logger;
  readonly #metrics = new Metrics();
  readonly #running = new Set<RequestContext>();
  readonly #store: Store;
  #snapshot!: Snapshot;
  #data!: DataServices;
  #authenticator!: Authenticator;
  #server!: GatewayServer;
  #watcher: { close(): void } | undefined;
  /** The token made at the first start, or `undefined`. Never stored or logged. */
  firstToken: { readonly user: string; readonly token: string } | undefined;

  private constructor(options: GatewayOptions, config: GatewayConfig) {
    this.#options = options;
    this.#log = createLogger(config.server.logLevel);
    this.#store = openStore(config.server.dataDirectory);
  }

  /**
   * Loads the configuration, opens the data directory, listens.
   * @throws ConfigError, or an Error naming what is in the way (port taken, directory locked).
   */
  static async start(options: GatewayOptions): Promise<Gateway> {
    const config = await loadConfig(options);
    makeDirectory(config.server.dataDirectory);
    const gateway = new Gateway(options, config);
    try {
      await gateway.#open(config);
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

  async #open(config: GatewayConfig): Promise<void> {
    const { server } = config;
    this.#snapshot = await buildSnapshot(config, this.#embedded);
    this.#data = await DataServices.open({
      config: () => this.#snapshot.config,
      store: this.#store,
      log: this.#log,
      metrics: this.#metrics,
    });
    this.#authenticator = new Authenticator(this.#store, () => this.#snapshot.config.users);
    this.#firstStart(config);
    const runtime: Runtime = {
      snapshot: () => this.#snapshot,
      authenticator: this.#authenticator,
      spool: this.#data.usage,
      payloads: this.#data.payloads,
      metrics: this.#metrics,
      log: this.#log,
      running: this.#running,
    };
    this.#server = createGatewayServer(runtime, this.#state, {
      rest: {
        config: () => this.#snapshot.config,
        catalog: this.#data.catalog,
        sql: this.#data.sql,
        statements: this.#data.statements,
      },
      endpoints: this.#data.endpoints,
    });
    await listen(this.#server, server.host, server.port);
    const file = this.#options.file ?? this.#options.env['UCODE_GATEWAY_CONFIG'];
    if (file) this.#watcher = watchConfig(file, () => void this.#reload());
  }

  #firstStart(config: GatewayConfig): void {
    if (listTokens(this.#store).length > 0) return;
    const admin =
      config.users.find((user) => user.active && user.groups.includes('admins')) ??
      config.users.find((user) => user.active);
    if (!admin) return;
    const { token } = createToken(this.#store, { user: admin.name, comment: 'made at the first start' });
    this.firstToken = { user: admin.name, token };
  }

  /** An invalid file keeps the configuration in force, and says so. */
  async #reload(): Promise<void> {
    try {
      const config = await loadConfig(this.#options);
      this.#snapshot = await buildSnapshot(config, this.#embedded, this.#snapshot);
      this.#data.reconfigure();
      this.#metrics.configReloads.inc({ outcome: 'applied' });
      this.#log.info({ services: config.modelServices.length }, 'the configuration was reloaded');
    } catch (error) {
      this.#metrics.configReloads.inc({ outcome: 'refused' });
      this.#log.error(
        { problem: error instanceof Error ? error.message : String(error) },
        'the new configuration is invalid; the old one stays in force',
      );
    }
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
    await this.#data?.stop();
    await this.#embedded.close();
    this.#authenticator?.close();
    this.#store.close();
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
