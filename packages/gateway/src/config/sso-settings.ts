import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { z } from 'zod';
import { readOAuth, type OAuthConfig } from './oauth-settings.ts';
import type { Report } from './problems.ts';
import type { identitySchema, SsoProviderEntry } from './sso-schema.ts';

/** An identity provider of the company. Made by `readIdentity` only. */
export interface SsoProviderConfig {
  readonly id: string;
  readonly name: string;
  /** Exactly as the provider writes it. */
  readonly issuer: string;
  readonly clientId: string;
  /** In plain. Never serialise this. */
  readonly clientSecret: string | undefined;
  readonly clientAuthentication: 'client_secret_basic' | 'client_secret_post' | undefined;
  readonly scopes: readonly string[];
  readonly prompt: 'login' | 'select_account' | 'consent' | undefined;
  readonly userClaim: string;
  readonly verifiedClaim: string;
  readonly requireVerifiedEmail: boolean;
  readonly groupsClaim: string;
  /** The provider's groups to the gateway's. */
  readonly groupMapping: ReadonlyMap<string, string>;
  readonly groups: 'mapped-only' | 'all';
  /** In small letters. */
  readonly allowedDomains: readonly string[];
  readonly createUsers: boolean;
  readonly linkExisting: 'none' | 'verified' | 'all';
  /** PEM. */
  readonly certificates: string | undefined;
  readonly allowedPrivateNetworks: readonly string[];
}

/** How people sign in. */
export interface IdentityConfig {
  /** In the order of the sign-in page. */
  readonly sso: readonly SsoProviderConfig[];
  /** Whether users may sign in with a password that the gateway keeps. */
  readonly localUsers: boolean;
  readonly oauth: OAuthConfig;
}

/** Entra's issuers that stand for every tenant in the world. */
const ALL_TENANTS = /^https:\/\/login\.microsoftonline\.com\/(?:common|organizations|consumers)(?:\/|$)/i;

/**
 * The section `identity`. Reads the certificate files.
 * @param directory that relative paths start from
 */
export function readIdentity(file: z.output<typeof identitySchema>, directory: string, report: Report): IdentityConfig {
  return {
    sso: readSso(file.sso, directory, report),
    localUsers: file.local_users,
    oauth: readOAuth(file.oauth, { at: ['identity', 'oauth'], report }),
  };
}

function readSso(
  entries: readonly SsoProviderEntry[],
  directory: string,
  report: Report,
): readonly SsoProviderConfig[] {
  const at = ['identity', 'sso'];
  const seen = new Map<string, number>();
  return entries.map((entry, index) => {
    const first = seen.get(entry.id);
    if (first === undefined) seen.set(entry.id, index);
    else
      report(
        [...at, index, 'id'],
        `the provider '${entry.id}' is already there as identity.sso[${first}]`,
        'Name it differently',
      );
    checkIssuer(entry.issuer, (message, cure) => report([...at, index, 'issuer'], message, cure));
    return {
      id: entry.id,
      name: entry.name,
      issuer: entry.issuer,
      clientId: entry.client_id,
      clientSecret: entry.client_secret,
      clientAuthentication: entry.client_authentication,
      scopes: entry.scopes,
      prompt: entry.prompt,
      userClaim: entry.user_claim,
      verifiedClaim: entry.verified_claim,
      requireVerifiedEmail: entry.require_verified_email,
      groupsClaim: entry.groups_claim,
      groupMapping: new Map(Object.entries(entry.group_mapping)),
      groups: entry.groups,
      allowedDomains: entry.allowed_domains,
      createUsers: entry.create_users,
      linkExisting: entry.link_existing,
      certificates:
        entry.ca_file === undefined
          ? undefined
          : readCertificates(path.resolve(directory, entry.ca_file), (message, cure) =>
              report([...at, index, 'ca_file'], message, cure),
            ),
      allowedPrivateNetworks: entry.allowed_private_networks,
    };
  });
}

type Problem = (message: string, cure: string) => void;

function checkIssuer(issuer: string, problem: Problem): void {
  const url = new URL(issuer);
  if (url.search !== '' || url.hash !== '' || url.username !== '' || url.password !== '') {
    problem('an issuer has no query, fragment or user', 'Copy `issuer` from the discovery document of the provider');
  } else if (url.protocol !== 'https:' && !isLoopback(url.hostname)) {
    problem('the issuer is not https', 'Use https; http is for loopback only');
  } else if (ALL_TENANTS.test(issuer)) {
    problem('this issuer signs in every Microsoft account', 'Put the id of your tenant in place of that word');
  }
}

/** Whether a host is this machine: `localhost`, `127.x.x.x`, `[::1]`. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(hostname);
}

function readCertificates(file: string, problem: Problem): string | undefined {
  const cure = `Make ${file} a file with certificates in PEM form`;
  try {
    const text = readFileSync(file, 'utf8');
    void new X509Certificate(text);
    return text;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    problem(code === 'ENOENT' || code === 'EACCES' ? `the file cannot be read (${code})` : 'not a certificate', cure);
    return undefined;
  }
}
