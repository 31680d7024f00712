import type { ClientMetadata, ResponseType } from 'oidc-provider';
import type { OAuthClientConfig } from '../../config/oauth-settings.ts';
import { supportedScopes } from './scopes.ts';

export const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';

/** What ids of applications that registered themselves start with. */
export const registeredClientPrefix = 'dcr_';

function localhostPorts(first: number, last: number): string[] {
  return Array.from({ length: last - first + 1 }, (_, index) => `http://localhost:${first + index}`);
}

const codeOnly: { response_types: ResponseType[]; response_modes: string[] } = {
  response_types: ['code'],
  response_modes: ['query'],
};

/** Applications that are always there: known to be ours or the vendor's, so that nobody is asked for consent. */
export const builtInClients: ReadonlyMap<string, ClientMetadata> = new Map(
  [
    {
      client_id: 'databricks-cli',
      client_name: 'Databricks CLI',
      redirect_uris: localhostPorts(8020, 8040),
      grant_types: ['authorization_code', 'refresh_token'],
    },
    {
      client_id: 'databricks-sql-python',
      client_name: 'Databricks SQL connector',
      redirect_uris: localhostPorts(8020, 8030),
      grant_types: ['authorization_code', 'refresh_token'],
    },
    {
      client_id: 'ucode',
      client_name: 'ucode',
      redirect_uris: ['http://127.0.0.1/callback', 'http://localhost/callback', 'http://[::1]/callback'],
      grant_types: ['authorization_code', 'refresh_token', DEVICE_GRANT],
    },
  ].map((client) => [
    client.client_id,
    {
      ...client,
      ...codeOnly,
      application_type: 'native',
      token_endpoint_auth_method: 'none',
      scope: supportedScopes.join(' '),
    },
  ]),
);

/** An application of the configuration, as the library wants it. */
export function configuredClient(client: OAuthClientConfig): ClientMetadata {
  const browser = client.grantTypes.includes('authorization_code');
  const https = client.redirectUris.every((uri) => uri.startsWith('https:'));
  return {
    client_id: client.clientId,
    client_name: client.name,
    redirect_uris: [...client.redirectUris],
    application_type: browser && !https ? 'native' : 'web',
    grant_types: client.grantTypes.map((grant) => (grant === 'device_code' ? DEVICE_GRANT : grant)),
    ...(browser ? codeOnly : { response_types: [] }),
    scope: (client.scopes ?? supportedScopes).filter((scope) => supportedScopes.includes(scope)).join(' '),
    ...(client.secret === undefined
      ? { token_endpoint_auth_method: 'none' }
      : { token_endpoint_auth_method: 'client_secret_basic', client_secret: client.secret }),
  };
}

/** A service principal: its application id and one of its secrets, no browser. */
export function servicePrincipalClient(applicationId: string, name: string, placeholder: string): ClientMetadata {
  return {
    client_id: applicationId,
    client_name: name,
    redirect_uris: [],
    response_types: [],
    grant_types: ['client_credentials'],
    token_endpoint_auth_method: 'client_secret_basic',
    // The directory compares secrets; nothing is ever equal to this one.
    client_secret: placeholder,
    scope: supportedScopes
      .filter((scope) => !['offline_access', 'openid', 'profile', 'email'].includes(scope))
      .join(' '),
  };
}

/** An application that registered itself: public, with a browser. */
export function registeredClient(
  clientId: string,
  client: { readonly name: string; readonly redirectUris: readonly string[]; readonly issuedAt: number },
): ClientMetadata {
  const https = client.redirectUris.every((uri) => uri.startsWith('https:'));
  return {
    client_id: clientId,
    client_id_issued_at: Math.floor(client.issuedAt / 1000),
    client_name: client.name,
    redirect_uris: [...client.redirectUris],
    application_type: https ? 'web' : 'native',
    grant_types: ['authorization_code', 'refresh_token'],
    ...codeOnly,
    token_endpoint_auth_method: 'none',
  };
}
