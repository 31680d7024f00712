import type { OAuthSection } from './oauth-schema.ts';
import type { KeyPath, Report } from './problems.ts';

/** How an application may get tokens. */
export type ClientGrant = 'authorization_code' | 'refresh_token' | 'device_code';

/** An application of the configuration. */
export interface OAuthClientConfig {
  readonly clientId: string;
  readonly name: string;
  readonly redirectUris: readonly string[];
  /** In plain. Left out: a public client. Never serialise this. */
  readonly secret: string | undefined;
  /** Left out: all. */
  readonly scopes: readonly string[] | undefined;
  readonly grantTypes: readonly ClientGrant[];
}

/** The authorization server's settings. Times are milliseconds. */
export interface OAuthConfig {
  readonly accessTokenLifetimeMs: number;
  readonly refreshTokenLifetimeMs: number;
  readonly refreshReuseWindowMs: number;
  readonly sessionLifetimeMs: number;
  readonly clients: readonly OAuthClientConfig[];
  readonly registration: {
    readonly enabled: boolean;
    readonly maxPerHour: number;
    readonly maxClients: number;
    readonly unusedLifetimeMs: number;
  };
}

/** Applications that are always there. */
export const builtInClientIds: readonly string[] = ['databricks-cli', 'databricks-sql-python', 'ucode'];

/** The section `identity.oauth`. @param at where the section stands. */
export function readOAuth(section: OAuthSection, { at, report }: { at: KeyPath; report: Report }): OAuthConfig {
  const seen = new Map(builtInClientIds.map((id) => [id, 'built in']));
  for (const [index, client] of section.clients.entries()) {
    const key = [...at, 'clients', index];
    const first = seen.get(client.client_id);
    if (first === undefined) seen.set(client.client_id, `at [${index}]`);
    else
      report(
        [...key, 'client_id'],
        `the client '${client.client_id}' is already there (${first})`,
        'Name it differently',
      );
    if (client.client_id.startsWith('dcr_')) {
      const cure = 'Names that start with dcr_ are of applications that registered themselves';
      report([...key, 'client_id'], 'this name is reserved', cure);
    }
    if (client.grant_types.includes('authorization_code') && client.redirect_uris.length === 0) {
      report(
        [...key, 'redirect_uris'],
        'an application with a browser sign-in needs one',
        'Add the address of its callback',
      );
    }
  }
  return {
    accessTokenLifetimeMs: section.access_token_lifetime,
    refreshTokenLifetimeMs: section.refresh_token_lifetime,
    refreshReuseWindowMs: section.refresh_reuse_window,
    sessionLifetimeMs: section.session_lifetime,
    clients: section.clients.map((client) => ({
      clientId: client.client_id,
      name: client.name,
      redirectUris: client.redirect_uris,
      secret: client.secret,
      scopes: client.scopes,
      grantTypes: client.grant_types,
    })),
    registration: {
      enabled: section.dynamic_registration.enabled,
      maxPerHour: section.dynamic_registration.max_per_hour,
      maxClients: section.dynamic_registration.max_clients,
      unusedLifetimeMs: section.dynamic_registration.unused_lifetime,
    },
  };
}
