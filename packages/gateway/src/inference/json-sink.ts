import type { Dialect } from '../dialects/dialect.ts';
import type { GatewayError } from '../errors/gateway-error.ts';
import type { AnswerEnd, AnswerSink } from './answer-sink.ts';
import type { BodyCapture } from './body-capture.ts';
import type { Caller } from './caller.ts';
import { emptyObservation, observe, type Observation } from './observation.ts';

/** Larger answers pass, but are metered by estimate. */
const MAX_OBSERVED_BYTES = 16 * 1024 * 1024;

export interface JsonSinkOptions {
  readonly dialect: Dialect;
  readonly caller: Caller;
  readonly status: number;
  /** False where the bytes are not plain JSON of the dialect (compressed, an embedding, an error). */
  readonly observed: boolean;
  /** Keeps the answer for the payload row, where that is wanted. */
  readonly capture?: BodyCapture | undefined;
  readonly settle: (end: AnswerEnd) => Promise<void>;
  /** Ends the connection, for an answer that broke off: the caller must not take it for whole. */
  readonly destroy: () => void;
}

/** Passes a whole answer through, one chunk behind, and meters it at its end. */
export class JsonSink implements AnswerSink {
  readonly #options: JsonSinkOptions;
  readonly #observation: Observation = emptyObservation();
  #kept: Buffer[] | undefined = [];
  #keptBytes = 0;
  #held: Buffer | undefined;
  #settled = false;

  constructor(options: JsonSinkOptions) {
    this.#options = options;
    if (!options.observed) this.#kept = undefined;
  }

  data(chunk: Buffer): void {
    this.#options.capture?.add(chunk);
    if (this.#kept) {
      this.#keptBytes += chunk.length;
      if (this.#keptBytes > MAX_OBSERVED_BYTES) this.#kept = undefined;
      else this.#kept.push(chunk);
    }
    if (this.#held) this.#options.caller.write(this.#held);
    this.#held = chunk;
  }

  end(): void {
    if (this.#kept && this.#keptBytes > 0) {
      observe(this.#observation, this.#options.dialect.decodeResponse(Buffer.concat(this.#kept).toString('utf8')));
    }
    const { status } = this.#options;
    const errorCode = status >= 400 || this.#observation.error ? 'provider_error' : undefined;
    void this.#settle(status, errorCode).then(() => this.#options.caller.end(this.#held));
  }

  fail(error: GatewayError): void {
    void this.#settle(error.status, error.code).then(() => this.#options.destroy());
  }

  callerLeft(): void {
    void this.#settle(499, 'caller_disconnected');
  }

  async #settle(status: number, errorCode: string | undefined): Promise<void> {
    if (this.#settled) return;
    this.#settled = true;
    await this.#options.settle({ status, errorCode, observation: this.#observation });
  }
}
