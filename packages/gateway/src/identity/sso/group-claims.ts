import { asRecord } from '../../lib/json-value.ts';
import type { SsoProviderConfig } from '../../config/sso-settings.ts';
import { claimAt, isName, type Claims } from './claims.ts';
import { refused } from './sign-in-errors.ts';

/** Groups that give power here; the provider's groups of that name do not count, unless they are mapped to them. */
const RESERVED = new Set(['admins', 'account users', 'users']);
/** Groups of one person, after mapping, at most. */
const MOST_GROUPS = 2_000;

/** Whether this provider is asked for groups at all. */
export function usesGroups(provider: SsoProviderConfig): boolean {
  return provider.groups === 'all' || provider.groupMapping.size > 0;
}

/**
 * The gateway's groups that the provider's claim gives; `undefined` where the provider is not asked for groups. A claim
 * that is not there means no groups, as some providers leave it out for people without any: membership that is
 * lost there is lost here.
 * @throws GatewayError `policy_sign_in_refused` where the claim cannot be read, or holds only a part of the groups.
 */
export function groupsOf(provider: SsoProviderConfig, claims: Claims): readonly string[] | undefined {
  if (!usesGroups(provider)) return undefined;
  if (isOverage(provider, claims)) {
    throw refused(
      `You are in more groups than ${provider.name} puts into a sign-in, so what you may do is not known. An administrator can let it send only the groups that are assigned to the gateway, or application roles.`,
    );
  }
  const found = new Set<string>();
  for (const name of listed(provider, claimAt(claims, provider.groupsClaim))) {
    const mapped = provider.groupMapping.get(name);
    if (mapped !== undefined) found.add(mapped);
    else if (provider.groups === 'all' && isName(name) && !RESERVED.has(name.toLowerCase())) found.add(name);
  }
  if (found.size > MOST_GROUPS) {
    throw refused(
      `You are in more than ${MOST_GROUPS} groups at ${provider.name}. An administrator can take only mapped ones: groups: mapped-only.`,
    );
  }
  return [...found].toSorted();
}

function listed(provider: SsoProviderConfig, claim: unknown): readonly string[] {
  if (claim === undefined || claim === null) return [];
  if (typeof claim === 'string') return [claim];
  if (Array.isArray(claim) && claim.every((name): name is string => typeof name === 'string')) return claim;
  throw refused(
    `${provider.name} sends your groups in a form that cannot be read. An administrator can point groups_claim at a list of names.`,
  );
}

/** Entra names the groups claim under `_claim_names`, or sets `hasgroups`, instead of sending more than 200 groups. */
function isOverage(provider: SsoProviderConfig, claims: Claims): boolean {
  const elsewhere = asRecord(claims['_claim_names']);
  if (elsewhere !== undefined && Object.hasOwn(elsewhere, provider.groupsClaim)) return true;
  return provider.groupsClaim === 'groups' && claims['hasgroups'] === true && claims['groups'] === undefined;
}
