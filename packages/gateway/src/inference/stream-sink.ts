import type { Dialect, StreamDecoder } from '../dialects/dialect.ts';
import { GatewayError } from '../errors/gateway-error.ts';
import { SseParser, type SseFrame } from '../framing/sse.ts';
import type { AnswerEnd, AnswerSink, Flow } from './answer-sink.ts';
import type { BodyCapture } from './body-capture.ts';
import type { Caller } from './caller.ts';
import { emptyObservation, observe, type Observation } from './observation.ts';

/** Bytes of an unfinished event that are held back at most. */
const MAX_HELD_BYTES = 64 * 1024;

export interface StreamSinkOptions {
  readonly dialect: Dialect;
  readonly caller: Caller;
  readonly flow: Flow;
  readonly requestId: string;
  readonly status: number;
  /** False where the bytes cannot be read (compressed): they pass as they are. */
  readonly observed: boolean;
  /** Milliseconds of provider silence after which a keepalive goes out. */
  readonly keepaliveMs: number;
  /** Hold everything back until the model has said something (first-token timeout). */
  readonly holdForContent: boolean;
  /** Called once when held bytes may go: the head must be written then. */
  readonly onContent: () => void;
  /** Keeps the events for the payload row, where that is wanted. */
  readonly capture?: BodyCapture | undefined;
  readonly settle: (end: AnswerEnd) => Promise<void>;
  /** The observer broke; the stream goes on. */
  readonly onObserverFailure: (error: unknown) => void;
}

/**
 * Passes a stream through byte for byte and observes it. Whole events go out the moment they are
 * whole; the beginning of an unfinished one is held back (up to 64 KiB), so that an error event of
 * ours always stands between events.
 */
export class StreamSink implements AnswerSink {
  readonly #options: StreamSinkOptions;
  readonly #parser = new SseParser();
  readonly #decoder: StreamDecoder;
  readonly #observation: Observation = emptyObservation();
  #held: Buffer[] = [];
  #heldBytes = 0;
  /** Part of an unfinished event has gone out already. */
  #midEvent = false;
  #holding: boolean;
  #observing: boolean;
  #terminal = false;
  #settled = false;
  /** Set while the settlement of the last bytes is written; what comes meanwhile waits. */
  #settling: Promise<void> | undefined;
  #keepalive: NodeJS.Timeout | undefined;

  constructor(options: StreamSinkOptions) {
    this.#options = options;
    this.#decoder = options.dialect.streamDecoder();
    this.#holding = options.holdForContent;
    this.#observing = options.observed;
    if (options.dialect.keepalive !== undefined && options.observed) this.#startKeepalive(options.dialect.keepalive);
  }

  data(chunk: Buffer): void {
    if (!this.#settling && !this.#settled) this.#options.capture?.add(chunk);
    if (this.#settling) {
      void this.#settling.then(() => this.#forward(chunk, chunk.length));
      return;
    }
    if (!this.#observing || this.#settled) return this.#forward(chunk, chunk.length);
    let boundary = chunk.length;
    try {
      const frames = this.#parser.push(chunk);
      boundary = this.#parser.lastBoundary;
      this.#step(frames);
    } catch (error) {
      this.#observing = false;
      this.#options.onObserverFailure(error);
      boundary = chunk.length;
    }
    if (this.#holding && (this.#observation.hasContent || this.#terminal || !this.#observing)) this.release();
    if (!this.#terminal || this.#settled) return this.#forward(chunk, boundary);
    this.#conclude();
    this.#options.flow.pause();
    this.#settling = this.#settle(this.#options.status, this.#observation.error ? 'provider_error' : undefined).then(
      () => {
        this.#settling = undefined;
        this.#forward(chunk, boundary);
        if (!this.#options.caller.blocked) this.#options.flow.resume();
      },
    );
  }

  end(): void {
    if (this.#settling) return void this.#settling.then(() => this.end());
    if (this.#observing && !this.#settled) this.#conclude();
    const whole = this.#settled || !this.#observing || this.#terminal || this.#observation.finish !== undefined;
    if (!whole)
      return this.fail(new GatewayError('provider_stream_cut', 'The provider ended the stream before its last event.'));
    this.release();
    void this.#settle(this.#options.status, this.#observation.error ? 'provider_error' : undefined).then(() => {
      this.#stop();
      this.#options.caller.end(this.#takeHeld());
    });
  }

  fail(error: GatewayError): void {
    if (this.#settling) return void this.#settling.then(() => this.fail(error));
    this.release();
    const text = this.#settled
      ? undefined
      : (this.#midEvent ? '\n\n' : '') + this.#options.dialect.encodeStreamError(error, this.#options.requestId);
    if (text !== undefined) this.#options.capture?.add(text);
    void this.#settle(error.status, error.code).then(() => {
      this.#stop();
      this.#options.caller.end(text);
    });
  }

  callerLeft(): void {
    this.#stop();
    if (this.#settling || this.#settled) return;
    // Some agents leave at the last content event, before `[DONE]`: they have all they wanted.
    this.#conclude();
    if (this.#observation.finish !== undefined) void this.#settle(this.#options.status, undefined);
    else void this.#settle(499, 'caller_disconnected');
  }

  /** Whether nothing has gone to the caller yet because the model has not spoken. */
  get holding(): boolean {
    return this.#holding;
  }

  /** Forgets everything: another destination answers instead. */
  discard(): void {
    this.#settled = true;
    clearInterval(this.#keepalive);
    this.#takeHeld();
  }

  /** Lets held bytes go: the model has spoken, or waiting is over. */
  release(): void {
    if (!this.#holding) return;
    this.#holding = false;
    this.#options.onContent();
  }

  #step(frames: readonly SseFrame[]): void {
    for (const frame of frames) {
      observe(this.#observation, this.#decoder.step(frame));
      if (this.#options.dialect.isTerminal(frame)) this.#terminal = true;
    }
  }

  /** The last events, once nothing more will be read. An end that is none stays without `finish`. */
  #conclude(): void {
    if (!this.#observing) return;
    this.#step(this.#parser.end());
    const last = this.#decoder.end();
    observe(
      this.#observation,
      last.filter((event) => event.type !== 'error'),
    );
  }

  /** Sends what is whole: everything held, and the chunk up to `boundary`. Holds the rest. */
  #forward(chunk: Buffer, boundary: number): void {
    if (this.#holding) return this.#hold(chunk);
    if (boundary > 0) {
      const head = boundary === chunk.length ? chunk : chunk.subarray(0, boundary);
      const held = this.#takeHeld();
      this.#options.caller.write(held ? Buffer.concat([held, head]) : head);
      this.#midEvent = false;
      if (boundary < chunk.length) this.#hold(chunk.subarray(boundary));
    } else this.#hold(chunk);
    if (this.#heldBytes > MAX_HELD_BYTES || this.#midEvent) {
      this.#options.caller.write(this.#takeHeld() ?? '');
      this.#midEvent = true;
    }
  }

  #hold(bytes: Buffer): void {
    this.#held.push(bytes);
    this.#heldBytes += bytes.length;
  }

  #takeHeld(): Buffer | undefined {
    if (this.#held.length === 0) return undefined;
    const bytes = this.#held.length === 1 ? this.#held[0]! : Buffer.concat(this.#held);
    this.#held = [];
    this.#heldBytes = 0;
    return bytes;
  }

  async #settle(status: number, errorCode: string | undefined): Promise<void> {
    if (this.#settled) return;
    this.#settled = true;
    await this.#options.settle({ status, errorCode, observation: this.#observation });
  }

  #startKeepalive(text: string): void {
    const { caller, keepaliveMs } = this.#options;
    this.#keepalive = setInterval(() => {
      const quiet = performance.now() - caller.lastWrite >= keepaliveMs;
      if (quiet && !this.#holding && !this.#midEvent && !caller.blocked && !this.#settled) caller.write(text);
    }, keepaliveMs);
  }

  #stop(): void {
    clearInterval(this.#keepalive);
    this.#options.caller.dispose();
  }
}
