import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Report } from './problems.ts';
import { identitySchema } from './sso-schema.ts';
import { readIdentity } from './sso-settings.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'ucode-sso-config-'));
  writeFileSync(path.join(directory, 'not-a-certificate.pem'), 'hello');
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const entry = { id: 'corp', name: 'Corp', issuer: 'https://login.example.com', client_id: 'gateway' };

function read(...sso: readonly object[]) {
  const problems: string[] = [];
  const report: Report = (at, message) => problems.push(`${at.join('.')}: ${message}`);
  const identity = readIdentity(identitySchema.parse({ sso }), directory, report);
  return { identity, problems };
}

test('the least there is to say has safe defaults', () => {
  const { identity, problems } = read(entry);
  expect(problems).toEqual([]);
  expect(identity.localUsers).toBe(true);
  expect(identity.sso).toEqual([
    {
      id: 'corp',
      name: 'Corp',
      issuer: 'https://login.example.com',
      clientId: 'gateway',
      clientSecret: undefined,
      clientAuthentication: undefined,
      scopes: ['openid', 'profile', 'email'],
      prompt: undefined,
      userClaim: 'email',
      verifiedClaim: 'email_verified',
      requireVerifiedEmail: true,
      groupsClaim: 'groups',
      groupMapping: new Map(),
      groups: 'mapped-only',
      allowedDomains: [],
      createUsers: true,
      linkExisting: 'verified',
      certificates: undefined,
      allowedPrivateNetworks: [],
    },
  ]);
});

test.each([
  ['http://login.example.com', /not https/],
  ['http://10.0.0.1', /not https/],
  ['http://127.0.0.1.example.com', /not https/],
  ['https://login.example.com/?x=1', /no query/],
  ['https://login.example.com/#x', /no query/],
  ['https://user:pass@login.example.com', /no query, fragment or user/],
  ['https://login.microsoftonline.com/common/v2.0', /every Microsoft account/],
  ['https://login.microsoftonline.com/organizations/v2.0', /every Microsoft account/],
])('the issuer %s is reported', (issuer, message) => {
  expect(read({ ...entry, issuer }).problems).toEqual([expect.stringMatching(message) as string]);
});

test.each([
  'http://127.0.0.1:8080/realms/a',
  'http://localhost:8080',
  'http://[::1]:8080',
  'https://login.microsoftonline.com/1234/v2.0',
])('the issuer %s is fine', (issuer) => expect(read({ ...entry, issuer }).problems).toEqual([]));

test('two providers of one name are reported', () => {
  expect(read(entry, entry).problems).toEqual([
    "identity.sso.1.id: the provider 'corp' is already there as identity.sso[0]",
  ]);
});

test('certificates that are not there or are none are reported', () => {
  expect(read({ ...entry, ca_file: 'missing.pem' }).problems).toEqual([
    'identity.sso.0.ca_file: the file cannot be read (ENOENT)',
  ]);
  expect(read({ ...entry, ca_file: 'not-a-certificate.pem' }).problems).toEqual([
    'identity.sso.0.ca_file: not a certificate',
  ]);
});

test.each<[string, object]>([
  ['an id with a slash', { id: '../x' }],
  ['an id in capitals', { id: 'Corp' }],
  ['an issuer that is no address', { issuer: 'login.example.com' }],
  ['an issuer of another kind', { issuer: 'javascript:alert(1)' }],
  ['scopes without openid', { scopes: ['profile'] }],
  ['a scope with a blank', { scopes: ['openid', 'a b'] }],
  ['a domain with an at', { allowed_domains: ['@example.com'] }],
  ['a network that is none', { allowed_private_networks: ['10.0.0.0/99'] }],
  ['a key that is unknown', { secret: 'x' }],
])('%s is refused', (_name, change) => {
  expect(identitySchema.safeParse({ sso: [{ ...entry, ...change }] }).success).toBe(false);
});
