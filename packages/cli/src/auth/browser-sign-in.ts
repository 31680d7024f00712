import { randomBytes } from 'node:crypto';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Transport } from '../platform/transport.ts';
import { printable } from '../lib/printable.ts';
import { grantOf, OAuthRefusal, postForm, type Grant, type OAuthServer } from './oauth-server.ts';
import { newPkce } from './pkce.ts';

/** How long somebody may take to sign in, milliseconds. */
const PATIENCE_MS = 10 * 60_000;

export interface BrowserSignInOptions {
  readonly server: OAuthServer;
  readonly clientId: string;
  readonly scopes: readonly string[];
  readonly transport: Transport;
  /** Ports to listen on, the first free one is taken; 0 is any. Databricks allows 8020 to 8040 only. */
  readonly ports: readonly number[];
  /** `/callback`, or empty where the client is registered without a path. */
  readonly callbackPath: string;
  /** Shows the address, and opens it. */
  readonly open: (url: string) => Promise<void>;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Signs in through the browser: authorization code with PKCE, answered to a listener on loopback (RFC 8252 7.3).
 * @throws OAuthRefusal where the gateway or the person says no; Error when nobody answers.
 */
export async function signInWithBrowser(options: BrowserSignInOptions): Promise<Grant> {
  const { verifier, challenge } = newPkce();
  const state = randomBytes(24).toString('base64url');
  const listener = createServer();
  try {
    await listen(listener, options.ports);
    const redirectUri = `http://localhost:${(listener.address() as AddressInfo).port}${options.callbackPath}`;
    const url = new URL(options.server.authorizationEndpoint);
    const query = {
      response_type: 'code',
      client_id: options.clientId,
      redirect_uri: redirectUri,
      scope: options.scopes.join(' '),
      state,
      code_challenge: challenge,
      code_challenge_method: 'S256',
    };
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    const code = answered(listener, options.callbackPath, state, options.signal);
    await Promise.race([options.open(url.href).then(() => code), code]);
    const now = Date.now();
    const form = {
      grant_type: 'authorization_code',
      code: await code,
      redirect_uri: redirectUri,
      client_id: options.clientId,
      code_verifier: verifier,
    };
    return grantOf(await postForm(options.server.tokenEndpoint, form, options.transport), now);
  } finally {
    listener.close();
    listener.closeAllConnections();
  }
}

async function listen(listener: Server, ports: readonly number[]): Promise<void> {
  let last: unknown;
  for (const port of ports) {
    try {
      await new Promise<void>((resolve, reject) => {
        listener.once('error', reject);
        listener.listen(port, '127.0.0.1', () => {
          listener.off('error', reject);
          resolve();
        });
      });
      return;
    } catch (error) {
      last = error;
    }
  }
  throw new Error('No port is free for the answer of the browser. Sign in with: ucode login --device', { cause: last });
}

/** The code that comes back. What does not carry our state is not for us, and does not end the wait. */
function answered(
  listener: Server,
  callbackPath: string,
  state: string,
  signal: AbortSignal | undefined,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('Nobody signed in within ten minutes.')), PATIENCE_MS);
    signal?.addEventListener('abort', () => reject(new Error('The sign-in was cancelled.')), { once: true });
    listener.once('close', () => clearTimeout(timer));
    listener.on('request', (request, response) => {
      const url = new URL(request.url ?? '/', 'http://localhost');
      if (request.method !== 'GET' || url.pathname !== (callbackPath || '/'))
        return page(response, 404, 'There is nothing here.');
      if (url.searchParams.get('state') !== state)
        return page(response, 400, 'This answer does not belong to this sign-in.');
      const error = url.searchParams.get('error');
      const code = url.searchParams.get('code');
      if (error !== null) {
        page(response, 400, 'The sign-in was refused. The terminal says more.');
        const description = url.searchParams.get('error_description');
        return reject(
          new OAuthRefusal(printable(error, 100), description === null ? undefined : printable(description)),
        );
      }
      if (!code) return page(response, 400, 'The answer has no code.');
      page(response, 200, 'You are signed in. You can close this page and go back to the terminal.');
      resolve(code);
    });
  });
}

/** @param text ours, never the request's. */
function page(response: ServerResponse, status: number, text: string): void {
  const html = `<!doctype html><html lang="en"><meta charset="utf-8"><title>ucode</title><style>body{font:18px/1.5 system-ui;margin:15vh auto;max-width:32rem;padding:0 1rem}@media(prefers-color-scheme:dark){body{background:#111;color:#eee}}</style><h1>ucode</h1><p>${text}</p></html>`;
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'content-length': Buffer.byteLength(html),
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
    connection: 'close',
  });
  response.end(html);
}
