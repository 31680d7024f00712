import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SignInNeeded, type TokenSource } from '../auth/token.ts';
import { printable } from '../lib/printable.ts';
import type { Transport } from '../platform/transport.ts';
import { signalOf, type Signal } from '../workspace/otel.ts';
import { readWhole } from './read-whole.ts';
import { TelemetryRelay } from './telemetry-relay.ts';

/** Headers in which agents send what they take for their key (agents.md 1). */
const KEY_HEADERS = ['authorization', 'x-api-key', 'x-goog-api-key'] as const;
/** Headers that concern one connection only (RFC 9110 7.6.1). */
const HOP_BY_HOP = new Set([
  'connection',
  'expect',
  'host',
  'keep-alive',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);
/** Largest request that is passed on; the gateway's own limit is lower. */
const MAX_BODY_BYTES = 128 * 1024 * 1024;

export interface LoopbackProxyOptions {
  /** The gateway's origin. */
  readonly workspaceUrl: string;
  readonly tokens: TokenSource;
  readonly transport: Transport;
  /** `catalog.schema.prefix` of the tables for telemetry whose exporter names none. */
  readonly tablePrefix?: string | undefined;
  /** What model calls say they come from (`ucode/1.0.0 copilot/1.0.102`), where the agent does not say it itself. */
  readonly userAgent?: string | undefined;
  /** Told what went wrong, without secrets. */
  readonly onProblem?: (problem: string) => void;
}

/**
 * Stands between one agent and the gateway, for one launch: puts a fresh token on each request, so that a session
 * outlives its tokens and no token is in the agent's hands. Only on loopback, on a random port, and only for who knows
 * the secret of this launch. Requests are held whole, so that one refused with 401 is sent again with a new token;
 * answers stream through as they come.
 */
export class LoopbackProxy {
  readonly #options: LoopbackProxyOptions;
  readonly #server: Server;
  readonly #telemetry: TelemetryRelay;
  /** What the agent is given for a key. */
  readonly secret = randomBytes(32).toString('base64url');
  /** What its exporter is given: opens the proxy for telemetry and nothing else, so it may be seen by others. */
  readonly telemetrySecret = randomBytes(32).toString('base64url');

  private constructor(options: LoopbackProxyOptions) {
    this.#options = options;
    this.#telemetry = new TelemetryRelay({ tablePrefix: undefined, ...options });
    this.#server = createServer({ requestTimeout: 0, keepAliveTimeout: 65_000 }, (request, response) => {
      this.#serve(request, response).catch((error: unknown) => {
        options.onProblem?.(error instanceof Error ? error.message : String(error));
        answerError(response, ...refusalFor(error));
      });
    });
    // Agents fall back to HTTP at once when an upgrade is refused (agents.md 1.6).
    this.#server.on('upgrade', (_request, socket) => {
      socket.on('error', () => {});
      socket.end('HTTP/1.1 426 Upgrade Required\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
    });
  }

  static async start(options: LoopbackProxyOptions): Promise<LoopbackProxy> {
    const proxy = new LoopbackProxy(options);
    await new Promise<void>((resolve, reject) => {
      proxy.#server.once('error', reject);
      proxy.#server.listen(0, '127.0.0.1', resolve);
    });
    return proxy;
  }

  /** `http://127.0.0.1:PORT`. */
  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Why telemetry did not arrive, where some did not. */
  get telemetryProblem(): string | undefined {
    return this.#telemetry.problem;
  }

  /** Cuts what is running; telemetry gets a moment to arrive. */
  async close(): Promise<void> {
    await this.#telemetry.settle();
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = targetOf(this.#options.workspaceUrl, request);
    const signal = url && request.method === 'POST' ? signalOf(url.pathname) : undefined;
    if (url === undefined || !this.#isForUs(request) || !this.#opens(request, signal)) {
      return answerError(
        response,
        401,
        'UNAUTHENTICATED',
        'This proxy serves the agent that ucode has started, nobody else.',
      );
    }
    const body = await readWhole(request, MAX_BODY_BYTES);
    if (body === undefined) {
      return answerError(response, 413, 'REQUEST_TOO_LARGE', `The request is larger than ${MAX_BODY_BYTES} bytes.`);
    }
    if (signal !== undefined) return this.#telemetry.take(signal, url, request, response, body);
    const { tokens } = this.#options;
    const token = await tokens.token();
    let answer = await this.#send(url, request, response, body, token.value);
    if (answer?.statusCode === 401) {
      answer.resume();
      const { value } = await tokens.token({ refused: token.value });
      answer = await this.#send(url, request, response, body, value);
    }
    if (answer === undefined) return;
    response.writeHead(answer.statusCode ?? 502, passed(answer.rawHeaders));
    response.flushHeaders();
    answer.on('error', () => response.destroy());
    answer.on('aborted', () => response.destroy());
    answer.pipe(response);
  }

  /** The head of the gateway's answer; `undefined` where the agent has left meanwhile. */
  async #send(
    url: URL,
    request: IncomingMessage,
    response: ServerResponse,
    body: Buffer,
    token: string,
  ): Promise<IncomingMessage | undefined> {
    const { transport, userAgent } = this.#options;
    if (response.destroyed) return undefined;
    const headers = forwarded(request, token, body);
    if (userAgent !== undefined && !String(headers['user-agent']).startsWith('ucode/'))
      headers['user-agent'] = userAgent;
    return new Promise((resolve, reject) => {
      const outgoing = transport.open({ url, method: request.method ?? 'GET', headers });
      const onClose = (): void => void outgoing.destroy();
      response.once('close', onClose);
      outgoing.once('response', resolve);
      outgoing.on('error', (error: Error) => (response.destroyed ? resolve(undefined) : reject(error)));
      outgoing.end(body);
    });
  }

  /** Whether it was addressed to loopback: a page in a browser that has another name lead here was not. */
  #isForUs({ headers }: IncomingMessage): boolean {
    const { port } = this.#server.address() as AddressInfo;
    return [`127.0.0.1:${port}`, `localhost:${port}`].includes(headers.host ?? '');
  }

  #opens({ headers }: IncomingMessage, signal: Signal | undefined): boolean {
    const secrets = signal === undefined ? [this.secret] : [this.secret, this.telemetrySecret];
    return KEY_HEADERS.some((name) => {
      const value = headers[name];
      if (typeof value !== 'string') return false;
      const given = value.replace(/^bearer\s+/i, '');
      return secrets.some((secret) => sameSecret(given, secret));
    });
  }
}

/** Where a request goes; `undefined` where its path would lead to another host. */
function targetOf(workspaceUrl: string, { url: path = '/' }: IncomingMessage): URL | undefined {
  return path.startsWith('/') ? new URL(workspaceUrl + path) : undefined;
}

function sameSecret(given: string, secret: string): boolean {
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(given), hash(secret));
}

/** The agent's headers with the token instead of the secret; the body's length is that of what was read. */
function forwarded(request: IncomingMessage, token: string, body: Buffer): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {};
  const named = new Set((request.headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase()));
  for (const [name, value] of Object.entries(request.headers)) {
    if (value === undefined || HOP_BY_HOP.has(name) || named.has(name)) continue;
    if ((KEY_HEADERS as readonly string[]).includes(name) || name === 'content-length') continue;
    headers[name] = value;
  }
  headers['authorization'] = `Bearer ${token}`;
  if (body.length > 0 || !['GET', 'HEAD', 'DELETE'].includes(request.method ?? 'GET')) {
    headers['content-length'] = String(body.length);
  }
  return headers;
}

/** Answer headers as they came, in their order, without those of the connection. */
function passed(raw: readonly string[]): string[] {
  const kept: string[] = [];
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at] ?? '';
    if (!HOP_BY_HOP.has(name.toLowerCase())) kept.push(name, raw[at + 1] ?? '');
  }
  return kept;
}

/** What an agent is told where there is no answer to pass on. Agents repeat a 502, and show a 401 at once. */
function refusalFor(error: unknown): [status: number, code: string, message: string] {
  const message = error instanceof Error ? printable(error.message) : 'The request failed.';
  return error instanceof SignInNeeded ? [401, 'UNAUTHENTICATED', message] : [502, 'BAD_GATEWAY', message];
}

function answerError(response: ServerResponse, status: number, code: string, message: string): void {
  if (response.headersSent || response.destroyed) return void response.destroy();
  // The shapes of all agents' dialects at once: each reads its own field.
  const body = JSON.stringify({
    error_code: code,
    message,
    type: 'error',
    error: { type: code, code, status: code, message },
  });
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
  response.end(body);
}
