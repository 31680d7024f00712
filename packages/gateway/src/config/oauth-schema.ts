import { z } from 'zod';

const UNITS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** A duration up to a year, days included; gives milliseconds. */
function longDurationKey(least: number, most: number, range: string) {
  const error = `expected a duration such as "1h" or "30d", ${range}`;
  const toMs = (text: string): number => Number(text.slice(0, -1)) * UNITS[text.slice(-1) as keyof typeof UNITS];
  return z
    .string()
    .regex(/^\d{1,7}[smhd]$/, { error, abort: true })
    .refine((text) => toMs(text) >= least && toMs(text) <= most, { error })
    .transform(toMs);
}

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * Whether an address may be registered for answers: https, http on loopback, or an application's own scheme with a dot in
 * it (RFC 8252 7.1). Without user, fragment or wildcard, in plain ASCII, so that it reads the same to everybody.
 */
export function isRedirectUri(text: string, { ownSchemes }: { readonly ownSchemes: boolean }): boolean {
  if (text.length > 512 || !/^[\x21-\x7e]+$/.test(text) || /[\\*#<>"{}|^`]/.test(text)) return false;
  const url = URL.parse(text);
  if (url === null || url.username !== '' || url.password !== '' || url.hash !== '') return false;
  if (url.protocol === 'https:') return /^https:\/\/[^/@]+(\/|\?|$)/.test(text) && !LOOPBACK.has(url.hostname);
  if (url.protocol === 'http:') return /^http:\/\/[^/@]+(\/|\?|$)/.test(text) && LOOPBACK.has(url.hostname);
  return ownSchemes && /^[a-z][a-z0-9+-]*\.[a-z0-9.+-]+:$/.test(url.protocol);
}

const clientSchema = z.strictObject({
  client_id: z
    .string()
    .regex(/^[A-Za-z0-9._~-]{1,128}$/, { error: 'expected letters, digits and . _ ~ -' })
    .describe('Id that the application sends.'),
  name: z.string().trim().min(1).max(100).describe('Name that people see when they are asked for consent.'),
  redirect_uris: z
    .array(
      z.string().refine((uri) => isRedirectUri(uri, { ownSchemes: true }), {
        error: 'expected https, http on loopback, or an own scheme such as com.example.app:/callback, without fragment',
      }),
    )
    .max(32)
    .default([])
    .describe('Where answers may be sent, compared character by character; on loopback the port is free.'),
  secret: z
    .string()
    .min(16)
    .max(1024)
    .optional()
    .describe('Secret. Without one the application is public (PKCE alone).'),
  scopes: z
    .array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,100}$/, { error: 'expected a scope without blanks' }))
    .optional()
    .describe('Scopes it may ask for. Default: all.'),
  grant_types: z
    .array(z.enum(['authorization_code', 'refresh_token', 'device_code']))
    .default(['authorization_code', 'refresh_token'])
    .describe('How it may get tokens.'),
});

const registrationSchema = z.strictObject({
  enabled: z.boolean().default(true).describe('Whether applications (MCP clients) may register themselves (RFC 7591).'),
  max_per_hour: z
    .int()
    .min(1)
    .max(10_000)
    .default(30)
    .describe('Registrations an hour from one address, in each process.'),
  max_clients: z.int().min(1).max(1_000_000).default(10_000).describe('Registered applications at most.'),
  unused_lifetime: longDurationKey(UNITS.h, 366 * UNITS.d, 'from "1h" to "366d"')
    .prefault('30d')
    .describe('How long a registered application is kept after it was last given a token.'),
});

/** The key `identity.oauth`: the authorization server. Every key has a default. */
export const oauthSchema = z.strictObject({
  access_token_lifetime: longDurationKey(UNITS.s, UNITS.d, 'from "1s" to "24h"')
    .prefault('1h')
    .describe('How long an access token is valid.'),
  refresh_token_lifetime: longDurationKey(UNITS.h, 366 * UNITS.d, 'from "1h" to "366d"')
    .prefault('30d')
    .describe('How long a sign-in lasts without being used. A sign-in ends after a year in any case.'),
  refresh_reuse_window: longDurationKey(0, UNITS.d, 'from "0s" to "24h"')
    .prefault('60s')
    .describe(
      'How long a refresh token still works after it was replaced, for processes that refresh at the same time. Later reuse ends the sign-in.',
    ),
  session_lifetime: longDurationKey(5 * UNITS.m, 366 * UNITS.d, 'from "5m" to "366d"')
    .prefault('12h')
    .describe('How long a browser stays signed in.'),
  clients: z.array(clientSchema).max(1000).default([]).describe('Applications beside the built-in ones.'),
  dynamic_registration: registrationSchema.prefault({}).describe('Applications that register themselves.'),
});

export type OAuthSection = z.output<typeof oauthSchema>;
