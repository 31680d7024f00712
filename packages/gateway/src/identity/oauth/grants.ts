import type Provider from 'oidc-provider';
import type { Grant } from 'oidc-provider';
import { resourceScopes, supportedScopes } from './scopes.ts';

/** What is given to whom. */
export interface GrantRequest {
  readonly accountId: string;
  readonly clientId: string;
  /** Scopes that were asked for; unknown ones are passed over. */
  readonly asked: readonly string[];
  /** Scopes that this application may get. */
  readonly allowed: ReadonlySet<string>;
  /** Resources that were named (RFC 8707). */
  readonly resources: readonly string[];
}

/** A grant, not saved yet. What was asked for and may not be had is noted as refused, so that nobody is asked again. */
export function grantFor(provider: Provider, request: GrantRequest): Grant {
  const grant = new provider.Grant({ accountId: request.accountId, clientId: request.clientId });
  const known = request.asked.filter((scope) => supportedScopes.includes(scope));
  const given = known.filter((scope) => request.allowed.has(scope));
  const refused = known.filter((scope) => !request.allowed.has(scope));
  if (given.length > 0) grant.addOIDCScope(given.join(' '));
  if (refused.length > 0) grant.rejectOIDCScope(refused.join(' '));
  for (const resource of request.resources) {
    const ofResource = (scopes: readonly string[]): string =>
      scopes.filter((scope) => resourceScopes.includes(scope)).join(' ');
    if (ofResource(given) !== '') grant.addResourceScope(resource, ofResource(given));
    if (ofResource(refused) !== '') grant.rejectResourceScope(resource, ofResource(refused));
  }
  return grant;
}
