import { z } from 'zod';
import { GatewayError } from '../../errors/gateway-error.ts';
import type { AccountDirectory } from '../../identity/account-directory.ts';
import type { AccessTokens } from '../../identity/access-tokens.ts';
import type { Account } from '../../identity/directory.ts';
import type { TokenInfo } from '../../identity/tokens.ts';
import { nameKey } from '../../lib/name-key.ts';
import type { RestContext, RestRequest, RestRoute } from '../rest-route.ts';
import { bodyOf } from './unity-requests.ts';

/** Longest life that may be asked for: ten years, so that a slip of the finger is seen. */
const lifetime = z.int().min(1).max(315_360_000).describe('Seconds until it expires; never, when left out.');
const comment = z
  .string()
  .max(1_024)
  .regex(/^[^\p{Cc}]*$/u, { error: 'has control characters' })
  .describe('What it is for.');
const scopes = z
  .array(z.string().regex(/^[\w.:-]{1,64}$/, { error: 'is not a scope' }))
  .min(1)
  .max(32)
  .describe('What it may be used for. Default: all-apis, which is everything its owner may.');

const createBody = z.object({
  comment: comment.optional(),
  lifetime_seconds: lifetime.optional(),
  scopes: scopes.optional(),
});
const onBehalfBody = createBody.extend({
  application_id: z.string().min(1).max(256).describe('Service principal that the token speaks for.'),
});
const deleteBody = z.object({ token_id: z.string().min(1).max(64) });

const tokenInfo = z.object({
  token_id: z.string(),
  creation_time: z.number(),
  expiry_time: z.number().describe('-1: never.'),
  comment: z.string(),
});
const created = z.object({ token_value: z.string(), token_info: tokenInfo });

/**
 * Personal access tokens, as the vendor's Token and Token Management APIs have them. Making one needs a token of
 * `all-apis`; one made with a personal access token never outlives that.
 */
export const tokenRoutes: readonly RestRoute[] = [
  {
    method: 'POST',
    path: '/api/2.0/token/create',
    describe: {
      id: 'createToken',
      summary: 'Makes a personal access token of the caller; its value is shown once.',
      access: 'user',
      tag: 'tokens',
      body: createBody,
      answer: created,
    },
    async handle(request, context) {
      const body = bodyOf(createBody, request);
      const lifetimeSeconds = await withinOwnLife(request, context.tokens, body.lifetime_seconds);
      return create(request, context, callerOf(request, context.directory), {
        ...body,
        lifetime_seconds: lifetimeSeconds,
      });
    },
  },
  {
    method: 'GET',
    path: '/api/2.0/token/list',
    describe: {
      id: 'listTokens',
      summary: "Lists the caller's valid tokens, without their values.",
      access: 'user',
      tag: 'tokens',
      answer: z.object({ token_infos: z.array(tokenInfo) }),
    },
    async handle(request, { tokens, directory }) {
      const found = await tokens.list(callerOf(request, directory));
      return { status: 200, body: { token_infos: found.filter(isValid).map(publicInfo) } };
    },
  },
  {
    method: 'POST',
    path: '/api/2.0/token/delete',
    describe: {
      id: 'revokeToken',
      summary: "Revokes one of the caller's tokens, at once and for good.",
      access: 'user',
      tag: 'tokens',
      body: deleteBody,
    },
    async handle(request, { tokens, directory }) {
      const { token_id: id } = bodyOf(deleteBody, request);
      const caller = callerOf(request, directory);
      const token = await tokens.get(id);
      if (token === undefined || tokens.ownerOf(token)?.id !== caller.id) throw noToken(id);
      return revoke(request, tokens, directory, token);
    },
  },
  {
    method: 'GET',
    path: '/api/2.0/token-management/tokens',
    describe: {
      id: 'listAllTokens',
      summary: "Lists everybody's valid tokens, without their values.",
      access: 'admin',
      tag: 'tokenManagement',
      query: {
        created_by_username: z.string().describe('Only tokens that this account made.'),
        created_by_id: z.string().describe('Only tokens that the account with this id made.'),
      },
    },
    async handle({ query }, { tokens, directory }) {
      const [name, id] = [query.get('created_by_username'), query.get('created_by_id')];
      const infos = (await tokens.list()).filter(isValid).map((one) => adminInfo(one, tokens, directory));
      const found = infos.filter(
        (info) =>
          (name === null || nameKey(info.created_by_username) === nameKey(name)) &&
          (id === null || info.created_by_id === id),
      );
      return { status: 200, body: { token_infos: found } };
    },
  },
  {
    method: 'GET',
    path: '/api/2.0/token-management/tokens/{id}',
    describe: { id: 'getTokenOfAnybody', summary: 'Shows a token.', access: 'admin', tag: 'tokenManagement' },
    async handle({ params }, { tokens, directory }) {
      const token = await tokens.get(params['id'] ?? '');
      if (token === undefined) throw noToken(params['id'] ?? '');
      return { status: 200, body: { token_info: adminInfo(token, tokens, directory) } };
    },
  },
  {
    method: 'DELETE',
    path: '/api/2.0/token-management/tokens/{id}',
    describe: {
      id: 'revokeTokenOfAnybody',
      summary: 'Revokes a token of anybody, at once and for good.',
      access: 'admin',
      tag: 'tokenManagement',
    },
    async handle(request, { tokens, directory }) {
      const token = await tokens.get(request.params['id'] ?? '');
      if (token === undefined) throw noToken(request.params['id'] ?? '');
      return revoke(request, tokens, directory, token);
    },
  },
  {
    method: 'POST',
    path: '/api/2.0/token-management/on-behalf-of/tokens',
    describe: {
      id: 'createTokenOnBehalf',
      summary: 'Makes a token of a service principal; its value is shown once.',
      access: 'admin',
      tag: 'tokenManagement',
      body: onBehalfBody,
      answer: created,
    },
    async handle(request, context) {
      const body = bodyOf(onBehalfBody, request);
      const account = context.directory.byName(body.application_id);
      if (account?.type !== 'SERVICE_PRINCIPAL') {
        throw new GatewayError('caller_not_found', `There is no service principal '${body.application_id}'.`);
      }
      // An admin's token makes no admin's token that outlives it.
      const lifetimeSeconds = await withinOwnLife(request, context.tokens, body.lifetime_seconds);
      return create(request, context, account, { ...body, lifetime_seconds: lifetimeSeconds });
    },
  },
];

async function create(
  request: RestRequest,
  { tokens }: RestContext,
  account: Account,
  body: z.output<typeof createBody>,
) {
  if (!account.active) throw new GatewayError('caller_invalid_state', `'${account.userName}' is not active.`);
  const createdBy = request.principal?.userName;
  const made = await tokens.create(account, {
    comment: body.comment,
    lifetimeSeconds: body.lifetime_seconds,
    scopes: body.scopes,
    createdBy: createdBy === account.userName ? undefined : createdBy,
  });
  const info = {
    token_id: made.id,
    creation_time: made.createdAt,
    expiry_time: made.expiresAt ?? -1,
    comment: body.comment ?? '',
  };
  request.noteChange({ target: `tokens/${made.id}`, after: { ...info, owner: account.userName, scopes: body.scopes } });
  return { status: 200, body: { token_value: made.token, token_info: info } };
}

/**
 * The life a new token may have: a personal access token makes none that outlives it. The one left out is its own.
 * @throws GatewayError `policy_forbidden`
 */
async function withinOwnLife(
  { principal }: RestRequest,
  tokens: AccessTokens,
  wished: number | undefined,
): Promise<number | undefined> {
  if (principal?.authMode !== 'PAT') return wished;
  const own = await tokens.get(principal.tokenId);
  if (own === undefined) throw new GatewayError('policy_forbidden', 'The token that asks is not known any more.');
  if (own.expiresAt === null) return wished;
  const left = Math.floor((own.expiresAt - Date.now()) / 1000);
  if (left < 1 || (wished ?? left) > left) {
    throw new GatewayError(
      'policy_forbidden',
      `The token that asks expires in ${Math.max(0, left)} seconds, and makes none that lives longer. Sign in instead.`,
    );
  }
  return wished ?? left;
}

async function revoke(request: RestRequest, tokens: AccessTokens, directory: AccountDirectory, token: TokenInfo) {
  // Revoked already is revoked.
  await tokens.revoke(token.id);
  request.noteChange({ target: `tokens/${token.id}`, before: adminInfo(token, tokens, directory) });
  return { status: 200, body: {} };
}

function callerOf({ principal }: RestRequest, directory: AccountDirectory): Account {
  const account = principal === undefined ? undefined : directory.byId(principal.id);
  if (account === undefined) throw new GatewayError('caller_unauthenticated', 'A token is required.');
  return account;
}

function isValid({ revokedAt, expiresAt }: TokenInfo): boolean {
  return revokedAt === null && (expiresAt === null || expiresAt > Date.now());
}

function publicInfo(token: TokenInfo) {
  return {
    token_id: token.id,
    creation_time: token.createdAt,
    expiry_time: token.expiresAt ?? -1,
    comment: token.comment ?? '',
  };
}

function adminInfo(token: TokenInfo, tokens: AccessTokens, directory: AccountDirectory) {
  const owner = tokens.ownerOf(token);
  const creator = token.createdBy === null ? owner : directory.byName(token.createdBy);
  return {
    ...publicInfo(token),
    created_by_id: creator?.id ?? '',
    created_by_username: token.createdBy ?? owner?.userName ?? token.userName,
    owner_id: owner?.id ?? '',
    owner_username: owner?.userName ?? token.userName,
    ...(token.lastUsedAt === null ? {} : { last_used_day: Math.floor(token.lastUsedAt / 86_400_000) * 86_400_000 }),
    ...(token.scopes === null ? {} : { scopes: token.scopes }),
    ...(token.revokedAt === null ? {} : { revoked_time: token.revokedAt }),
  };
}

function noToken(id: string): GatewayError {
  return new GatewayError('caller_not_found', `There is no token with the id '${id.slice(0, 64)}'.`);
}
