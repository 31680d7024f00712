import { readFileSync } from 'node:fs';
import type http from 'node:http';
import type { ClientRequest, OutgoingHttpHeaders } from 'node:http';
import type https from 'node:https';
import type { Duplex } from 'node:stream';
import type tls from 'node:tls';
import type { Environment } from './environment.ts';
import { network } from './network.ts';
import { proxyFor } from './proxy-address.ts';

/** How long a proxy may take to answer, milliseconds. */
const DIAL_TIMEOUT_MS = 30_000;

/** One outgoing request; its body is written by the caller. */
export interface OutgoingRequest {
  readonly url: URL;
  readonly method: string;
  readonly headers: OutgoingHttpHeaders;
}

/** Opens requests to gateways: keeps connections, goes through the proxy of the environment, trusts its certificates. */
export class Transport {
  readonly #environment: Environment;
  #plainAgent: http.Agent | undefined;
  #secureAgent: https.Agent | undefined;
  /** By the address of the proxy. */
  readonly #tunnels = new Map<string, https.Agent>();
  readonly #authorities: readonly string[] | undefined;

  /** @throws Error where `SSL_CERT_FILE` or `NODE_EXTRA_CA_CERTS` beside it cannot be read. */
  constructor(environment: Environment) {
    this.#environment = environment;
    this.#authorities = certificateAuthorities(environment.variables);
  }

  get #plain(): http.Agent {
    return (this.#plainAgent ??= new network.http.Agent({ keepAlive: true }));
  }

  get #secure(): https.Agent {
    return (this.#secureAgent ??= new network.https.Agent({ keepAlive: true, ...this.#trust() }));
  }

  /** A request whose head has not been sent yet. Errors come as its `error` event. */
  open({ url, method, headers }: OutgoingRequest): ClientRequest {
    const proxy = proxyFor(url, this.#environment.variables);
    const secure = url.protocol === 'https:';
    if (proxy === undefined) {
      return secure
        ? network.https.request(url, { method, headers, agent: this.#secure })
        : network.http.request(url, { method, headers, agent: this.#plain });
    }
    if (!secure) {
      const head = { ...headers, host: url.host, ...proxyAuthorization(proxy) };
      return network.http.request(proxy, { method, headers: head, path: url.href, agent: this.#plain });
    }
    return network.https.request(url, { method, headers, agent: this.#through(proxy) });
  }

  /** Ends idle connections. */
  close(): void {
    for (const agent of [this.#plainAgent, this.#secureAgent, ...this.#tunnels.values()]) agent?.destroy();
  }

  #through(proxy: URL): https.Agent {
    const known = this.#tunnels.get(proxy.href);
    const agent = known ?? tunnelAgent(proxy, this.#trust());
    this.#tunnels.set(proxy.href, agent);
    return agent;
  }

  #trust(): { ca?: string[] } {
    return this.#authorities === undefined ? {} : { ca: [...network.tls.rootCertificates, ...this.#authorities] };
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
      network.tls.createSecureContext({ ca: text });
      if (!text.includes('-----BEGIN')) throw new Error('no PEM');
      return [text];
    } catch (error) {
      throw new Error(`${name} names ${file}, which cannot be read as certificates (PEM).`, { cause: error });
    }
  });
}

/** Connections to https servers through an HTTP proxy (RFC 9110 9.3.6). */
function tunnelAgent(proxy: URL, trust: tls.ConnectionOptions): https.Agent {
  const agent = new network.https.Agent({ keepAlive: true });
  agent.createConnection = ({ host, port }: Target, done: Connected): undefined => {
    const name = host ?? '';
    const target = `${network.net.isIP(name) === 6 ? `[${name}]` : name}:${port ?? 443}`;
    const failed = (error: Error): void => done(error, new network.net.Socket());
    const dialling = network.http.request(proxy, {
      method: 'CONNECT',
      path: target,
      headers: { host: target, ...proxyAuthorization(proxy) },
      agent: false,
      timeout: DIAL_TIMEOUT_MS,
    });
    dialling.on('timeout', () => dialling.destroy(new Error(`the proxy ${proxy.host} does not answer`)));
    dialling.on('error', failed);
    dialling.once('connect', (response, socket) => {
      if (response.statusCode !== 200) {
        const why =
          response.statusCode === 407 ? 'wants a user name and a password' : `answered ${response.statusCode}`;
        socket.destroy();
        return failed(new Error(`the proxy ${proxy.host} ${why}`));
      }
      socket.setTimeout(0);
      const secured = network.tls.connect({
        ...trust,
        socket,
        host: name,
        ...(network.net.isIP(name) ? {} : { servername: name }),
      });
      secured.once('error', failed);
      secured.once('secureConnect', () => {
        secured.off('error', failed);
        done(null, secured);
      });
    });
    dialling.end();
    return undefined;
  };
  return agent;
}

interface Target {
  readonly host?: string | null | undefined;
  readonly port?: string | number | null | undefined;
}
type Connected = (error: Error | null, stream: Duplex) => void;

function proxyAuthorization({ username, password }: URL): { 'proxy-authorization'?: string } {
  if (username === '') return {};
  const text = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(text).toString('base64')}` };
}
