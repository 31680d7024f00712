import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';

/** A TLS port in front of a plain one, as a reverse proxy would be. */
export interface TlsProxy {
  /** Listens on `localhost`, 127.0.0.1. */
  readonly port: number;
  /** File with the self-signed certificate, for clients to trust. */
  readonly certificate: string;
  close(): Promise<void>;
}

/** Terminates TLS for `target`, such as `http://127.0.0.1:8484`. Needs `openssl` to make the certificate. */
export async function startTlsProxy(target: string): Promise<TlsProxy> {
  const directory = await mkdtemp(path.join(tmpdir(), 'ucode-tls-'));
  const key = path.join(directory, 'key.pem');
  const certificate = path.join(directory, 'certificate.pem');
  const request = 'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost';
  const names = ['-addext', 'subjectAltName=DNS:localhost,DNS:gateway.test.internal,IP:127.0.0.1'];
  await promisify(execFile)('openssl', [...request.split(' '), ...names, '-keyout', key, '-out', certificate]);
  const agent = new http.Agent({ keepAlive: true });
  const server = https.createServer(
    { key: await readFile(key), cert: await readFile(certificate) },
    (request, response) => {
      forward(target, agent, request, response).catch(() => response.destroy());
    },
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    certificate,
    async close() {
      server.close();
      server.closeAllConnections();
      agent.destroy();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function forward(
  target: string,
  agent: http.Agent,
  request: http.IncomingMessage,
  response: http.ServerResponse,
): Promise<void> {
  const { method, headers, url } = request;
  const upstream = http.request(new URL(url ?? '/', target), { method: method ?? 'GET', headers, agent });
  const [answer] = await Promise.all([
    once(upstream, 'response').then(([message]) => message as http.IncomingMessage),
    pipeline(request, upstream),
  ]);
  response.writeHead(answer.statusCode ?? 502, answer.headers);
  await pipeline(answer, response);
}
