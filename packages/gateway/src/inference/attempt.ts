import type { IncomingHttpHeaders } from 'node:http';
import { GatewayError } from '../errors/gateway-error.ts';
import { startExchange, type Exchange } from '../upstream/exchange.ts';
import { isRetryableStatus, retryAfterMs } from '../upstream/retry.ts';
import type { AnswerEnd, AnswerSink } from './answer-sink.ts';
import { BodyCapture } from './body-capture.ts';
import { Caller } from './caller.ts';
import { editBody } from './edit-body.ts';
import { callerCredentials } from './caller-credentials.ts';
import { requestHeaders, responseHeaders, safeQuery } from './forward-headers.ts';
import { addGovernanceHeaders } from './governance-headers.ts';
import { JsonSink } from './json-sink.ts';
import { emptyObservation } from './observation.ts';
import type { PlannedDestination } from './plan.ts';
import { payloadService } from './record-payload.ts';
import type { RequestContext } from './request-context.ts';
import { settle } from './settle.ts';
import { StreamSink } from './stream-sink.ts';

/** How an attempt ended. `failed` means nothing reached the caller: another attempt may follow. */
export type AttemptOutcome =
  | { readonly kind: 'answered' }
  | { readonly kind: 'caller-left' }
  | {
      readonly kind: 'failed';
      readonly error: GatewayError;
      /** The provider's status, where it answered. */
      readonly status: number | undefined;
      /** What the provider asks to wait, milliseconds. */
      readonly retryAfterMs: number | undefined;
      /** Whether the same destination may be tried again. */
      readonly retryable: boolean;
    };

/** One invocation: an attempt at one destination. */
export interface Invocation {
  readonly id: string;
  readonly destination: PlannedDestination;
  /** 0-based position in the order of attempts. */
  readonly priority: number;
  readonly action: 'INITIAL_ATTEMPT' | 'RETRY' | 'FALLBACK';
  /** Whether another destination follows. */
  readonly another: boolean;
  /** Whether this destination may be tried again. */
  readonly again: boolean;
  /** Milliseconds the model may take to its first content, where another destination follows. */
  readonly firstTokenTimeoutMs: number | undefined;
}

/**
 * Sends one request to one destination. Resolves `failed` while nothing reached the caller and another
 * attempt may follow, or when there is no answer to pass on; once an answer is being passed on, it
 * resolves when that has ended and is settled. The provider's last error passes unchanged. Never rejects.
 */
export function attempt(context: RequestContext, invocation: Invocation): Promise<AttemptOutcome> {
  return new Promise((resolve) => new Attempt(context, invocation, resolve).start());
}

class Attempt {
  readonly #context: RequestContext;
  readonly #invocation: Invocation;
  readonly #resolve: (outcome: AttemptOutcome) => void;
  readonly #startedAt = performance.now();
  #exchange: Exchange | undefined;
  #sink: AnswerSink | undefined;
  #stream: StreamSink | undefined;
  #capture: BodyCapture | undefined;
  #status = 0;
  #headers: IncomingHttpHeaders = {};
  #firstTokenTimer: NodeJS.Timeout | undefined;
  #over = false;

  constructor(context: RequestContext, invocation: Invocation, resolve: (outcome: AttemptOutcome) => void) {
    this.#context = context;
    this.#invocation = invocation;
    this.#resolve = resolve;
  }

  start(): void {
    const context = this.#context;
    const { destination } = this.#invocation;
    const { provider, options, embedded } = destination.runningProvider;
    const { config, pools } = context.snapshot;
    try {
      const target = provider.target(
        {
          dialect: context.dialect.id,
          operation: context.path.operation,
          model: destination.model,
          stream: context.stream,
          query: safeQuery(context.query),
        },
        options as never,
      );
      const body = editBody(context, destination.model);
      const passedOn = callerCredentials(context.request.headers, provider.callerCredentials ?? []);
      const headers = requestHeaders(context.request.headers, { ...target.headers, ...passedOn }, body.length);
      const pool = pools.get(target.url, embedded);
      context.onCallerLeft = () => this.#callerLeft();
      context.onShutdown = (error) => {
        this.#exchange?.abort();
        if (this.#sink) this.#sink.fail(error);
        else this.#abandon(error);
      };
      this.#exchange = startExchange(
        pool,
        {
          url: target.url,
          headers,
          body,
          firstByteTimeoutMs: config.server.firstByteTimeoutMs,
          idleTimeoutMs: config.server.idleTimeoutMs,
        },
        {
          onHead: (status, head) => this.#head(status, head),
          onData: (chunk) => this.#sink?.data(chunk),
          onEnd: () => this.#sink?.end(),
          onError: (error) => this.#error(error),
        },
      );
      const limit = this.#invocation.firstTokenTimeoutMs;
      if (limit !== undefined) {
        this.#firstTokenTimer = setTimeout(() => {
          if (this.#stream && !this.#stream.holding) return;
          this.#abandon(new GatewayError('provider_timeout', `The model said nothing within ${limit} ms.`));
        }, limit);
      }
    } catch (error) {
      this.#finish({
        kind: 'failed',
        error: asGatewayError(error),
        status: undefined,
        retryAfterMs: undefined,
        retryable: false,
      });
    }
  }

  #head(status: number, headers: IncomingHttpHeaders): void {
    this.#status = status;
    this.#headers = headers;
    if (isRetryableStatus(status)) {
      const { another, again } = this.#invocation;
      const wait = retryAfterMs(headers, Date.now());
      const worthWaiting = again && (wait ?? 0) <= this.#context.snapshot.config.server.maxRetryAfterMs;
      if (another || worthWaiting) {
        const error = new GatewayError('provider_error', `The provider answered with status ${status}.`, { status });
        return this.#abandon(error, status, wait, worthWaiting);
      }
    }
    if (status >= 300 && status < 400) {
      return this.#abandon(
        new GatewayError('provider_redirect', 'The provider answered with a redirect, which is not followed.'),
        status,
      );
    }
    const type = String(headers['content-type'] ?? '').toLowerCase();
    const compressed = headers['content-encoding'] !== undefined && headers['content-encoding'] !== 'identity';
    if (type.startsWith('text/event-stream')) return this.#openStream(compressed);
    if (type.includes('json') || headers['content-length'] === '0' || (type === '' && status >= 400))
      return this.#openJson(compressed);
    const message = `The provider answered with status ${status} and content type '${type.slice(0, 60) || 'none'}' where JSON or an event stream was expected.`;
    this.#abandon(new GatewayError('provider_bad_response', message, status >= 400 ? { status } : {}), status);
  }

  #openStream(compressed: boolean): void {
    const context = this.#context;
    const caller = this.#newCaller();
    this.#capture = this.#newCapture(compressed);
    const hold = this.#invocation.firstTokenTimeoutMs !== undefined && !compressed;
    this.#stream = new StreamSink({
      dialect: context.dialect,
      caller,
      flow: this.#flow(),
      requestId: context.requestId,
      status: this.#status,
      observed: !compressed,
      keepaliveMs: context.snapshot.config.server.keepaliveMs,
      holdForContent: hold,
      onContent: () => this.#writeHead(),
      capture: this.#capture,
      settle: (end) => this.#settle(end),
      onObserverFailure: (error) => {
        context.runtime.metrics.observerFailures.inc({ reason: 'decoder' });
        context.runtime.log.warn(
          { request_id: context.requestId, err: String(error) },
          'the observer failed; the stream goes on',
        );
      },
    });
    this.#sink = this.#stream;
    if (!hold) this.#writeHead();
  }

  #openJson(compressed: boolean): void {
    const context = this.#context;
    this.#writeHead();
    this.#capture = this.#newCapture(compressed);
    this.#sink = new JsonSink({
      dialect: context.dialect,
      caller: this.#newCaller(),
      status: this.#status,
      observed: !compressed && this.#status < 400 && context.path.operation !== 'count-tokens',
      capture: this.#capture,
      settle: (end) => this.#settle(end),
      destroy: () => context.response.destroy(),
    });
  }

  #newCaller(): Caller {
    const { response, snapshot } = this.#context;
    return new Caller(response, this.#flow(), snapshot.config.server.idleTimeoutMs, () => response.destroy());
  }

  #newCapture(compressed: boolean): BodyCapture | undefined {
    return payloadService(this.#context) === undefined ? undefined : new BodyCapture(!compressed);
  }

  #flow(): { pause(): void; resume(): void } {
    return { pause: () => this.#exchange?.pause(), resume: () => this.#exchange?.resume() };
  }

  #writeHead(): void {
    const { response, dialect, requestId } = this.#context;
    if (response.headersSent || response.destroyed) return;
    const headers = responseHeaders(this.#headers);
    const providerId = headers[dialect.requestIdHeader];
    if (providerId !== undefined) headers['x-provider-request-id'] = providerId;
    headers[dialect.requestIdHeader] = requestId;
    addGovernanceHeaders(headers, this.#context);
    response.writeHead(this.#status, headers);
    if (this.#stream) response.flushHeaders();
    this.#context.firstByteAt = performance.now();
  }

  async #settle(end: AnswerEnd): Promise<void> {
    clearTimeout(this.#firstTokenTimer);
    await settle(this.#context, this.#invocation, this.#startedAt, end, {
      contentType: this.#headers['content-type'] ?? null,
      isFinal: true,
      providerStatus: end.status,
      answer: { body: this.#capture?.body(), isStream: this.#stream !== undefined },
    });
    this.#finish(end.errorCode === 'caller_disconnected' ? { kind: 'caller-left' } : { kind: 'answered' });
  }

  #error(error: GatewayError): void {
    if (this.#sink && !(this.#stream?.holding && this.#invocation.another)) return this.#sink.fail(error);
    this.#abandon(
      error,
      this.#status || undefined,
      undefined,
      error.code === 'provider_unreachable' || error.code === 'provider_stream_cut',
    );
  }

  /** Nothing reached the caller: this attempt is over, the pipeline decides what follows. */
  #abandon(error: GatewayError, status?: number, wait?: number, retryable = false): void {
    this.#stream?.discard();
    this.#sink = undefined;
    this.#exchange?.abort();
    this.#finish({ kind: 'failed', error, status, retryAfterMs: wait, retryable });
  }

  #callerLeft(): void {
    this.#exchange?.abort();
    if (this.#sink) return this.#sink.callerLeft();
    void this.#settle({ status: 499, errorCode: 'caller_disconnected', observation: emptyObservation() });
  }

  #finish(outcome: AttemptOutcome): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#firstTokenTimer);
    this.#resolve(outcome);
  }
}

function asGatewayError(error: unknown): GatewayError {
  return error instanceof GatewayError
    ? error
    : new GatewayError('gateway_internal', 'The gateway failed to send the request.', { cause: error });
}
