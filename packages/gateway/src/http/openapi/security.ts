import { scopeDescriptions } from '../../identity/oauth/scopes.ts';
import { ALL_APIS } from '../../identity/scopes.ts';
import type { Operation } from './document-types.ts';

/** What tokens may be asked for, with what each allows. */
const scopes: Readonly<Record<string, string>> = Object.fromEntries(scopeDescriptions);

/** `components.securitySchemes`. Addresses are relative to the gateway's origin. */
export const securitySchemes = {
  bearer: {
    type: 'http',
    scheme: 'bearer',
    description: 'A personal access token or an OAuth access token.',
  },
  oauth2: {
    type: 'oauth2',
    flows: {
      authorizationCode: {
        authorizationUrl: '/oidc/v1/authorize',
        tokenUrl: '/oidc/v1/token',
        refreshUrl: '/oidc/v1/token',
        scopes,
      },
      clientCredentials: { tokenUrl: '/oidc/v1/token', scopes },
    },
  },
  anthropicKey: {
    type: 'apiKey',
    in: 'header',
    name: 'x-api-key',
    description: 'A token, as Anthropic clients send it.',
  },
  googleKey: {
    type: 'apiKey',
    in: 'header',
    name: 'x-goog-api-key',
    description: 'A token, as Google clients send it.',
  },
  clientBasic: { type: 'http', scheme: 'basic', description: 'Id and secret of an OAuth client or service principal.' },
} as const;

/** A token for everything, or with one of these scopes. */
export function tokenSecurity(scopesThatDo: readonly string[] = []): Operation['security'] {
  return [{ bearer: [] }, { oauth2: [ALL_APIS] }, ...scopesThatDo.map((scope) => ({ oauth2: [scope] }))];
}
