import { readFileSync } from 'node:fs';
import http, { type ClientRequest, type OutgoingHttpHeaders } from 'node:http';
import https from 'node:https';
import { isIP, type Socket } from 'node:net';
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

  /** @throws Error where `SSL_CERT_FILE` or `NODE_EXTRA_CA_CERTS` beside it cannot be read. */
  constructor(environment: Environment) {
    this.#environment = environment;
    this.#authorities = certificateAuthorities(environment.variables);
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
    let dialling: ClientRequest | undefined;
    const request = https.request(url, {
      method,
      headers,
      agent: false,
      createConnection: (_options, done) => {
        dialling = tunnel(proxy, url, this.#trust(), done as (error: Error | null, socket?: Socket) => void);
        return undefined;
      },
    });
    // Who gives up does not leave a proxy behind that never answers.
    return request.once('close', () => dialling?.destroy());
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

/**
 * Node reads `NODE_EXTRA_CA_CERTS` itself, unless authorities are given; most other programs know `SSL_CERT_FILE`.
 * @returns `undefined`: what Node trusts.
 */
function certificateAuthorities(variables: Environment['variables']): readonly string[] | undefined {
  if (!variables['SSL_CERT_FILE']) return undefined;
  return ['SSL_CERT_FILE', 'NODE_EXTRA_CA_CERTS'].flatMap((name) => {
    const file = variables[name];
    if (!file) return [];
    try {
      const text = readFileSync(file, 'utf8');
      tls.createSecureContext({ ca: text });
      if (!text.includes('-----BEGIN')) throw new Error('no PEM');
      return [text];
    } catch (error) {
      throw new Error(`${name} names ${file}, which cannot be read as certificates (PEM).`, { cause: error });
    }
  });
}

function tunnel(
  proxy: URL,
  url: URL,
  trust: tls.ConnectionOptions,
  done: (error: Error | null, socket?: Socket) => void,
): ClientRequest {
  const port = url.port || '443';
  const target = `${url.hostname}:${port}`;
  const connect = http.request(proxy, {
    method: 'CONNECT',
    path: target,
    headers: { host: target, ...proxyAuthorization(proxy) },
    agent: false,
  });
  connect.on('error', done);
  connect.once('connect', (response, socket) => {
    if (response.statusCode !== 200) {
      socket.destroy();
      const why = response.statusCode === 407 ? 'wants a user name and a password' : `answered ${response.statusCode}`;
      return done(new Error(`the proxy ${proxy.host} ${why}`));
    }
    const host = url.hostname.replace(/^\[|\]$/g, '');
    const secured = tls.connect({ ...trust, socket, host, ...(isIP(host) === 0 ? { servername: host } : {}) });
    secured.once('error', done);
    secured.once('secureConnect', () => {
      secured.off('error', done);
      done(null, secured);
    });
  });
  return connect.end();
}

function proxyAuthorization({ username, password }: URL): { 'proxy-authorization'?: string } {
  if (username === '') return {};
  const text = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(text).toString('base64')}` };
}
