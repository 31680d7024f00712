import { asText } from '../lib/json-object.ts';
import type { Transport } from '../platform/transport.ts';
import { WorkspaceError } from '../workspace/client.ts';
import { objectOf, send } from '../workspace/send.ts';
import type { AccessToken } from './token.ts';

/** Milliseconds for discovery and for token requests. */
const TIMEOUT_MS = 20_000;

/** The OAuth server of a gateway. */
export interface OAuthServer {
  readonly authorizationEndpoint: string;
  readonly tokenEndpoint: string;
  readonly deviceAuthorizationEndpoint: string | undefined;
  readonly revocationEndpoint: string | undefined;
}

/** What a token request gives. */
export interface Grant {
  readonly access: AccessToken;
  /** Absent where the old one stays. */
  readonly refreshToken: string | undefined;
}

/** A refusal in OAuth's own shape (RFC 6749 5.2). */
export class OAuthRefusal extends Error {
  readonly code: string;

  constructor(code: string, description: string | undefined) {
    super(description ?? `The sign-in was refused (${code}).`);
    this.name = 'OAuthRefusal';
    this.code = code;
  }
}

/** Reads the metadata (RFC 8414) at the path that Databricks workspaces have. @throws WorkspaceError */
export async function findOAuthServer(workspaceUrl: string, transport: Transport): Promise<OAuthServer> {
  const url = new URL(`${workspaceUrl}/oidc/.well-known/oauth-authorization-server`);
  const headers = { accept: 'application/json' };
  const answer = await send(transport, { url, method: 'GET', headers, body: undefined, timeoutMs: TIMEOUT_MS });
  const metadata = answer.status === 404 ? {} : objectOf(url, answer);
  const authorizationEndpoint = asText(metadata['authorization_endpoint']);
  const tokenEndpoint = asText(metadata['token_endpoint']);
  if (authorizationEndpoint === undefined || tokenEndpoint === undefined) {
    throw new WorkspaceError('not-a-gateway', `${workspaceUrl} offers no sign-in.`, {
      status: answer.status,
      cure: 'Check the address, or use a personal access token: ucode login --token-stdin',
    });
  }
  return {
    authorizationEndpoint,
    tokenEndpoint,
    deviceAuthorizationEndpoint: asText(metadata['device_authorization_endpoint']),
    revocationEndpoint: asText(metadata['revocation_endpoint']),
  };
}

/**
 * One request with a form to an OAuth endpoint, as a public client (the client id in the form), or with HTTP Basic.
 * @throws OAuthRefusal, WorkspaceError
 */
export async function postForm(
  endpoint: string,
  form: Readonly<Record<string, string>>,
  transport: Transport,
  basic?: { readonly clientId: string; readonly clientSecret: string },
): Promise<Readonly<Record<string, unknown>>> {
  const url = new URL(endpoint);
  const body = new URLSearchParams(form).toString();
  const answer = await send(transport, {
    url,
    method: 'POST',
    headers: {
      accept: 'application/json',
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': Buffer.byteLength(body),
      ...(basic === undefined ? {} : { authorization: `Basic ${basicOf(basic)}` }),
    },
    body,
    timeoutMs: TIMEOUT_MS,
  });
  if (answer.status < 400 || answer.status >= 500) return objectOf(url, answer);
  const refusal = refusalIn(answer.body);
  throw refusal ?? asError(() => objectOf(url, answer));
}

/** The tokens in the answer of the token endpoint. @param now ms since 1970, when the request was sent. */
export function grantOf(answer: Readonly<Record<string, unknown>>, now: number): Grant {
  const value = asText(answer['access_token']);
  if (value === undefined) throw new WorkspaceError('not-a-gateway', 'The sign-in gave no access token.');
  const seconds = Number(answer['expires_in']);
  return {
    access: { value, expiresAt: Number.isFinite(seconds) && seconds > 0 ? now + seconds * 1000 : undefined },
    refreshToken: asText(answer['refresh_token']),
  };
}

function basicOf({ clientId, clientSecret }: { clientId: string; clientSecret: string }): string {
  return Buffer.from(`${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`).toString('base64');
}

function refusalIn(body: string): OAuthRefusal | undefined {
  try {
    const object = JSON.parse(body) as Record<string, unknown>;
    const code = asText(object['error']);
    return code === undefined ? undefined : new OAuthRefusal(code, asText(object['error_description']));
  } catch {
    return undefined;
  }
}

function asError(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return new Error('The sign-in was refused.');
}
