import {
  errors,
  interactionPolicy,
  type Account as Person,
  type Configuration,
  type KoaContextWithOIDC,
} from 'oidc-provider';
import type { OAuthConfig } from '../../config/oauth-settings.ts';
import type { Directory } from '../directory.ts';
import { isOwnResource } from './caller-origin.ts';
import type { ClientDirectory } from './client-directory.ts';
import { builtInClients, registeredClientPrefix } from './clients.ts';
import { currentExchange } from './exchange.ts';
import { grantFor } from './grants.ts';
import type { ProviderPages } from './provider-pages.ts';
import { RecordAdapter, type RecordKeeping } from './record-adapter.ts';
import { resourceScopes, supportedScopes } from './scopes.ts';
import type { KeySet } from './signing-keys.ts';

const YEAR_SECONDS = 366 * 86_400;

/** What the configuration of the library is made of. */
export interface ProviderParts {
  readonly origin: string;
  readonly keys: KeySet;
  readonly settings: () => OAuthConfig;
  readonly directory: Directory;
  readonly clients: ClientDirectory;
  readonly keeping: RecordKeeping;
  readonly pages: ProviderPages;
}

/** The library's configuration for one origin and one set of keys. Everything is set: its defaults speak to the console. */
export function providerConfiguration(parts: ProviderParts): Configuration {
  const { origin, keys, settings, directory, keeping, pages } = parts;
  const seconds = (read: (config: OAuthConfig) => number) => (): number => Math.ceil(read(settings()) / 1000);
  const accessToken = seconds((config) => config.accessTokenLifetimeMs);
  const cookie = { httpOnly: true, sameSite: 'lax', signed: true } as const;
  return {
    adapter: (model: string) => (model === 'Client' ? parts.clients : new RecordAdapter(model, keeping)),
    jwks: { keys: [...keys.jwks] },
    cookies: {
      keys: [...keys.cookieKeys],
      names: { session: 'ucode_session', interaction: 'ucode_interaction', resume: 'ucode_resume' },
      long: { ...cookie, path: '/oidc' },
      short: cookie,
    },
    scopes: [...supportedScopes],
    claims: {
      openid: ['sub'],
      profile: ['name', 'preferred_username', 'groups'],
      email: ['email'],
      acr: null,
      amr: null,
      auth_time: null,
      iss: null,
      sid: null,
    },
    responseTypes: ['code'],
    subjectTypes: ['public'],
    clientAuthMethods: ['none', 'client_secret_basic', 'client_secret_post'],
    clientDefaults: {
      grant_types: ['authorization_code'],
      response_types: ['code'],
      id_token_signed_response_alg: 'RS256',
      token_endpoint_auth_method: 'none',
    },
    enabledJWA: { idTokenSigningAlgValues: ['RS256', 'ES256'] },
    allowOmittingSingleRegisteredRedirectUri: false,
    enableHttpPostMethods: false,
    pkce: { required: () => true },
    routes: {
      authorization: '/v1/authorize',
      token: '/v1/token',
      device_authorization: '/v1/device_authorization',
      code_verification: '/device',
      revocation: '/v1/revoke',
      introspection: '/v1/introspect',
      jwks: '/v1/jwks',
      registration: '/v1/register',
      userinfo: '/v1/userinfo',
      end_session: '/v1/end_session',
    },
    ttl: {
      AccessToken: accessToken,
      ClientCredentials: accessToken,
      AuthorizationCode: 60,
      DeviceCode: 600,
      Grant: YEAR_SECONDS,
      IdToken: 3600,
      Interaction: 3600,
      RefreshToken: seconds((config) => config.refreshTokenLifetimeMs),
      Session: seconds((config) => config.sessionLifetimeMs),
    },
    rotateRefreshToken: true,
    // Terminals stay signed in when the browser signs out; deactivation and revocation end them.
    expiresWithSession: () => false,
    issueRefreshToken: (_ctx, client, source) =>
      client.grantTypeAllowed('refresh_token') && source.scopes.has('offline_access'),
    clientBasedCORS: (_ctx, from, client) =>
      from !== 'null' && (client.redirectUris ?? []).some((uri) => URL.parse(uri)?.origin === from),
    findAccount: (_ctx, id) => findPerson(directory, id),
    loadExistingGrant: (ctx) => existingGrant(ctx),
    interactions: { policy: policy(), url: (_ctx, interaction) => `/oidc/interaction/${interaction.uid}` },
    renderError: (ctx, out) => pages.error(ctx, out),
    features: {
      devInteractions: { enabled: false },
      dPoP: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      clientCredentials: { enabled: true },
      userinfo: { enabled: true },
      deviceFlow: {
        enabled: true,
        charset: 'base-20',
        mask: '****-****',
        deviceInfo: () => ({ ip: currentExchange()?.sourceIp, ua: currentExchange()?.userAgent?.slice(0, 200) }),
        userCodeInputSource: (ctx, _form, _out, problem) => pages.codeInput(ctx, problem),
        userCodeConfirmSource: (ctx, _form, client, info, shownCode) => pages.confirm(ctx, client, info, shownCode),
        successSource: (ctx) => pages.done(ctx),
      },
      introspection: {
        enabled: true,
        allowedPolicy: (_ctx, client, token) =>
          client.clientAuthMethod !== 'none' && token.clientId === client.clientId,
      },
      revocation: { enabled: true, allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId },
      registration: { enabled: settings().registration.enabled, issueRegistrationAccessToken: false },
      resourceIndicators: {
        enabled: true,
        defaultResource: async (_ctx, _client, oneOf) => (Array.isArray(oneOf) ? oneOf[0] : oneOf) ?? [],
        useGrantedResource: () => true,
        getResourceServerInfo: (_ctx, resource) => {
          if (!isOwnResource(resource, origin)) throw new errors.InvalidTarget();
          return { scope: resourceScopes.join(' '), audience: resource, accessTokenFormat: 'opaque' };
        },
      },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (ctx) => pages.signOut(ctx),
        postLogoutSuccessSource: (ctx) => pages.signedOut(ctx),
      },
    },
  };
}

function findPerson(directory: Directory, id: string): Person | undefined {
  const account = directory.byId(id);
  if (account === undefined || !account.active) return undefined;
  return {
    accountId: account.id,
    claims: () => ({
      sub: account.id,
      name: account.displayName,
      preferred_username: account.userName,
      groups: [...account.groups],
      ...(account.userName.includes('@') ? { email: account.userName } : {}),
    }),
  };
}

/** What was allowed already. Our own applications are allowed what they ask for; each sign-in is a grant of its own. */
async function existingGrant(ctx: KoaContextWithOIDC) {
  const { oidc } = ctx;
  const { client, session, provider } = oidc;
  const given = oidc.result?.consent?.grantId;
  if (given !== undefined) return provider.Grant.find(given);
  if (client === undefined || session === undefined) return undefined;
  if (!builtInClients.has(client.clientId)) {
    const known = session.grantIdFor(client.clientId);
    const grant = known === undefined ? undefined : await provider.Grant.find(known);
    return grant?.accountId === oidc.account?.accountId ? grant : undefined;
  }
  const accountId = oidc.account?.accountId;
  if (accountId === undefined || oidc.promptPending('login')) return undefined;
  const grant = grantFor(provider, {
    accountId,
    clientId: client.clientId,
    asked: [...oidc.requestParamScopes],
    allowed: new Set(client.scope?.split(' ')),
    resources: Object.keys(oidc.resourceServers ?? {}),
  });
  await grant.save();
  return grant;
}

/** When the browser is asked something: to sign in, and, for all but our own applications, for consent. */
function policy() {
  const { Check, base } = interactionPolicy;
  const prompts = base();
  prompts
    .get('login')
    ?.checks.add(
      new Check('account_gone', 'the account cannot sign in any more', (ctx) =>
        ctx.oidc.session?.accountId !== undefined && ctx.oidc.account === undefined
          ? Check.REQUEST_PROMPT
          : Check.NO_NEED_TO_PROMPT,
      ),
    );
  const consent = prompts.get('consent');
  // `prompt=consent` is only how the library is told that `offline_access` is meant.
  consent?.checks.remove('consent_prompt');
  consent?.checks.remove('native_client_prompt');
  consent?.checks.add(
    new Check('unverified_client', 'the application registered itself', (ctx) =>
      ctx.oidc.client?.clientId.startsWith(registeredClientPrefix) === true && ctx.oidc.result?.consent === undefined
        ? Check.REQUEST_PROMPT
        : Check.NO_NEED_TO_PROMPT,
    ),
  );
  return prompts;
}
