import { asText, parseObject } from '../lib/json-object.ts';
import { printable } from '../lib/printable.ts';
import type { Transport } from '../platform/transport.ts';
import { WorkspaceError } from '../workspace/client.ts';
import { objectOf, send } from '../workspace/send.ts';
import type { AccessToken } from './token.ts';

/** Milliseconds for discovery and for token requests. */
const TIMEOUT_MS = 15_000;

/** No token is believed to last longer than a year. */
const LONGEST_SECONDS = 366 * 24 * 3600;

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
    super(
      description === undefined ? `The sign-in was refused (${printable(code, 100)}).` : printable(description).trim(),
    );
    this.name = 'OAuthRefusal';
    this.code = code;
  }
}

/**
 * Reads the metadata (RFC 8414) at the path that Databricks workspaces have.
 * @throws WorkspaceError, also where an endpoint would take secrets off an encrypted connection.
 */
export async function findOAuthServer(workspaceUrl: string, transport: Transport): Promise<OAuthServer> {
  const url = new URL(`${workspaceUrl}/oidc/.well-known/oauth-authorization-server`);
  const headers = { accept: 'application/json' };
  const answer = await send(transport, { url, method: 'GET', headers, body: undefined, timeoutMs: TIMEOUT_MS });
  const metadata = answer.status === 404 ? {} : objectOf(url, answer);
  const endpoint = (name: string): string | undefined => endpointOf(url, asText(metadata[name]));
  const authorizationEndpoint = endpoint('authorization_endpoint');
  const tokenEndpoint = endpoint('token_endpoint');
  if (authorizationEndpoint === undefined || tokenEndpoint === undefined) {
    throw new WorkspaceError('not-a-gateway', `${workspaceUrl} offers no sign-in.`, {
      status: answer.status,
      cure: 'Check the address, or use a personal access token: ucode login --token-stdin',
    });
  }
  return {
    authorizationEndpoint,
    tokenEndpoint,
    deviceAuthorizationEndpoint: endpoint('device_authorization_endpoint'),
    revocationEndpoint: endpoint('revocation_endpoint'),
  };
}

/** An endpoint is opened in a browser, or is sent secrets: only the web's schemes, and https stays https. */
function endpointOf(metadataUrl: URL, address: string | undefined): string | undefined {
  if (address === undefined) return undefined;
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url?.protocol === 'https:') return url.href;
  if (url?.protocol === 'http:' && metadataUrl.protocol === 'http:') return url.href;
  throw new WorkspaceError(
    'not-a-gateway',
    `${metadataUrl.origin} names an address for the sign-in that is not safe.`,
    {
      cure: 'Ask an admin of the gateway to set its public_url to its https address.',
    },
  );
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
  const refusal = answer.status >= 400 && answer.status < 500 ? refusalIn(answer.body) : undefined;
  if (refusal !== undefined) throw refusal;
  return objectOf(url, answer);
}

/** The tokens in the answer of the token endpoint. @param now ms since 1970, when the request was sent. */
export function grantOf(answer: Readonly<Record<string, unknown>>, now: number): Grant {
  const value = asText(answer['access_token']);
  if (value === undefined) throw new WorkspaceError('not-a-gateway', 'The sign-in gave no access token.');
  const seconds = Number(answer['expires_in']);
  const lifetime =
    Number.isFinite(seconds) && seconds > 0
      ? { issuedAt: now, expiresAt: now + Math.min(seconds, LONGEST_SECONDS) * 1000 }
      : { expiresAt: undefined };
  return {
    access: { value, ...lifetime },
    refreshToken: asText(answer['refresh_token']),
  };
}

function basicOf({ clientId, clientSecret }: { clientId: string; clientSecret: string }): string {
  return Buffer.from(`${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`).toString('base64');
}

function refusalIn(body: string): OAuthRefusal | undefined {
  const { error, error_description: description } = parseObject(body) ?? {};
  const code = asText(error);
  return code === undefined ? undefined : new OAuthRefusal(code, asText(description));
}
