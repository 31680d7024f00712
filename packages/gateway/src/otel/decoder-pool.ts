import { Worker } from 'node:worker_threads';
import { gatewayErrors } from '../errors/error-codec.ts';
import { GatewayError } from '../errors/gateway-error.ts';
import { decodeExport, type ExportRequest } from './decode/decode-export.ts';
import type { DecodeAnswer } from './decode-worker.ts';
import type { DecodedExport } from './signal.ts';

/** Smaller bodies are decoded at once: handing them over would take longer. */
const INLINE_BYTES = 8 * 1024;
/** Requests the worker has at a time: enough that it never waits, few that die with it. */
const IN_WORKER = 4;
const DEFAULT_QUEUE_BYTES = 128 * 1024 * 1024;
const DEFAULT_HEAP_MEGABYTES = 192;

export interface DecoderPoolOptions {
  /** File of the worker's entry, which imports `decode-worker.ts`. */
  readonly workerFile: URL | string;
  /** Bytes of bodies that may wait or be in work. Default 128 MiB. */
  readonly queueBytes?: number | undefined;
  /** Bodies below this many bytes are decoded without the worker. Default 8 KiB. */
  readonly inlineBytes?: number | undefined;
  /** Memory for the worker's objects, in megabytes. Default 192. */
  readonly heapMegabytes?: number | undefined;
}

interface Job {
  readonly request: ExportRequest;
  readonly bytes: number;
  readonly resolve: (decoded: DecodedExport) => void;
  readonly reject: (error: unknown) => void;
}

/** Decodes export requests, large ones in a worker thread, which is started when first needed and after a crash. */
export class DecoderPool {
  readonly #workerFile: URL | string;
  readonly #queueBytes: number;
  readonly #inlineBytes: number;
  readonly #heapMegabytes: number;
  /** Not yet with the worker. */
  readonly #waiting: Job[] = [];
  /** With the worker, which answers in this order. */
  readonly #working: Job[] = [];
  #bytes = 0;
  #worker: Worker | undefined;
  #closed = false;

  constructor(options: DecoderPoolOptions) {
    this.#workerFile = options.workerFile;
    this.#queueBytes = options.queueBytes ?? DEFAULT_QUEUE_BYTES;
    this.#inlineBytes = options.inlineBytes ?? INLINE_BYTES;
    this.#heapMegabytes = options.heapMegabytes ?? DEFAULT_HEAP_MEGABYTES;
  }

  /**
   * @param request its body is given away: its buffer must hold nothing else and is empty afterwards.
   * @throws GatewayError as `decodeExport`; `gateway_spool_full` with status 429 where too much waits already,
   *   `gateway_lake_unavailable` where the worker fails: both may be tried again.
   */
  async decode(request: ExportRequest): Promise<DecodedExport> {
    if (this.#closed)
      throw new GatewayError('gateway_shutting_down', 'The gateway is stopping. Try again.', { retryAfterSeconds: 1 });
    const bytes = request.body.length;
    if (bytes < this.#inlineBytes) return decodeExport(request);
    // A request alone may have any size: the limit of a body is the endpoint's.
    if (this.#bytes > 0 && this.#bytes + bytes > this.#queueBytes)
      throw new GatewayError('gateway_spool_full', 'Too much telemetry waits to be decoded. Try again.', {
        status: 429,
        retryAfterSeconds: 1,
      });
    this.#bytes += bytes;
    return new Promise((resolve, reject) => {
      this.#waiting.push({ request, bytes, resolve, reject });
      this.#post();
    });
  }

  /** Ends the worker; what is under way fails. */
  async close(): Promise<void> {
    this.#closed = true;
    const worker = this.#worker;
    this.#worker = undefined;
    worker?.removeAllListeners();
    const error = new GatewayError('gateway_shutting_down', 'The gateway is stopping. Try again.', {
      retryAfterSeconds: 1,
    });
    for (const job of [...this.#working.splice(0), ...this.#waiting.splice(0)])
      this.#settle(job, () => job.reject(error));
    await worker?.terminate();
  }

  #post(): void {
    while (this.#waiting.length > 0 && this.#working.length < IN_WORKER) {
      const job = this.#waiting.shift()!;
      this.#working.push(job);
      const { body } = job.request;
      this.#worker ??= this.#start();
      this.#worker.postMessage(job.request, [body.buffer as ArrayBuffer]);
    }
  }

  #start(): Worker {
    const worker = new Worker(this.#workerFile, {
      name: 'otlp-decoder',
      resourceLimits: { maxOldGenerationSizeMb: this.#heapMegabytes },
      env: {},
      stdin: false,
    });
    worker.unref();
    let failure: unknown;
    worker.on('message', (answer: DecodeAnswer) => this.#answer(answer));
    worker.on('error', (error) => (failure = error));
    worker.on('exit', () => this.#lost(worker, failure));
    return worker;
  }

  #answer(answer: DecodeAnswer): void {
    const job = this.#working.shift();
    if (job === undefined) return;
    this.#settle(job, () =>
      'decoded' in answer ? job.resolve(answer.decoded) : job.reject(gatewayErrors.revive(answer.error)),
    );
    this.#post();
  }

  /**
   * The worker is gone. What it had fails, and the rest goes to the next one. Where memory was the reason,
   * the request it was at is too large, and trying it again would not help.
   */
  #lost(worker: Worker, failure: unknown): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    const outOfMemory = (failure as NodeJS.ErrnoException | undefined)?.code === 'ERR_WORKER_OUT_OF_MEMORY';
    for (const [index, job] of this.#working.splice(0).entries()) {
      const error =
        outOfMemory && index === 0
          ? new GatewayError(
              'caller_body_too_large',
              'The request takes too much memory to decode. Send fewer records in one request.',
            )
          : new GatewayError('gateway_lake_unavailable', 'The process that decodes telemetry failed. Try again.', {
              retryAfterSeconds: 1,
              cause: failure,
            });
      this.#settle(job, () => job.reject(error));
    }
    this.#post();
  }

  #settle(job: Job, answer: () => void): void {
    this.#bytes -= job.bytes;
    answer();
  }
}
