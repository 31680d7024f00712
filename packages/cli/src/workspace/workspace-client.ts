import type { AccessToken, TokenSource } from '../auth/token.ts';
import type { Transport } from '../platform/transport.ts';
import { WorkspaceError, type RequestOptions, type WorkspaceClient } from './client.ts';
import { objectOf, send } from './send.ts';

const DEFAULT_TIMEOUT_MS = 30_000;

export interface HttpWorkspaceClientOptions {
  readonly url: string;
  readonly tokens: TokenSource;
  readonly transport: Transport;
  /** `ucode/1.2.3`. */
  readonly userAgent: string;
}

/** See `WorkspaceClient`. */
export class HttpWorkspaceClient implements WorkspaceClient {
  readonly url: string;
  readonly tokens: TokenSource;
  clockSkewMs: number | undefined;
  readonly #transport: Transport;
  readonly #userAgent: string;

  constructor({ url, tokens, transport, userAgent }: HttpWorkspaceClientOptions) {
    this.url = url;
    this.tokens = tokens;
    this.#transport = transport;
    this.#userAgent = userAgent;
  }

  async json(path: string, options: RequestOptions = {}): Promise<Readonly<Record<string, unknown>>> {
    if (options.authenticated === false) return this.#send(path, options, undefined);
    const token = await this.tokens.token();
    try {
      return await this.#send(path, options, token);
    } catch (error) {
      if (!(error instanceof WorkspaceError && error.kind === 'unauthenticated')) throw error;
      return this.#send(path, options, await this.tokens.token({ refused: token.value }));
    }
  }

  async #send(path: string, options: RequestOptions, token: AccessToken | undefined): Promise<Record<string, unknown>> {
    const url = new URL(`${this.url}${path}`);
    for (const [name, value] of Object.entries(options.query ?? {}))
      if (value !== undefined) url.searchParams.set(name, value);
    const body = options.body === undefined ? undefined : JSON.stringify(options.body);
    const answer = await send(this.#transport, {
      url,
      method: options.method ?? 'GET',
      headers: {
        accept: 'application/json',
        'user-agent': this.#userAgent,
        ...options.headers,
        ...(token === undefined ? {} : { authorization: `Bearer ${token.value}` }),
        ...(body === undefined
          ? {}
          : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
      },
      body,
      timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    });
    if (answer.date !== undefined) this.clockSkewMs = answer.date - Date.now();
    return objectOf(url, answer);
  }
}
