import type { Answer, JsonSchema, Operation, Parameter, PlacedOperation } from './document-types.ts';
import { errorAnswers } from './error-shapes.ts';

/** A text parameter or form field: its name and what it is; `!` behind the name: it is needed. */
type Fields = Readonly<Record<string, string>>;

const authorization: Fields = {
  'response_type!': 'Always `code`.',
  'client_id!': 'Id of the client, such as `databricks-cli`.',
  'redirect_uri!': 'Where the browser is sent back; one that the client is registered with.',
  'code_challenge!': 'SHA-256 of the code verifier, base64url (RFC 7636).',
  'code_challenge_method!': 'Always `S256`.',
  scope: 'Scopes, separated by spaces.',
  state: 'Given back unchanged.',
  resource: 'What the token is for (RFC 8707).',
};

const token: Fields = {
  'grant_type!': '`authorization_code`, `refresh_token`, `client_credentials` or the device code grant (RFC 8628).',
  client_id: 'Of public clients.',
  code: 'Of the authorization code grant.',
  redirect_uri: 'As at the authorization endpoint.',
  code_verifier: 'Of the authorization code grant (RFC 7636).',
  refresh_token: 'Of the refresh token grant.',
  device_code: 'Of the device code grant.',
  scope: 'Scopes, separated by spaces.',
};

const known: Fields = { 'token!': 'The token.', token_type_hint: '`access_token` or `refresh_token`.' };
const client = [{ clientBasic: [] }, {}];

/** The OAuth server (`identity/oauth`). */
export const oauthOperations: readonly PlacedOperation[] = [
  document('/oidc/.well-known/oauth-authorization-server', 'getAuthorizationServer', 'RFC 8414'),
  document('/oidc/.well-known/openid-configuration', 'getOpenIdConfiguration', 'OpenID Connect Discovery'),
  document('/.well-known/oauth-protected-resource', 'getProtectedResource', 'RFC 9728'),
  document('/oidc/v1/jwks', 'getKeys', 'RFC 7517'),
  {
    method: 'get',
    path: '/oidc/v1/authorize',
    operation: {
      operationId: 'authorize',
      summary: 'Signs the user in, in a browser, and sends the browser back with a code.',
      tags: ['oauth'],
      parameters: parametersOf(authorization),
      responses: {
        303: { description: 'To the sign-in page, or back to the client.' },
        ...errorAnswers('oauth', [400]),
      },
      security: [],
    },
  },
  form('/oidc/v1/token', 'createOAuthToken', 'Gives a token for a grant.', token, client),
  form(
    '/oidc/v1/device_authorization',
    'authorizeDevice',
    'Begins a sign-in on another device (RFC 8628).',
    { 'client_id!': 'Id of the client.', scope: 'Scopes, separated by spaces.' },
    client,
  ),
  form('/oidc/v1/revoke', 'revokeOAuthToken', 'Revokes a token (RFC 7009).', known, client),
  form(
    '/oidc/v1/introspect',
    'introspectOAuthToken',
    'Says whose a token is and whether it is valid (RFC 7662).',
    known,
    [{ clientBasic: [] }],
  ),
  {
    method: 'post',
    path: '/oidc/v1/register',
    operation: {
      operationId: 'registerClient',
      summary: 'Registers a public client (RFC 7591).',
      tags: ['oauth'],
      requestBody: { required: true, content: { 'application/json': { schema: { type: 'object' } } } },
      responses: { 201: done(), ...errorAnswers('oauth', [400]) },
      security: [],
    },
  },
  {
    method: 'get',
    path: '/oidc/v1/userinfo',
    operation: {
      operationId: 'getUserInfo',
      summary: 'Says who has signed in (OpenID Connect Core 5.3).',
      tags: ['oauth'],
      responses: { 200: done(), ...errorAnswers('oauth', [401]) },
      security: [{ oauth2: ['openid'] }],
    },
  },
  page('/oidc/device', 'enterDeviceCode', 'Asks the user for the code that a device shows (RFC 8628 3.3).'),
  page('/oidc/v1/end_session', 'endSession', 'Signs the user out in the browser (OpenID Connect RP-Initiated Logout).'),
];

function document(path: string, operationId: string, standard: string): PlacedOperation {
  const summary = `Describes the OAuth server, as ${standard} has it.`;
  return {
    method: 'get',
    path,
    operation: { operationId, summary, tags: ['oauth'], responses: { 200: done() }, security: [] },
  };
}

function page(path: string, operationId: string, summary: string): PlacedOperation {
  const html = { description: 'A page.', content: { 'text/html': { schema: { type: 'string' } } } };
  return {
    method: 'get',
    path,
    operation: { operationId, summary, tags: ['oauth'], responses: { 200: html }, security: [] },
  };
}

function form(
  path: string,
  operationId: string,
  summary: string,
  fields: Fields,
  security: Operation['security'],
): PlacedOperation {
  const content = { 'application/x-www-form-urlencoded': { schema: schemaOf(fields) } };
  const responses = { 200: done(), ...errorAnswers('oauth', [400, 401]) };
  return {
    method: 'post',
    path,
    operation: { operationId, summary, tags: ['oauth'], requestBody: { required: true, content }, responses, security },
  };
}

function done(): Answer {
  return { description: 'Done.', content: { 'application/json': { schema: { type: 'object' } } } };
}

function parametersOf(fields: Fields): Parameter[] {
  return Object.entries(fields).map(([key, description]) => ({
    name: key.replace('!', ''),
    in: 'query',
    required: key.endsWith('!'),
    description,
    schema: { type: 'string' },
  }));
}

function schemaOf(fields: Fields): JsonSchema {
  const entries = Object.entries(fields);
  return {
    type: 'object',
    properties: Object.fromEntries(
      entries.map(([key, description]) => [key.replace('!', ''), { type: 'string', description }]),
    ),
    required: entries.filter(([key]) => key.endsWith('!')).map(([key]) => key.replace('!', '')),
  };
}
