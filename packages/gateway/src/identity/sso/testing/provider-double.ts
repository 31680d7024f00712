import { generateKeyPairSync, hash, randomBytes, sign, type KeyObject } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

type Json = Readonly<Record<string, unknown>>;

interface Authorization {
  readonly nonce: string;
  readonly challenge: string;
  readonly redirectUri: string;
}

/** Claims of the person who signs in when a test says nothing else. */
export const ada: Json = { sub: 'ada-1', email: 'ada@example.com', email_verified: true, name: 'Ada Lovelace' };

/**
 * An OpenID provider on loopback that follows the rules unless a test changes one: what a lying or broken provider sends.
 * The real one is in test/e2e/sso-keycloak.test.ts.
 */
export class ProviderDouble {
  issuer = '';
  readonly clientSecret = 'double-secret';
  /** Members of the discovery document that are replaced. */
  metadata: Json = {};
  /** Who signs in, in ID token claims. */
  person: Json = ada;
  userinfo: Json = ada;
  /** Makes the ID token from what it should say. Default: signed with the current key. */
  idToken: (claims: Json) => string = (claims) => this.sign(claims);
  /** Answers in place of the endpoint, by path. */
  readonly replies = new Map<string, (response: ServerResponse) => void>();
  readonly requests: string[] = [];
  readonly #codes = new Map<string, Authorization>();
  readonly #server = createServer((request, response) => void this.#serve(request, response));
  #key = newKey();
  #isWithoutKeys = false;

  static async start(): Promise<ProviderDouble> {
    const double = new ProviderDouble();
    await new Promise<void>((resolve) => double.#server.listen(0, '127.0.0.1', resolve));
    double.issuer = `http://127.0.0.1:${(double.#server.address() as AddressInfo).port}`;
    return double;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Uses a new key from now on, and lists only that. */
  rotate(): void {
    this.#key = newKey();
  }

  hideKeys(): void {
    this.#isWithoutKeys = true;
  }

  /** The public key that is listed, as PEM: what a forger has. */
  get publicPem(): string {
    return this.#key.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  }

  /** What the browser does: goes to the address, signs in, and is sent back. Gives the callback's address. */
  authorize(address: string, change: Readonly<Record<string, string | undefined>> = {}): URL {
    const asked = new URL(address).searchParams;
    const code = randomBytes(8).toString('hex');
    const redirectUri = asked.get('redirect_uri') ?? '';
    this.#codes.set(code, {
      nonce: asked.get('nonce') ?? '',
      challenge: asked.get('code_challenge') ?? '',
      redirectUri,
    });
    const callback = new URL(redirectUri);
    const answer = { code, state: asked.get('state') ?? '', iss: this.issuer, ...change };
    for (const [name, value] of Object.entries(answer)) if (value !== undefined) callback.searchParams.set(name, value);
    return callback;
  }

  sign(claims: Json, header: Json = {}, key: KeyObject = this.#key.privateKey): string {
    const input = `${encode({ alg: 'ES256', kid: this.#key.kid, typ: 'JWT', ...header })}.${encode(claims)}`;
    const signature = sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' });
    return `${input}.${signature.toString('base64url')}`;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '/';
    this.requests.push(path);
    const reply = this.replies.get(path);
    if (reply !== undefined) return reply(response);
    if (path === '/.well-known/openid-configuration') return json(response, 200, this.#metadata());
    if (path === '/keys') return json(response, 200, { keys: this.#isWithoutKeys ? [] : [this.#key.jwk] });
    if (path === '/userinfo') return json(response, 200, this.userinfo);
    if (path === '/token') return this.#token(request, response);
    json(response, 404, { error: 'not_found' });
  }

  async #token(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const form = new URLSearchParams(await text(request));
    const given = this.#codes.get(form.get('code') ?? '');
    this.#codes.delete(form.get('code') ?? '');
    const [scheme, credentials = ''] = (request.headers.authorization ?? '').split(' ');
    const [id, secret] = Buffer.from(credentials, 'base64').toString().split(':').map(decodeURIComponent);
    const isProven = scheme === 'Basic' && id === 'gateway' && secret === this.clientSecret;
    const verifier = hash('sha256', form.get('code_verifier') ?? '', 'base64url');
    if (!isProven) return json(response, 401, { error: 'invalid_client' });
    if (given === undefined || given.challenge !== verifier || given.redirectUri !== form.get('redirect_uri')) {
      return json(response, 400, { error: 'invalid_grant' });
    }
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: this.issuer, aud: 'gateway', iat: now, exp: now + 300, nonce: given.nonce, ...this.person };
    json(response, 200, { access_token: 'at', token_type: 'Bearer', expires_in: 300, id_token: this.idToken(claims) });
  }

  #metadata(): Json {
    const at = (path: string): string => `${this.issuer}${path}`;
    return {
      issuer: this.issuer,
      authorization_endpoint: at('/authorize'),
      token_endpoint: at('/token'),
      userinfo_endpoint: at('/userinfo'),
      jwks_uri: at('/keys'),
      end_session_endpoint: at('/logout'),
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['ES256', 'HS256', 'none'],
      authorization_response_iss_parameter_supported: true,
      ...this.metadata,
    };
  }
}

function newKey() {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const kid = randomBytes(4).toString('hex');
  return { publicKey, privateKey, kid, jwk: { ...publicKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'ES256' } };
}

/** Base64url of JSON, as JWTs have it. */
export function encode(value: Json): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function json(response: ServerResponse, status: number, body: Json): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
