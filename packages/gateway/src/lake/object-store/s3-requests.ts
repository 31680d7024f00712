import { setTimeout as sleep } from 'node:timers/promises';
import type { S3 } from '@aws-sdk/client-s3';
import type { S3Config } from '../../config/gateway-config.ts';
import { GatewayError } from '../../errors/gateway-error.ts';
import { s3Credentials } from './s3-credentials.ts';
import { lakeUnavailable, S3Failure, s3Failure } from './s3-failure.ts';

/** How long and how often a store is tried. */
export interface S3Patience {
  /** Attempts of one operation, the first included. */
  readonly attempts: number;
  /** Milliseconds before the second attempt, at most; doubled before each further one. */
  readonly backoffMs: number;
  /** Milliseconds without an answer, or without further bytes of one, after which an attempt is given up. */
  readonly timeoutMs: number;
}

export const defaultPatience: S3Patience = { attempts: 6, backoffMs: 100, timeoutMs: 20_000 };

const LONGEST_BACKOFF_MS = 5_000;
/** Requests under way at once; the client has connections for more. Others wait without their time running. */
const MOST_AT_ONCE = 32;
const CONNECT_TIMEOUT_MS = 5_000;
/** The slowest line on which an upload does not time out. */
const SLOWEST_BYTES_PER_MS = 128;

/** One attempt of a request. */
export interface S3Attempt {
  /** To be given to the client. Aborts the request when its time is up. */
  readonly abortSignal: AbortSignal;
  /** Says that bytes of the answer have come: the time starts anew. */
  alive(): void;
}

/** Requests to one S3 store: each attempt timed, operations repeated after failures that may pass. */
export class S3Requests {
  readonly #client: S3;
  readonly #patience: S3Patience;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  private constructor(client: S3, patience: S3Patience) {
    this.#client = client;
    this.#patience = patience;
  }

  /**
   * Loads the client, which a local lake never needs. Nothing is sent.
   * @throws GatewayError `gateway_lake_unavailable` when there are no credentials.
   */
  static async open(config: S3Config, patience: S3Patience = defaultPatience): Promise<S3Requests> {
    const credentials = s3Credentials(config, process.env);
    const { S3 } = await import('@aws-sdk/client-s3');
    const client = new S3({
      region: config.region,
      credentials,
      ...(config.endpoint === undefined ? {} : { endpoint: config.endpoint }),
      forcePathStyle: config.pathStyle,
      // The client would repeat a conditional PUT by itself and take its own first success for another's.
      maxAttempts: 1,
      // 'auto' would ask the instance metadata service.
      defaultsMode: 'standard',
      ignoreConfiguredEndpointUrls: true,
      // Checksums of the newer kind are refused by stores other than Amazon's.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      // Large bodies would each get a connection of their own.
      expectContinueHeader: false,
      requestHandler: { connectionTimeout: CONNECT_TIMEOUT_MS },
    });
    return new S3Requests(client, patience);
  }

  /**
   * One attempt. `send` may read the answer's body, too.
   * @param uploadBytes what goes up; gives the attempt more time.
   * @throws S3Failure, or a GatewayError of `send` itself.
   */
  async once<T>(send: (client: S3, attempt: S3Attempt) => Promise<T>, uploadBytes = 0): Promise<T> {
    await this.#turn();
    const controller = new AbortController();
    let timedOut = false;
    const timer = setTimeout(
      () => {
        timedOut = true;
        controller.abort();
      },
      this.#patience.timeoutMs + uploadBytes / SLOWEST_BYTES_PER_MS,
    );
    try {
      return await send(this.#client, { abortSignal: controller.signal, alive: () => timer.refresh() });
    } catch (error) {
      if (error instanceof GatewayError) throw error;
      throw timedOut ? new S3Failure('transient', 'Timeout') : s3Failure(error);
    } finally {
      clearTimeout(timer);
      this.#passOn();
    }
  }

  /**
   * Does `step` until it succeeds, at most so often as patience allows, and only after failures that may pass.
   * @param doing what is tried, for the message: `read an object`.
   * @throws GatewayError `gateway_lake_unavailable`
   */
  async repeat<T>(doing: string, step: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await step();
      } catch (error) {
        if (!(error instanceof S3Failure)) throw error;
        const mayPass = error.kind === 'transient' || error.kind === 'conflict';
        if (!mayPass || attempt >= this.#patience.attempts) throw lakeUnavailable(doing, error);
      }
      const backoff = Math.min(this.#patience.backoffMs * 2 ** (attempt - 1), LONGEST_BACKOFF_MS);
      await sleep(backoff * (0.5 + Math.random() / 2));
    }
  }

  /** Waits until one more request may run. */
  async #turn(): Promise<void> {
    if (this.#running < MOST_AT_ONCE) this.#running += 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Gives the turn of an ended request to the one that waits longest. */
  #passOn(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#running -= 1;
  }
}
