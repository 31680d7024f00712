import type { Environment } from '../platform/environment.ts';
import type { Transport } from '../platform/transport.ts';
import { UsageError } from '../terminal/terminal.ts';
import { workspaceUrl } from '../workspace/address.ts';
import { grantOf, findOAuthServer, OAuthRefusal, postForm } from './oauth-server.ts';
import { isFresh, SignInNeeded, type AccessToken, type TokenSource } from './token.ts';

/** Variables that hold a token, the first that is set counts; each with the variable that says for which workspace. */
const TOKENS = [
  ['UCODE_TOKEN', 'UCODE_WORKSPACE'],
  ['DATABRICKS_BEARER', 'DATABRICKS_HOST'],
  ['DATABRICKS_TOKEN', 'DATABRICKS_HOST'],
] as const;

/** Tokens that the environment gives, and the variable they come from. */
export interface EnvironmentTokens extends TokenSource {
  readonly variable: string;
}

/**
 * Tokens that the environment gives, for CI: `UCODE_TOKEN`, `DATABRICKS_BEARER`, `DATABRICKS_TOKEN`, or a service
 * principal's `DATABRICKS_CLIENT_ID` with `DATABRICKS_CLIENT_SECRET`. Where `UCODE_WORKSPACE` or `DATABRICKS_HOST` is set
 * beside them, they are for that workspace only. Nothing of it is ever stored.
 * @throws UsageError where a variable holds what cannot be.
 */
export function environmentTokens(
  url: string,
  { variables }: Environment,
  transport: Transport,
): EnvironmentTokens | undefined {
  const isFor = (host: string | undefined): boolean => !host?.trim() || workspaceUrl(host) === url;
  for (const [variable, workspace] of TOKENS) {
    const value = variables[variable]?.trim();
    if (value && isFor(variables[workspace])) return new GivenToken(url, variable, value);
  }
  const clientId = variables['DATABRICKS_CLIENT_ID']?.trim();
  const clientSecret = variables['DATABRICKS_CLIENT_SECRET']?.trim();
  if (!clientId || !clientSecret || !isFor(variables['DATABRICKS_HOST'])) return undefined;
  return new ServicePrincipalTokens(url, { clientId, clientSecret }, transport);
}

function notAccepted(url: string, what: string): SignInNeeded {
  return new SignInNeeded(url, `${what} is not accepted by ${url}.`, 'Set it anew, or unset it and run: ucode login');
}

class GivenToken implements EnvironmentTokens {
  readonly variable: string;
  readonly #url: string;
  readonly #value: string;

  constructor(url: string, variable: string, value: string) {
    if (!/^[\x21-\x7e]+$/.test(value)) throw new UsageError(`${variable} has characters in it that no token has.`);
    this.#url = url;
    this.#value = value;
    this.variable = variable;
  }

  async token({ refused }: { readonly refused?: string | undefined } = {}): Promise<AccessToken> {
    if (refused === this.#value) throw notAccepted(this.#url, this.variable);
    return { value: this.#value, expiresAt: undefined };
  }
}

/** Tokens by client credentials (workspace-contract 3.4), kept in memory. */
class ServicePrincipalTokens implements EnvironmentTokens {
  readonly variable = 'DATABRICKS_CLIENT_ID';
  readonly #url: string;
  readonly #client: { readonly clientId: string; readonly clientSecret: string };
  readonly #transport: Transport;
  #known: AccessToken | undefined;

  constructor(url: string, client: { clientId: string; clientSecret: string }, transport: Transport) {
    this.#url = url;
    this.#client = client;
    this.#transport = transport;
  }

  async token({ refused }: { readonly refused?: string | undefined } = {}): Promise<AccessToken> {
    const known = this.#known;
    if (known !== undefined && known.value !== refused && isFresh(known, Date.now())) return known;
    try {
      const server = await findOAuthServer(this.#url, this.#transport);
      const form = { grant_type: 'client_credentials', scope: 'all-apis' };
      const now = Date.now();
      this.#known = grantOf(await postForm(server.tokenEndpoint, form, this.#transport, this.#client), now).access;
      return this.#known;
    } catch (error) {
      if (error instanceof OAuthRefusal && error.code === 'invalid_client')
        throw notAccepted(this.#url, 'DATABRICKS_CLIENT_ID with DATABRICKS_CLIENT_SECRET');
      throw error;
    }
  }
}
