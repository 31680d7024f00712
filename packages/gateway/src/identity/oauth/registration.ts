import { randomBytes } from 'node:crypto';
import type { ClientMetadata } from 'oidc-provider';
import { z } from 'zod';
import { isRedirectUri } from '../../config/oauth-schema.ts';
import { registeredClient, registeredClientPrefix } from './clients.ts';
import { registeredClientScopes } from './scopes.ts';

/** A refusal as RFC 7591 3.2.2 has it. */
export interface RegistrationProblem {
  readonly error: 'invalid_redirect_uri' | 'invalid_client_metadata';
  readonly error_description: string;
}

// Everything else that a client says of itself is passed over: nothing of it is shown or believed.
const requestSchema = z.object({
  redirect_uris: z.array(z.string().max(512)).min(1).max(10),
  client_name: z.string().max(200).optional(),
});

/**
 * A registration (RFC 7591) as the application it makes. Whatever is asked for, it is public, has a browser, and answers go to loopback or https.
 * @param now milliseconds since 1970.
 */
export function readRegistration(body: unknown, now: number): ClientMetadata | RegistrationProblem {
  const parsed = requestSchema.safeParse(body);
  if (!parsed.success) {
    const redirect = parsed.error.issues.some((issue) => issue.path[0] === 'redirect_uris');
    return redirect
      ? { error: 'invalid_redirect_uri', error_description: 'redirect_uris must hold 1 to 10 addresses' }
      : { error: 'invalid_client_metadata', error_description: 'the metadata has the wrong form' };
  }
  const { redirect_uris: redirectUris, client_name: clientName } = parsed.data;
  if (!redirectUris.every((uri) => isRedirectUri(uri, { ownSchemes: false }))) {
    const description =
      'redirect_uris must be https, or http on localhost, 127.0.0.1 or [::1], without user and fragment';
    return { error: 'invalid_redirect_uri', error_description: description };
  }
  return registeredClient(registeredClientPrefix + randomBytes(16).toString('base64url'), {
    name: printable(clientName ?? '') || 'Unnamed application',
    redirectUris,
    issuedAt: now,
  });
}

/** What is answered: the application as it was registered. */
export function registrationAnswer(client: ClientMetadata): Readonly<Record<string, unknown>> {
  return { ...client, scope: [...registeredClientScopes].join(' ') };
}

/** One line without control characters and without those that turn or hide text; at most 60 of them. */
function printable(name: string): string {
  return [
    ...name
      .normalize('NFKC')
      .replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '')
      .replace(/\s+/g, ' ')
      .trim(),
  ]
    .slice(0, 60)
    .join('');
}
