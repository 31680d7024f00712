import { createClient } from 'redis';
import type { RedisScript } from './redis-scripts.ts';

const CONNECT_TIMEOUT_MS = 2_000;
const LONGEST_PAUSE_MS = 2_000;
/** A connection that has not answered for so long is given up for a new one, milliseconds. */
const DEAD_AFTER_MS = 5_000;

/** Errors that only another configuration cures. */
const REFUSED = /^(?:WRONGPASS|NOAUTH|NOPERM)|invalid (?:username-)?password|without any password|DB index is out of/i;

export interface RedisConnectionOptions {
  /** `redis[s]://[[user]:password@]host[:port][/database]`. Never shown. */
  readonly url: string;
  /** Milliseconds after which a call that has no answer counts as failed. */
  readonly timeoutMs: number;
  /** Told when the connection fails; the message has no password. */
  readonly onError: (error: Error) => void;
}

/** A call that was sent and had no answer in time; it may be carried out yet. */
export class RedisTimeout extends Error {
  /** What Redis answers in the end; rejects where the connection breaks first. */
  readonly late: Promise<unknown>;

  constructor(timeoutMs: number, late: Promise<unknown>) {
    super(`Redis did not answer within ${timeoutMs} ms.`);
    this.name = 'RedisTimeout';
    this.late = late;
  }
}

/**
 * One connection to Redis or Valkey that runs scripts. Comes back by itself, with growing pauses. Fails at once, without
 * sending, while there is no connection or an earlier call waits for longer than the timeout, so that a Redis that hangs
 * costs each request nothing and finds no pile of stale calls when it wakes.
 */
export class RedisConnection {
  readonly #options: RedisConnectionOptions;
  readonly #where: string;
  #client: Client;
  /** When calls without an answer were sent, oldest first. */
  readonly #waiting = new Set<{ readonly since: number }>();
  #failure: Error | undefined;
  #onReady: () => void = () => {};
  #closed = false;

  private constructor(options: RedisConnectionOptions) {
    this.#options = options;
    this.#where = withoutCredentials(options.url);
    this.#client = this.#newClient();
  }

  /**
   * Connects. Where Redis cannot be reached within two seconds, goes on trying in the background.
   * @throws Error without the password, where the address or what it says to sign in is wrong.
   */
  static async open(options: RedisConnectionOptions): Promise<RedisConnection> {
    const connection = new RedisConnection(options);
    const client = connection.#client;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      client.on('error', () => connection.#isRefused && resolve());
      timer = setTimeout(resolve, CONNECT_TIMEOUT_MS);
      client
        .connect()
        // Without a password nothing is refused before the first command.
        .then(() => client.ping())
        .catch((error: unknown) => connection.#note(error))
        .finally(resolve);
    });
    clearTimeout(timer);
    if (!connection.#isRefused) return connection;
    const failure = connection.#failure;
    connection.close();
    throw failure ?? new Error(`${connection.#where} refuses.`);
  }

  /** Calls back each time there is a connection again. */
  onReady(listener: () => void): void {
    this.#onReady = listener;
  }

  get isReady(): boolean {
    return this.#client.isReady;
  }

  /**
   * Runs a script.
   * @throws RedisTimeout where there is no answer in time; any other error where it was certainly not carried out, or
   *   the connection broke.
   */
  run(script: RedisScript, keys: readonly string[], given: readonly string[]): Promise<unknown> {
    const { timeoutMs } = this.#options;
    const now = performance.now();
    if (!this.#client.isReady) {
      return Promise.reject(this.#failure ?? new Error(`There is no connection to ${this.#where}.`));
    }
    const [oldest] = this.#waiting;
    if (oldest !== undefined && now - oldest.since > timeoutMs) {
      if (now - oldest.since > DEAD_AFTER_MS) this.#replaceClient();
      return Promise.reject(new Error(`${this.#where} does not answer.`));
    }
    const call = { since: now };
    this.#waiting.add(call);
    const answer = this.#evaluate(script, keys, given).finally(() => this.#waiting.delete(call));
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new RedisTimeout(timeoutMs, answer)), timeoutMs);
      answer.then(resolve, reject).finally(() => clearTimeout(timer));
    });
  }

  close(): void {
    this.#closed = true;
    if (this.#client.isOpen) this.#client.destroy();
  }

  async #evaluate(script: RedisScript, keys: readonly string[], given: readonly string[]): Promise<unknown> {
    const client = this.#client;
    const rest = [String(keys.length), ...keys, ...given];
    try {
      return await client.sendCommand(['EVALSHA', script.sha, ...rest]);
    } catch (error) {
      // After a restart, a flush or a failover. The whole text is run and kept in one step.
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
      return client.sendCommand(['EVAL', script.text, ...rest]);
    }
  }

  #newClient(): Client {
    const client = newClient(this.#options.url);
    client.on('error', (error: unknown) => this.#note(error));
    client.on('ready', () => {
      this.#failure = undefined;
      this.#onReady();
    });
    return client;
  }

  #note(error: unknown): void {
    this.#failure = new Error(`${this.#where}: ${reasonOf(error)}`);
    if (!this.#closed) this.#options.onError(this.#failure);
  }

  get #isRefused(): boolean {
    return this.#failure !== undefined && REFUSED.test(this.#failure.message.slice(this.#where.length + 2));
  }

  #replaceClient(): void {
    if (this.#closed) return;
    const old = this.#client;
    this.#client = this.#newClient();
    this.#client.connect().catch(() => {});
    old.destroy();
  }
}

type Client = ReturnType<typeof newClient>;

function newClient(url: string) {
  try {
    return createClient({
      url,
      RESP: 2,
      disableOfflineQueue: true,
      socket: { connectTimeout: CONNECT_TIMEOUT_MS, reconnectStrategy: pauseBefore },
    });
  } catch {
    throw new Error('The address of Redis is not one: expected redis://USER:PASSWORD@HOST:PORT/DATABASE.');
  }
}

/** Milliseconds before another attempt; never the same for gateways that lost their connection together. */
function pauseBefore(retries: number): number {
  return Math.min(LONGEST_PAUSE_MS, 50 * 2 ** Math.min(retries, 6)) + Math.random() * 50;
}

/** The address for messages: scheme, host, port and database. */
function withoutCredentials(url: string): string {
  try {
    const { protocol, host, pathname } = new URL(url);
    return `${protocol}//${host}${pathname}`;
  } catch {
    return 'Redis';
  }
}

/** What went wrong. Of several attempts at one name, the first. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  return error instanceof Error ? error.message || error.name : 'failed';
}
