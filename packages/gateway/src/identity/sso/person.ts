import type { SsoProviderConfig } from '../../config/sso-settings.ts';
import { claimAt, isName, saysYes, type Claims } from './claims.ts';
import { groupsOf, usesGroups } from './group-claims.ts';
import { refused } from './sign-in-errors.ts';

/** Somebody that the provider has signed in and who may come in. */
export interface Person {
  /** `sub`. */
  readonly subject: string;
  readonly userName: string;
  readonly displayName: string | undefined;
  /** As in `SignedIn`. */
  readonly groups: readonly string[] | undefined;
  /** Whether the user name is an e-mail address that the provider has verified. */
  readonly isVerifiedName: boolean;
}

/** Whether claims that are needed are not there, and may be in userinfo. */
export function lacksClaims(provider: SsoProviderConfig, claims: Claims): boolean {
  const needed = [
    provider.userClaim,
    ...(usesEmail(provider) ? ['email', provider.verifiedClaim] : []),
    ...(usesGroups(provider) ? [provider.groupsClaim] : []),
  ];
  return needed.some((path) => claimAt(claims, path) === undefined);
}

/**
 * Reads claims by the provider's settings.
 * @throws GatewayError `policy_sign_in_refused` with what is missing, for the person and their administrator.
 */
export function personOf(provider: SsoProviderConfig, subject: string, claims: Claims): Person {
  const userName = claimAt(claims, provider.userClaim);
  if (userName === undefined) {
    throw refused(
      `${provider.name} does not say who you are: the claim that user_claim names is missing. An administrator can add it there, or name another.`,
    );
  }
  if (!isName(userName)) throw refused(`The user name that ${provider.name} sends cannot be used as one.`);
  const isVerified = saysYes(claimAt(claims, provider.verifiedClaim));
  if (usesEmail(provider) && provider.requireVerifiedEmail && !isVerified) {
    throw refused(`${provider.name} has not verified your e-mail address. Verify it there and sign in again.`);
  }
  checkDomains(provider, userName, claimAt(claims, 'email'));
  const displayName = claimAt(claims, 'name');
  return {
    subject,
    userName,
    displayName: isName(displayName) ? displayName : undefined,
    groups: groupsOf(provider, claims),
    isVerifiedName: provider.userClaim === 'email' && isVerified,
  };
}

/** Whether the e-mail address decides anything. */
function usesEmail(provider: SsoProviderConfig): boolean {
  return provider.userClaim === 'email' || provider.allowedDomains.length > 0;
}

/** The user name, where it is an address, and the e-mail address must be in the domains; one of them must be there. */
function checkDomains(provider: SsoProviderConfig, userName: string, email: unknown): void {
  if (provider.allowedDomains.length === 0) return;
  const addresses = [...(userName.includes('@') ? [userName] : []), ...(email === undefined ? [] : [email])];
  const allowed = addresses.every((address) => isIn(address, provider.allowedDomains));
  if (addresses.length === 0 || !allowed)
    throw refused('Your e-mail address is not of a domain that may sign in here.');
}

function isIn(address: unknown, domains: readonly string[]): boolean {
  if (!isName(address)) return false;
  const at = address.lastIndexOf('@');
  return at > 0 && domains.includes(address.slice(at + 1).toLowerCase());
}
