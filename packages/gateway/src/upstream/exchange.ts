import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher, Pool } from 'undici';
import { GatewayError } from '../errors/gateway-error.ts';

/** One POST to a provider. */
export interface ExchangeRequest {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: Buffer;
  /** Milliseconds until the response headers must be there. */
  readonly firstByteTimeoutMs: number;
  /** Milliseconds without a byte, once the headers are there. Not counted while paused. */
  readonly idleTimeoutMs: number;
}

/** What happens to the response. After `onEnd` or `onError`, exactly one of them, nothing follows. */
export interface ExchangeHandler {
  onHead(status: number, headers: IncomingHttpHeaders): void;
  onData(chunk: Buffer): void;
  onEnd(): void;
  /** Always a `provider_…` or `policy_…` error. Not called after `abort()`. */
  onError(error: GatewayError): void;
}

/** A running exchange: back-pressure and abort. */
export interface Exchange {
  pause(): void;
  resume(): void;
  /** Stops and closes the connection; the handler hears nothing more. */
  abort(): void;
}

/**
 * Sends one request and streams the response to the handler, on undici's dispatch (no web streams).
 * Never retries; redirects are not followed.
 */
export function startExchange(pool: Pool, request: ExchangeRequest, handler: ExchangeHandler): Exchange {
  let controller: Dispatcher.DispatchController | undefined;
  let done = false;
  let aborted = false;
  let headSeen = false;
  let paused = false;

  const finish = (error?: GatewayError): void => {
    if (done) return;
    done = true;
    clearTimeout(timer);
    if (aborted) return;
    if (error) handler.onError(error);
    else handler.onEnd();
  };
  const stop = (error: GatewayError): void => {
    finish(error);
    controller?.abort(error);
  };
  let timer = setTimeout(() => {
    stop(
      new GatewayError(
        'provider_timeout',
        `The provider sent no response within ${request.firstByteTimeoutMs / 1000} s.`,
      ),
    );
  }, request.firstByteTimeoutMs);
  const onIdle = (): void => {
    if (paused) timer.refresh();
    else
      stop(
        new GatewayError('provider_stream_idle', `The provider sent nothing for ${request.idleTimeoutMs / 1000} s.`),
      );
  };

  try {
    pool.dispatch(
      { path: request.url.pathname + request.url.search, method: 'POST', headers: request.headers, body: request.body },
      {
        onRequestStart(c) {
          controller = c;
          if (aborted || done) c.abort(new Error('aborted'));
        },
        onResponseStart(_c, status, headers) {
          if (done || status < 200) return;
          headSeen = true;
          clearTimeout(timer);
          timer = setTimeout(onIdle, request.idleTimeoutMs);
          handler.onHead(status, headers);
        },
        onResponseData(_c, chunk) {
          if (done) return;
          timer.refresh();
          handler.onData(chunk);
        },
        onResponseEnd() {
          finish();
        },
        onResponseError(_c, error) {
          finish(toGatewayError(error, headSeen));
        },
      },
    );
  } catch (error) {
    queueMicrotask(() => finish(toGatewayError(error, headSeen)));
  }

  return {
    pause() {
      paused = true;
      controller?.pause();
    },
    resume() {
      paused = false;
      if (!done) controller?.resume();
    },
    abort() {
      if (done) return;
      aborted = true;
      finish();
      controller?.abort(new Error('aborted'));
    },
  };
}

function toGatewayError(error: unknown, headSeen: boolean): GatewayError {
  if (error instanceof GatewayError) return error;
  const cause = error instanceof Error && error.cause instanceof GatewayError ? error.cause : undefined;
  if (cause) return cause;
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  return headSeen
    ? new GatewayError(
        'provider_stream_cut',
        `The provider closed the connection in the middle of its response (${code}).`,
        { cause: error },
      )
    : new GatewayError('provider_unreachable', `The connection to the provider failed (${code}).`, { cause: error });
}
