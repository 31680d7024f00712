import type { Environment } from '../platform/environment.ts';
import type { Transport } from '../platform/transport.ts';
import { grantOf, findOAuthServer, OAuthRefusal, postForm } from './oauth-server.ts';
import { SignInNeeded, type AccessToken, type TokenSource } from './token.ts';

/** A token is renewed when it is valid for less than this, milliseconds. */
const RENEW_BEFORE_MS = 5 * 60_000;

/**
 * Tokens that the environment gives, for CI: `UCODE_TOKEN`, `DATABRICKS_BEARER`, `DATABRICKS_TOKEN`, or a service
 * principal's `DATABRICKS_CLIENT_ID` with `DATABRICKS_CLIENT_SECRET`. Where `DATABRICKS_HOST` is set too, they are for
 * that workspace only. Nothing of it is ever stored.
 */
export function environmentTokens(
  workspaceUrl: string,
  { variables }: Environment,
  transport: Transport,
): TokenSource | undefined {
  const host = variables['DATABRICKS_HOST'];
  if (host && URL.canParse(host) && new URL(host).origin !== workspaceUrl) return undefined;
  const value = variables['UCODE_TOKEN'] || variables['DATABRICKS_BEARER'] || variables['DATABRICKS_TOKEN'];
  if (value) return { token: async () => ({ value, expiresAt: undefined }) };
  const clientId = variables['DATABRICKS_CLIENT_ID'];
  const clientSecret = variables['DATABRICKS_CLIENT_SECRET'];
  if (!clientId || !clientSecret) return undefined;
  return new ServicePrincipalTokens(workspaceUrl, { clientId, clientSecret }, transport);
}

/** Tokens by client credentials (workspace-contract 3.4), kept in memory. */
class ServicePrincipalTokens implements TokenSource {
  readonly #workspaceUrl: string;
  readonly #client: { readonly clientId: string; readonly clientSecret: string };
  readonly #transport: Transport;
  #known: AccessToken | undefined;

  constructor(workspaceUrl: string, client: { clientId: string; clientSecret: string }, transport: Transport) {
    this.#workspaceUrl = workspaceUrl;
    this.#client = client;
    this.#transport = transport;
  }

  async token({ force = false } = {}): Promise<AccessToken> {
    const known = this.#known;
    if (!force && known && (known.expiresAt ?? Infinity) - Date.now() > RENEW_BEFORE_MS) return known;
    try {
      const server = await findOAuthServer(this.#workspaceUrl, this.#transport);
      const form = { grant_type: 'client_credentials', scope: 'all-apis' };
      const now = Date.now();
      this.#known = grantOf(await postForm(server.tokenEndpoint, form, this.#transport, this.#client), now).access;
      return this.#known;
    } catch (error) {
      if (!(error instanceof OAuthRefusal)) throw error;
      throw new SignInNeeded(this.#workspaceUrl, 'DATABRICKS_CLIENT_ID or DATABRICKS_CLIENT_SECRET is not accepted.');
    }
  }
}
