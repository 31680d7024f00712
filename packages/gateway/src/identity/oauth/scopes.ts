import { ALL_APIS } from '../scopes.ts';

/** What each scope lets an application do, for the consent page. */
export const scopeDescriptions: ReadonlyMap<string, string> = new Map([
  [ALL_APIS, 'Do everything you may do in this gateway'],
  ['offline_access', 'Stay signed in until you sign it out'],
  ['sql', 'Run SQL statements as you'],
  ['unity-catalog', 'Read and change the catalog as you'],
  ['mcp', 'Use MCP servers as you'],
  ['model-serving', 'Call models as you'],
  ['openid', 'Know who you are'],
  ['profile', 'See your name'],
  ['email', 'See your e-mail address'],
]);

/** Every scope there is (workspace-contract 3.3). */
export const supportedScopes: readonly string[] = [...scopeDescriptions.keys()];

/** Scopes that are about the person, not about an API: not part of a token for one resource. */
const personScopes: ReadonlySet<string> = new Set(['openid', 'profile', 'email']);

/** Scopes of tokens for a resource of this gateway (RFC 8707). */
export const resourceScopes: readonly string[] = supportedScopes.filter((scope) => !personScopes.has(scope));

/** What an application that registered itself may get: one may ask for more, and is not given it. */
export const registeredClientScopes: ReadonlySet<string> = new Set(
  supportedScopes.filter((scope) => scope !== ALL_APIS),
);

/** What an application that registered itself gets when it asks for nothing. */
export const defaultRegisteredScope = 'mcp offline_access';
