import { z } from 'zod';
import { GatewayError } from '../../errors/gateway-error.ts';
import { DirectoryError } from '../../identity/directory-error.ts';
import type { Principal } from '../../identity/principal.ts';
import { servicePrincipals, users } from '../../identity/scim/account-kinds.ts';
import { canonical, type ScimObject } from '../../identity/scim/attributes.ts';
import { groups } from '../../identity/scim/group-kind.ts';
import { patched, type PatchOperation } from '../../identity/scim/patch.ts';
import type { ResourceKind } from '../../identity/scim/resource-kind.ts';
import { isAdmin } from '../../unity/caller.ts';
import type { RestRequest, RestRoute } from '../rest-route.ts';
import { listAnswer, listParameters, requireVersion, resourceAnswer, scimAnswer, shown } from './scim-answers.ts';

/** Where SCIM is served: the vendor's workspace path, and that of its account console. */
export const scimBases = [
  { base: '/api/2.0/preview/scim/v2', word: '' },
  { base: '/api/2.0/account/scim/v2', word: 'Account' },
] as const;

/** Attributes that only admins see: who else is in a group. */
const FOR_ADMINS: readonly string[] = ['members'];
const MAX_OPERATIONS = 1_000;
/** Members that an audit event names at most. */
const AUDITED_MEMBERS = 100;

const resourceBody = z
  .looseObject({ schemas: z.array(z.string().max(256)).max(20).optional() })
  .describe('The resource (RFC 7643). Attributes that the gateway does not keep are passed over.');

const patchBody = z.object({
  schemas: z.array(z.string().max(256)).max(20).optional(),
  Operations: z
    .array(
      z.object({
        op: z
          .string()
          .transform((op) => op.toLowerCase())
          .pipe(z.enum(['add', 'replace', 'remove'])),
        path: z.string().optional(),
        value: z.unknown().optional(),
      }),
    )
    .min(1)
    .max(MAX_OPERATIONS),
});

const resourceAnswerSchema = z.looseObject({ id: z.string(), schemas: z.array(z.string()) });
const listAnswerSchema = z.object({
  schemas: z.array(z.string()),
  totalResults: z.number(),
  startIndex: z.number(),
  itemsPerPage: z.number(),
  Resources: z.array(resourceAnswerSchema),
});

/** Users, groups and service principals for provisioning (RFC 7644). */
export const scimResourceRoutes: readonly RestRoute[] = scimBases.flatMap(({ base, word }) => [
  ...resourceRoutes(users, base, word),
  ...resourceRoutes(groups, base, word),
  ...resourceRoutes(servicePrincipals, base, word),
]);

function resourceRoutes<T>(kind: ResourceKind<T>, base: string, word: string): readonly RestRoute[] {
  const { name } = kind.schema;
  const collection = `${base}/${kind.endpoint}`;
  const one = `${collection}/{id}`;
  const shared = { tag: 'scim', answer: resourceAnswerSchema } as const;
  const change = { ...shared, access: 'admin' } as const;
  return [
    {
      method: 'GET',
      path: collection,
      errorShape: 'scim',
      describe: {
        ...shared,
        id: `list${word}${kind.endpoint}`,
        summary: `Lists ${kind.endpoint}; who is not an admin sees their own only.`,
        access: 'user',
        query: listParameters,
        answer: listAnswerSchema,
      },
      handle(request, { directory }) {
        const caller = callerOf(request);
        const all = kind.all(directory);
        if (isAdmin(caller)) return listAnswer(kind, directory, all, request, base);
        const own = all.filter((item) => kind.isOwn(directory, item, caller.id));
        return listAnswer(kind, directory, own, request, base, FOR_ADMINS);
      },
    },
    {
      method: 'GET',
      path: one,
      errorShape: 'scim',
      describe: { ...shared, id: `get${word}${name}`, summary: `Shows one of ${kind.endpoint}.`, access: 'user' },
      handle(request, { directory }) {
        const caller = callerOf(request);
        const item = isAdmin(caller) ? kind.find(directory, idOf(request)) : undefined;
        const own = item ?? kind.all(directory).find((any) => kind.idOf(any) === idOf(request));
        if (own === undefined || (item === undefined && !kind.isOwn(directory, own, caller.id))) {
          throw new GatewayError('policy_forbidden', "Only members of the group 'admins' may look at others.");
        }
        const wants = (attribute: string): boolean => isAdmin(caller) || !FOR_ADMINS.includes(attribute);
        return resourceAnswer(request, shown(kind, directory, own, base, wants));
      },
    },
    {
      method: 'POST',
      path: collection,
      errorShape: 'scim',
      describe: {
        ...change,
        id: `create${word}${name}`,
        summary: `Adds to ${kind.endpoint}.`,
        body: resourceBody,
        status: 201,
      },
      async handle(request, { directory }) {
        const given = canonical(parsed(resourceBody, request.body), kind.schema.attributes);
        const item = await kind.create(directory, given);
        const resource = shown(kind, directory, item, base);
        request.noteChange({ target: kind.targetOf(item), after: audited(resource) });
        return resourceAnswer(request, resource, 201);
      },
    },
    {
      method: 'PUT',
      path: one,
      errorShape: 'scim',
      describe: {
        ...change,
        id: `replace${word}${name}`,
        summary: `Replaces one of ${kind.endpoint}.`,
        body: resourceBody,
      },
      handle: (request, { directory }) =>
        changed(
          request,
          (before) => {
            const given = canonical(parsed(resourceBody, request.body), kind.schema.attributes);
            // Who says nothing of members does not mean to empty the group.
            return kind.schema.name === 'Group' && given['members'] === undefined
              ? { ...given, members: before['members'] }
              : given;
          },
          directory,
        ),
    },
    {
      method: 'PATCH',
      path: one,
      errorShape: 'scim',
      describe: { ...change, id: `patch${word}${name}`, summary: `Changes one of ${kind.endpoint}.`, body: patchBody },
      handle: (request, { directory }) =>
        changed(
          request,
          (before) => patched(before, parsed(patchBody, request.body).Operations as PatchOperation[], kind.schema),
          directory,
        ),
    },
    {
      method: 'DELETE',
      path: one,
      errorShape: 'scim',
      describe: {
        tag: 'scim',
        access: 'admin',
        id: `delete${word}${name}`,
        summary: `Deletes one of ${kind.endpoint}; what it held ends at once.`,
        status: 204,
      },
      async handle(request, { directory }) {
        const item = kind.find(directory, idOf(request));
        const before = shown(kind, directory, item, base);
        requireVersion(request, before);
        await kind.remove(directory, item);
        request.noteChange({ target: kind.targetOf(item), before: audited(before) });
        return scimAnswer(204, undefined);
      },
    },
  ];

  async function changed(
    request: RestRequest,
    next: (before: ScimObject) => ScimObject,
    directory: Parameters<typeof kind.find>[0],
  ) {
    const item = kind.find(directory, idOf(request));
    const before = shown(kind, directory, item, base);
    requireVersion(request, before);
    const changedItem = await kind.replace(directory, item, before, next(before));
    const after = shown(kind, directory, changedItem, base);
    request.noteChange({ target: kind.targetOf(item), ...difference(before, after) });
    return resourceAnswer(request, after);
  }
}

function callerOf({ principal }: RestRequest): Principal {
  if (principal === undefined) throw new GatewayError('caller_unauthenticated', 'A token is required.');
  return principal;
}

function idOf({ params }: RestRequest): string {
  return params['id'] ?? '';
}

function parsed<T>(schema: z.ZodType<T>, body: unknown): T {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const where = issue?.path.map(String).join('.') || 'body';
  throw new DirectoryError('invalidSyntax', `${where.slice(0, 100)}: ${issue?.message ?? 'is malformed'}.`);
}

/** What the audit log keeps of a resource. */
function audited(resource: ScimObject): ScimObject {
  const { meta: _, schemas: __, entitlements: ___, ...rest } = resource;
  const members = rest['members'];
  return Array.isArray(members) ? { ...rest, members: members.slice(0, AUDITED_MEMBERS) as unknown[] } : rest;
}

/** Before and after; of the members of a group only those who left and came. */
function difference(before: ScimObject, after: ScimObject): { before: ScimObject; after: ScimObject } {
  const [old, now] = [before['members'], after['members']];
  if (!Array.isArray(old) || !Array.isArray(now)) return { before: audited(before), after: audited(after) };
  const idsOf = (list: readonly unknown[]): Set<unknown> => new Set(list.map((one) => (one as ScimObject)['value']));
  const [oldIds, nowIds] = [idsOf(old), idsOf(now)];
  const without = (list: readonly unknown[], ids: Set<unknown>): unknown[] =>
    list.filter((one) => !ids.has((one as ScimObject)['value']));
  return {
    before: audited({ ...before, members: without(old, nowIds) }),
    after: audited({ ...after, members: without(now, oldIds) }),
  };
}
