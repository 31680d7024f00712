import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

const CREDENTIAL_HEADERS: ReadonlySet<string> = new Set([
  'authorization',
  'x-api-key',
  'x-goog-api-key',
  'api-key',
  'proxy-authorization',
  'cookie',
]);
const MOST_ENTRIES = 200;

/** A request the demo has seen, as `GET /__demo/requests` shows it. */
export interface SeenRequest {
  readonly method: string;
  /** Path and query as they came. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** Hex digest of the body's bytes as they came over the wire, before any decoding. */
  readonly bodySha256: string;
  readonly bodyLength: number;
  /** Status sent, 0 while none was. */
  status: number;
  /** The client left before the answer's end (not: the demo cut it). */
  aborted: boolean;
  /** The exchange is over, one way or the other. */
  finished: boolean;
}

/** The last 200 requests, oldest first. Kept in memory only. */
export class RequestLog {
  readonly #masksCredentials: boolean;
  #entries: SeenRequest[] = [];

  constructor(masksCredentials: boolean) {
    this.#masksCredentials = masksCredentials;
  }

  add(method: string, path: string, headers: IncomingHttpHeaders, body: Buffer): SeenRequest {
    const entry: SeenRequest = {
      method,
      path,
      headers: this.#masksCredentials ? masked(headers) : headers,
      bodySha256: createHash('sha256').update(body).digest('hex'),
      bodyLength: body.length,
      status: 0,
      aborted: false,
      finished: false,
    };
    this.#entries.push(entry);
    if (this.#entries.length > MOST_ENTRIES) this.#entries.shift();
    return entry;
  }

  entries(): readonly SeenRequest[] {
    return this.#entries;
  }

  clear(): void {
    this.#entries = [];
  }
}

function masked(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const entries = Object.entries(headers).map(([name, value]) => [name, CREDENTIAL_HEADERS.has(name) ? '***' : value]);
  return Object.fromEntries(entries);
}
