import type { ServerResponse } from 'node:http';
import type { Flow } from './answer-sink.ts';

/** The caller's end of an answer: writes with back-pressure, and knows when the last write was. */
export class Caller {
  readonly #response: ServerResponse;
  readonly #flow: Flow;
  readonly #onStalled: () => void;
  readonly #stallMs: number;
  #blocked = false;
  #stallTimer: NodeJS.Timeout | undefined;
  /** `performance.now()` of the last write. */
  lastWrite = performance.now();

  /** @param stallMs milliseconds a caller may take nothing before `onStalled`. */
  constructor(response: ServerResponse, flow: Flow, stallMs: number, onStalled: () => void) {
    this.#response = response;
    this.#flow = flow;
    this.#stallMs = stallMs;
    this.#onStalled = onStalled;
  }

  /** Whether the caller's buffer is full. */
  get blocked(): boolean {
    return this.#blocked;
  }

  write(bytes: Buffer | string): void {
    if (this.#response.destroyed) return;
    this.lastWrite = performance.now();
    if (this.#response.write(bytes) || this.#blocked) return;
    this.#blocked = true;
    this.#flow.pause();
    this.#stallTimer = setTimeout(this.#onStalled, this.#stallMs);
    this.#response.once('drain', () => {
      this.#blocked = false;
      clearTimeout(this.#stallTimer);
      this.#flow.resume();
    });
  }

  end(bytes?: Buffer | string): void {
    clearTimeout(this.#stallTimer);
    if (this.#response.destroyed) return;
    if (bytes === undefined) this.#response.end();
    else this.#response.end(bytes);
  }

  /** Stops the stall timer; the response is left as it is. */
  dispose(): void {
    clearTimeout(this.#stallTimer);
  }
}
