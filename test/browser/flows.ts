import { createHash, randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';

/** What the token endpoint gives. */
export interface Tokens {
  readonly access_token: string;
  readonly refresh_token?: string;
  readonly scope?: string;
}

/** A command-line client that waits for the browser to come back, as `databricks auth login` does. */
export interface CodeFlow {
  /** Where the browser is sent first. */
  readonly address: string;
  /** What the browser brings back: `code` and `state`, or `error`. */
  readonly answer: Promise<URLSearchParams>;
  redeem(code: string): Promise<Tokens>;
  stop(): void;
}

/** Ports the vendor's client listens on (workspace-contract 3.3). */
const PORTS = Array.from({ length: 21 }, (_, index) => 8020 + index);

/** Begins an authorization code flow with PKCE, as the public client `databricks-cli`. */
export async function startCodeFlow(gateway: string): Promise<CodeFlow> {
  const found = Promise.withResolvers<URLSearchParams>();
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
    response.end('<!doctype html><html lang="en"><title>Done</title><h1>Go back to the terminal</h1></html>');
    if (url.searchParams.has('code') || url.searchParams.has('error')) found.resolve(url.searchParams);
  });
  const redirectUri = `http://localhost:${await listenOnFirst(server, PORTS)}`;
  const verifier = randomBytes(32).toString('base64url');
  const address = new URL(`${gateway}/oidc/v1/authorize`);
  address.search = new URLSearchParams({
    response_type: 'code',
    client_id: 'databricks-cli',
    redirect_uri: redirectUri,
    scope: 'all-apis offline_access',
    state: randomBytes(16).toString('base64url'),
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  }).toString();
  return {
    address: address.href,
    answer: found.promise,
    redeem: (code) =>
      token(gateway, {
        grant_type: 'authorization_code',
        client_id: 'databricks-cli',
        redirect_uri: redirectUri,
        code,
        code_verifier: verifier,
      }),
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** A terminal that shows a short code (RFC 8628). */
export interface DeviceFlow {
  readonly userCode: string;
  readonly verificationUri: string;
  readonly verificationUriComplete: string;
  /** Asks once. @throws Error with the answer's `error`. */
  poll(): Promise<Tokens>;
}

/** Begins a device flow as the public client `ucode`. */
export async function startDeviceFlow(gateway: string): Promise<DeviceFlow> {
  const response = await fetch(`${gateway}/oidc/v1/device_authorization`, {
    method: 'POST',
    body: new URLSearchParams({ client_id: 'ucode', scope: 'all-apis offline_access' }),
  });
  const body = (await response.json()) as Readonly<Record<string, string>>;
  if (!response.ok) throw new Error(`device_authorization: ${response.status} ${JSON.stringify(body)}`);
  return {
    userCode: body['user_code'] ?? '',
    verificationUri: body['verification_uri'] ?? '',
    verificationUriComplete: body['verification_uri_complete'] ?? '',
    poll: () =>
      token(gateway, {
        grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
        client_id: 'ucode',
        device_code: body['device_code'] ?? '',
      }),
  };
}

async function token(gateway: string, form: Readonly<Record<string, string>>): Promise<Tokens> {
  const response = await fetch(`${gateway}/oidc/v1/token`, { method: 'POST', body: new URLSearchParams(form) });
  const body = (await response.json()) as Tokens & { readonly error?: string };
  if (!response.ok) throw new Error(body.error ?? `token: ${response.status}`);
  return body;
}

async function listenOnFirst(server: Server, ports: readonly number[]): Promise<number> {
  for (const port of ports) {
    const isListening = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(port, 'localhost', () => resolve(true));
    });
    server.removeAllListeners('error');
    if (isListening) return port;
  }
  throw new Error(`no port from ${ports[0]} to ${ports.at(-1)} is free`);
}
