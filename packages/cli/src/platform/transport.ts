import { readFileSync } from 'node:fs';
import http, { type ClientRequest, type OutgoingHttpHeaders } from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import tls from 'node:tls';
import type { Environment } from './environment.ts';
import { proxyFor } from './proxy-address.ts';

/** One outgoing request; its body is written by the caller. */
export interface OutgoingRequest {
  readonly url: URL;
  readonly method: string;
  readonly headers: OutgoingHttpHeaders;
}

/** Opens requests to gateways: keeps connections, goes through the proxy of the environment, trusts its certificates. */
export class Transport {
  readonly #environment: Environment;
  readonly #plain = new http.Agent({ keepAlive: true });
  readonly #secure: https.Agent;
  readonly #authorities: readonly string[] | undefined;

  /** @throws Error where `SSL_CERT_FILE` cannot be read. */
  constructor(environment: Environment) {
    this.#environment = environment;
    this.#authorities = certificateAuthorities(environment.variables['SSL_CERT_FILE']);
    this.#secure = new https.Agent({ keepAlive: true, ...this.#trust() });
  }

  /** A request whose head has not been sent yet. Errors come as its `error` event. */
  open({ url, method, headers }: OutgoingRequest): ClientRequest {
    const proxy = proxyFor(url, this.#environment.variables);
    const secure = url.protocol === 'https:';
    if (proxy === undefined) {
      return secure
        ? https.request(url, { method, headers, agent: this.#secure })
        : http.request(url, { method, headers, agent: this.#plain });
    }
    if (!secure) {
      const head = { ...headers, host: url.host, ...proxyAuthorization(proxy) };
      return http.request(proxy, { method, headers: head, path: url.href, agent: this.#plain });
    }
    return https.request(url, {
      method,
      headers,
      agent: false,
      createConnection: (_options, done) => {
        tunnel(proxy, url, this.#trust(), done as (error: Error | null, socket?: Socket) => void);
        return undefined;
      },
    });
  }

  /** Ends idle connections. */
  close(): void {
    this.#plain.destroy();
    this.#secure.destroy();
  }

  #trust(): { ca?: string[] } {
    return this.#authorities === undefined ? {} : { ca: [...tls.rootCertificates, ...this.#authorities] };
  }
}

/** Node reads `NODE_EXTRA_CA_CERTS` itself; most other programs know this variable. */
function certificateAuthorities(file: string | undefined): readonly string[] | undefined {
  if (!file) return undefined;
  try {
    return [readFileSync(file, 'utf8')];
  } catch (error) {
    throw new Error(`SSL_CERT_FILE names ${file}, which cannot be read.`, { cause: error });
  }
}

function tunnel(
  proxy: URL,
  url: URL,
  trust: tls.ConnectionOptions,
  done: (error: Error | null, socket?: Socket) => void,
): void {
  const port = url.port || '443';
  const target = `${url.hostname}:${port}`;
  const connect = http.request(proxy, {
    method: 'CONNECT',
    path: target,
    headers: { host: target, ...proxyAuthorization(proxy) },
    agent: false,
  });
  connect.once('error', done);
  connect.once('connect', (response, socket) => {
    if (response.statusCode !== 200) {
      socket.destroy();
      return done(new Error(`The proxy ${proxy.host} answered ${response.statusCode} to CONNECT.`));
    }
    const secured = tls.connect({ ...trust, socket, servername: url.hostname });
    secured.once('error', done);
    secured.once('secureConnect', () => {
      secured.off('error', done);
      done(null, secured);
    });
  });
  connect.end();
}

function proxyAuthorization({ username, password }: URL): { 'proxy-authorization'?: string } {
  if (username === '') return {};
  const text = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(text).toString('base64')}` };
}
