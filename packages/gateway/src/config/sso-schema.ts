import { z } from 'zod';
import { oauthSchema } from './oauth-schema.ts';
import { isNetwork } from './server-schema.ts';

/** A claim: its name, or names from the outside in, with dots between. */
const claimPath = z.string().min(1).max(256);

const domain = z
  .string()
  .regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/i, { error: 'expected a domain such as "example.com"' })
  .transform((text) => text.toLowerCase());

const ssoProviderSchema = z.strictObject({
  id: z
    .string()
    .regex(/^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/, { error: 'expected small letters, digits and hyphens' })
    .describe('Name in addresses: the redirect URI to register is `<public_url>/oidc/sso/<id>/callback`.'),
  name: z.string().trim().min(1).max(64).describe('Name on the button of the sign-in page.'),
  issuer: z
    .url({ protocol: /^https?$/, error: 'expected an address such as "https://login.example.com/realms/main"' })
    .describe('Issuer, exactly as the provider writes it. https, unless it is on loopback.'),
  client_id: z.string().min(1).max(512).describe('Client id that the provider gave to the gateway.'),
  client_secret: z
    .string()
    .min(1)
    .max(2048)
    .optional()
    .describe('Its secret. Without one the client is public: PKCE alone.'),
  client_authentication: z
    .enum(['client_secret_basic', 'client_secret_post'])
    .optional()
    .describe('How the secret is sent. Default: `client_secret_basic`, unless the provider lists only the other.'),
  scopes: z
    .array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,256}$/, { error: 'expected a scope without blanks' }))
    .max(32)
    .default(['openid', 'profile', 'email'])
    .refine((scopes) => scopes.includes('openid'), { error: 'expected `openid` among the scopes' })
    .describe('Scopes that are asked for; some providers want `groups` here.'),
  prompt: z
    .enum(['login', 'select_account', 'consent'])
    .optional()
    .describe('What the provider asks for even of people who are signed in there, such as which account to use.'),
  user_claim: claimPath
    .default('email')
    .describe('Claim that is the user name here: `email`, `preferred_username`, `upn`… One that users cannot choose.'),
  verified_claim: claimPath
    .default('email_verified')
    .describe('Claim that says the e-mail address is verified. Entra: `xms_edov`.'),
  require_verified_email: z
    .boolean()
    .default(true)
    .describe('Whether people whose e-mail address is not verified are refused. Applies where the address is used.'),
  groups_claim: claimPath
    .default('groups')
    .describe('Claim with the groups; `realm_access.roles` is `roles` within `realm_access`.'),
  group_mapping: z
    .record(z.string().min(1).max(256), z.string().trim().min(1).max(256))
    .default({})
    .describe("The provider's group, by name, path or id, to the group of the gateway. The only way into `admins`."),
  groups: z
    .enum(['mapped-only', 'all'])
    .default('mapped-only')
    .describe('Whether groups without a mapping count too, under their own name.'),
  allowed_domains: z
    .array(domain)
    .max(1000)
    .default([])
    .describe('Domains of e-mail addresses that may sign in. Empty: all that the provider signs in.'),
  create_users: z
    .boolean()
    .default(true)
    .describe('Whether people unknown to the gateway get an account when they first sign in.'),
  link_existing: z
    .enum(['none', 'verified', 'all'])
    .default('verified')
    .describe(
      'Which accounts that exist already are signed in to by name. `verified`: by verified e-mail address, and none that has a password here, that `users` puts into `admins`, or that another provider signs in to. `none`: none. `all`: all.',
    ),
  ca_file: z
    .string()
    .min(1)
    .optional()
    .describe("Certificates (PEM) to trust for this provider, beside the system's; relative to this file."),
  allowed_private_networks: z
    .array(z.string().refine(isNetwork, { error: 'expected a network such as "10.0.0.0/8" or one IP address' }))
    .default([])
    .describe('Private networks this provider may live in, beside `server.allowed_private_networks`.'),
});

/** The key `identity`: how people sign in. */
export const identitySchema = z.strictObject({
  sso: z
    .array(ssoProviderSchema)
    .max(32)
    .default([])
    .describe('OpenID Connect identity providers that people sign in with: Okta, Entra, Google, Keycloak and others.'),
  oauth: oauthSchema.prefault({}).describe('The authorization server that agents and applications sign in at.'),
  local_users: z.boolean().default(true).describe('Whether users may sign in with a password that the gateway keeps.'),
});

export type SsoProviderEntry = z.output<typeof ssoProviderSchema>;
